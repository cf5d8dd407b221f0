"""What the code imports is what the package declares: a fresh install must not miss anything."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN = {"workbench", "screens"}
BESIDE_AN_AGENT = {"workbench_tool", "proc_facts"}
"""Modules of ours that lie on its path where it runs."""


def imported() -> set[str]:
    """The top-level names of all third-party modules that the engine or the screens import, anywhere."""
    names: set[str] = set()
    for room in OWN:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Import):
                    names |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                    names.add(node.module.split(".")[0])
    return names - OWN - BESIDE_AN_AGENT - sys.stdlib_module_names


def normal(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    """The distributions that `pip install` brings."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {normal(re.split(r"[ ;<>=\[~!]", requirement)[0]) for requirement in project["dependencies"]}


def test_everything_imported_is_declared() -> None:
    distributions = packages_distributions()
    missing = {
        name: distributions.get(name)
        for name in imported()
        if not {normal(distribution) for distribution in distributions.get(name, [])} & declared()
    }
    assert missing == {}


def test_everything_declared_is_pinned_without_an_address() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {normal(line.partition("==")[0]) for line in lines}
    assert declared() <= pinned
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!-]+", line) for line in lines)
