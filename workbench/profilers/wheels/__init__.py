"""memray and line_profiler for a target's own Python: their wheels, kept here and filled through pip."""

from workbench.profilers.wheels.choice import Tool, Wanted, refusal, wanted_for
from workbench.profilers.wheels.tool import distributions, kept_or_fetched, tool_files

__all__ = ["Tool", "Wanted", "distributions", "kept_or_fetched", "refusal", "tool_files", "wanted_for"]
