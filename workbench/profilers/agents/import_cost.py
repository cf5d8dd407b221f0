"""What one import costs more where Python tells its imports, by this very Python: run beside a fresh run.

It runs itself with and without and prints the difference in seconds of CPU time to its standard error. The standard
library of Python 3.7 and nothing else; no module is read from a file, so that only what is told differs.
"""

import sys
from importlib.machinery import ModuleSpec

_VARIABLE = "PYTHONPROFILEIMPORTTIME"
_NAME = "workbench_empty_"
_MODULES = 200
_TURNS = 7
_PAIRS = 3


class _Empty:
    """Finds and loads modules in which there is nothing."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> "ModuleSpec | None":
        """Its own names, and no other."""
        return ModuleSpec(name, self) if name.startswith(_NAME) else None  # type: ignore[arg-type]  # it is a loader

    def create_module(self, _spec: ModuleSpec) -> None:
        """The usual one."""

    def exec_module(self, _module: object) -> None:
        """Nothing."""


def seconds_for_an_import() -> float:
    """In this process; the middle of several turns, for what it costs to write depends on who reads meanwhile."""
    from time import process_time

    sys.meta_path.insert(0, _Empty())
    found = []
    for turn in range(_TURNS):
        began = process_time()
        for number in range(_MODULES):
            __import__(f"{_NAME}{turn}_{number}")
        found.append((process_time() - began) / _MODULES)
    return sorted(found)[_TURNS // 2]


def _in_a_process(told: str) -> float:
    import os
    import subprocess

    # What it tells goes into a pipe that is read, as in the fresh run
    ran = subprocess.run(
        [sys.executable, "-S", sys.argv[0], "once"],
        env={**os.environ, _VARIABLE: told},
        capture_output=True,
        check=True,
    )
    return float(ran.stdout)


if __name__ == "__main__":
    if sys.argv[1:] == ["once"]:
        sys.stdout.write(repr(seconds_for_an_import()))
    else:
        longer = sorted(_in_a_process("1") - _in_a_process("") for _ in range(_PAIRS))
        sys.stderr.write(repr(max(0.0, longer[_PAIRS // 2])))
