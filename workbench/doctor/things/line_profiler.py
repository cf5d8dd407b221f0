"""line_profiler: finds the line."""

from workbench.doctor.check import Check
from workbench.doctor.programs import ask_module

CHECK = Check(
    "line_profiler",
    "line_profiler",
    lambda surroundings: ask_module("line_profiler._line_profiler", "line_profiler", surroundings.environ),
    rank=13,
)
