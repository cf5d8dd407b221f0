"""What a profiler cost in its run, in words."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.profilers.base import Recorded


def cost(recorded: "Recorded") -> str:
    """A clause: `the profiler took 7.2% of a core`."""
    percent = recorded.overhead_percent
    if percent is None:
        return "what the profiler cost was not measured"
    if recorded.profiler == "py-spy":
        return f"the profiler took {percent:.1f}% of a core"
    return f"the profiler made it about {percent:.{1 if percent < 10 else 0}f}% slower"
