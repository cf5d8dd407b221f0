"""Load generators on PATH, for measuring a service harder than the workbench itself does."""

import shutil

from workbench.doctor.check import Check, Surroundings
from workbench.model.doctor import Finding
from workbench.sources.docker_errors import as_root

_TOOLS = ("wrk", "hey", "h2load", "locust")


def _examine(surroundings: Surroundings) -> Finding:
    path = surroundings.environ.get("PATH", "")
    there = [tool for tool in _TOOLS if shutil.which(tool, path=path)]
    if not there:
        return Finding("missing", f"none of {', '.join(_TOOLS)} on PATH", as_root("apt-get install wrk"))
    others = [tool for tool in _TOOLS if tool not in there]
    return Finding("fine", ", ".join(there) + (f" (not {', '.join(others)})" if others else ""))


CHECK = Check("load-tools", "load tools", _examine, rank=30)
