"""The contract of a pane: one module that defines `PANE`, in its place, knowing no other pane."""

import ast
import pkgutil
from importlib import import_module
from pathlib import Path

import pytest

import screens
from screens.pane import Pane, discover

ROOT = Path(screens.__file__).parent
PACKAGES = sorted(f"screens.{folder.parent.name}.panes" for folder in ROOT.glob("*/panes"))
MODULES = [
    f"{package}.{found.name}" for package in PACKAGES for found in pkgutil.iter_modules(import_module(package).__path__)
]


def test_there_are_panes() -> None:
    assert {"screens.fleet.panes.containers", "screens.image.panes.layers"} <= set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_a_pane_module_defines_its_pane(module: str) -> None:
    pane = import_module(module).PANE
    assert issubclass(pane, Pane)
    assert pane.__module__ == module
    assert isinstance(vars(pane).get("ORDER"), int)
    assert pane.__doc__


@pytest.mark.parametrize("module", MODULES)
def test_a_pane_imports_no_pane(module: str) -> None:
    tree = ast.parse(Path(import_module(module).__file__ or "").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert not {name for name in imported if ".panes" in name}


@pytest.mark.parametrize("package", PACKAGES)
def test_panes_of_a_mode_are_found_in_their_order(package: str) -> None:
    found = discover(import_module(package))
    assert len(found) == sum(module.startswith(f"{package}.") for module in MODULES)
    orders = [pane.ORDER for pane in found]
    assert orders == sorted(set(orders)), "no two panes want the same place"
