"""What has to lie where a target's Python can import it."""

import re
from collections.abc import Mapping
from threading import Event

from workbench.model.probe import ProcessFacts
from workbench.profilers.wheels.choice import Tool, Wanted, pinned, requirement, wanted_for
from workbench.profilers.wheels.fetching import Heard, fetch
from workbench.profilers.wheels.kept import Wheel, files_of, kept_wheel

_NEEDED = {
    "memray": re.compile(
        r"memray/_\w+\.(?:py|[\w-]+\.so)|memray/_ipython/__init__\.py|memray\.libs/[\w.+-]+"
        r"|memray/reporters/(?:__init__|module_tools)\.py"
    ),
    "line_profiler": re.compile(r"line_profiler/(?:_\w+\.py|_line_profiler\.[\w-]+\.so)|line_profiler\.libs/[\w.+-]+"),
    "typing_extensions": re.compile(r"typing_extensions\.py"),
}
_NEEDLESS = re.compile(r"/(?:_test|_test_utils|_inject|__main__)\.")
_STAND_INS = {
    "memray": {
        "rich/__init__.py": b"print = print\n",
        "rich/progress.py": b"Progress = SpinnerColumn = object\n",
    },
    "line_profiler": {"line_profiler/__init__.py": b""},
}
"""For what is imported and not used: memray prints nothing there; of line_profiler the compiled module is enough."""


def tool_files(tool: Tool, process: ProcessFacts, stop: Event, heard: Heard) -> Mapping[str, bytes]:
    """The files of a tool for a process's Python, to be put under one folder of its `sys.path`; blocks.

    They come from the kept wheels, which pip fills when there is none that fits. `memray`, or
    `line_profiler._line_profiler`, is to be imported from that folder alone, whatever the program has itself; the
    folder is to be appended for as long as that takes, since the stand-ins must not hide the program's own `rich` and
    `typing_extensions`. What was imported from it without being the tool's goes from `sys.modules`.

    Args:
        tool: Which.
        process: Whose Python.
        stop: Set to give up.
        heard: Told in words while something is fetched.

    Raises:
        Impossible: when there is no wheel that fits, with the reason and what does work.
        Stopped: when it was given up.
        WorkbenchError: when it cannot be fetched.
    """
    wanted = wanted_for(tool, process)
    found: dict[str, bytes] = {}
    for name in distributions(tool):
        wheel = kept_or_fetched(name, wanted, stop, heard)
        found.update(files_of(wheel, needed=_NEEDED[name], needless=_NEEDLESS))
    return found | _STAND_INS[tool]


def distributions(tool: Tool) -> tuple[str, ...]:
    """What a tool is made of."""
    return ("memray", "typing_extensions") if tool == "memray" else (tool,)


def kept_or_fetched(name: str, wanted: Wanted, stop: Event, heard: Heard) -> Wheel:
    """A wheel of a distribution that fits; see `tool_files`."""
    return kept_wheel(name, pinned(name), wanted) or fetch(requirement(name), wanted, stop, heard)
