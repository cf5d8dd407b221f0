"""The borders, at run time and on paper: who may import whom, and what is not imported before it is needed."""

import ast
import os
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import workbench

ROOT = Path(workbench.__file__).parents[1]
TERMINAL = ("textual", "screens")
"""What only the screens may load."""
HEAVY = (
    "textual",
    "screens",
    "rich",
    "docker",
    "requests",
    "psutil",
    "pynvml",
    "msgspec",
    "memray",
    "line_profiler",
    "sqlite3",
)
"""What `--version` and `--help` can do without."""
WORLD = ("docker", "requests", "psutil", "pynvml", "memray", "line_profiler", "sqlite3")
"""The engine's libraries, which the screens never name."""
MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(workbench.__path__, "workbench.")
    if found.name != "workbench.__main__"
)


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after running some code."""
    report = "import sys; print('\\nLOADED', *sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        cwd=ROOT,
        env={**os.environ, "DOCKER_HOST": "unix:///nowhere.sock"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("LOADED ")[2].split())


def test_modules_are_found() -> None:
    assert {"workbench.session", "workbench.cli.doctor", "workbench.sources.engine"} <= set(MODULES)


def test_the_whole_engine_loads_without_a_terminal() -> None:
    """Every module of the engine in one interpreter: nothing of them reaches the screens."""
    code = "import importlib\n" + "\n".join(f"importlib.import_module({name!r})" for name in MODULES)
    assert not loaded_by(code) & set(TERMINAL)


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_load_nothing_heavy(option: str) -> None:
    code = f"""
import sys
from workbench.__main__ import main
sys.argv = ["workbench", {option!r}]
try:
    main()
except SystemExit as left:
    assert not left.code, left.code
"""
    assert not loaded_by(code) & set(HEAVY)


def test_opening_the_screens_loads_none_of_the_engines_libraries() -> None:
    assert not loaded_by("import screens.app") & set(WORLD)


def test_modes_are_loaded_when_they_are_shown() -> None:
    code = "import sys, screens.app\nprint('\\nMODES', *[name for name in sys.modules if name.startswith('screens.')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    named = set(done.stdout.rpartition("MODES ")[2].split())
    assert not {name for name in named if ".panes" in name or name.endswith(".screen")}


def test_what_builds_and_profiles_are_made_of_is_loaded_with_the_first_of_them() -> None:
    code = """
import sys, screens.app
from workbench.session import Session
from workbench.settings import Settings
Session.demo(Settings()).close()
print('\\nLOADED', *sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = [name for name in done.stdout.rpartition("LOADED")[2].split() if name.startswith("workbench.")]
    ours = {name for name in loaded if any(word in name for word in ("build", "dockerfile", "profile", "flame"))}
    assert ours == {"workbench.session_builds", "workbench.session_profiles"}


def imports_of(file: Path) -> set[str]:
    """Every module that a file imports anywhere, in functions too, but not for type checkers alone."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def importers(folder: Path, names: Iterable[str]) -> set[str]:
    """The files of a folder that import one of these packages."""
    wanted = set(names)
    return {
        str(file.relative_to(ROOT))
        for file in folder.rglob("*.py")
        if {name.split(".")[0] for name in imports_of(file)} & wanted
    }


def test_rich_is_imported_by_the_headless_front_alone() -> None:
    assert not {name for name in importers(ROOT / "workbench", ["rich"]) if not name.startswith("workbench/cli/")}


def test_textual_is_imported_by_the_screens_alone() -> None:
    assert importers(ROOT / "workbench", ["textual"]) == set()


def test_the_screens_are_imported_by_one_file_inside_a_function() -> None:
    assert importers(ROOT / "workbench", ["screens"]) == {"workbench/__main__.py"}
    top = ast.parse((ROOT / "workbench/__main__.py").read_text(encoding="utf-8")).body
    assert not [node for node in top if isinstance(node, ast.ImportFrom) and "screens" in (node.module or "")]


def test_the_screens_import_none_of_the_engines_libraries() -> None:
    assert importers(ROOT / "screens", WORLD) == set()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The source tree, to plant things in."""
    for name in ("workbench", "screens"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    """Check the import contracts of a tree, its own packages before the installed ones."""
    program = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_are_kept() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "planted", "contract"),
    [
        ("workbench/model/host.py", "import textual", "The engine never imports the screens"),
        ("workbench/session.py", "from screens.app import WorkbenchApp", "The engine never imports the screens"),
        ("workbench/model/host.py", "import workbench.session", "Inside the engine, dependencies point down"),
        ("screens/fleet/rows.py", "import docker", "The screens speak to the engine, never to its libraries"),
        ("screens/fleet/rows.py", "import workbench.sources.live", "The screens never reach the engine's doors"),
        ("workbench/session.py", "import rich.table", "Rich is spoken only by the headless front"),
        ("screens/image/panes/layers.py", "import screens.image.panes.images", "Panes do not know each other"),
    ],
)
def test_a_planted_import_breaks_its_contract(copy: Path, file: str, planted: str, contract: str) -> None:
    broken = copy / file
    broken.write_text(f"{broken.read_text(encoding='utf-8')}\n{planted}\n", encoding="utf-8")
    done = lint_imports(copy)
    assert done.returncode == 1
    verdict = next(line for line in done.stdout.splitlines() if line.startswith(contract))
    assert "BROKEN" in verdict, done.stdout
