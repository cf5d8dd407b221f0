"""What `python -X importtime` writes, as a tree of modules.

Format: CPython, Python/import.c, `import_find_and_load`: a line when a module is done, its importer's after it and two
blanks less deep: `import time: self [us] | cumulative | imported package`.
"""

import re
from dataclasses import dataclass, field

from workbench.measure.flame.building import TreeBuilder
from workbench.model.frame_tree import FrameTree, Place

_LINE = re.compile(r"import time:\s{0,16}(\d{1,12}) \|\s{0,16}(\d{1,12}) \| ( {0,400})(\S{1,500})\s*$")
MOST_MODULES = 100_000
_DEEPEST = 200
_ROUNDING_SECONDS = 2e-6
"""Per module: both figures are cut to whole microseconds."""


@dataclass(slots=True)
class ImportedModule:
    """One module and what it imported first."""

    name: str
    own_seconds: float
    total_seconds: float
    depth: int
    below: list["ImportedModule"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ImportTimes:
    """All that was imported."""

    tree: FrameTree
    modules: int
    seconds: float
    """Of all of them, each counted once."""
    is_mixed: bool
    """Whether lines of several processes are mixed, so that a module may stand below a wrong one."""


def import_times(text: str) -> ImportTimes:
    """Read a program's standard error; lines that are something else are passed over."""
    waiting: list[ImportedModule] = []
    modules = 0
    is_mixed = False
    for line in text.splitlines():
        found = _LINE.search(line)
        if found is None or modules >= MOST_MODULES:
            continue
        modules += 1
        depth = min(len(found[3]) // 2, _DEEPEST)
        module = ImportedModule(found[4], int(found[1]) / 1e6, int(found[2]) / 1e6, depth)
        while waiting and waiting[-1].depth > depth:
            module.below.append(waiting.pop())
        module.below.reverse()
        summed = module.own_seconds + sum(one.total_seconds for one in module.below)
        error = _ROUNDING_SECONDS * (2 + len(module.below))
        is_mixed = is_mixed or abs(summed - module.total_seconds) > error
        waiting.append(module)
    builder = TreeBuilder()
    path: list[int] = []
    pending = [(module, 0) for module in reversed(waiting)]
    while pending:
        module, depth = pending.pop()
        del path[depth:]
        path.append(builder.intern(Place(module.name)))
        builder.stack(path, module.own_seconds)
        pending += [(one, depth + 1) for one in reversed(module.below)]
    return ImportTimes(builder.finish(), modules, sum(one.total_seconds for one in waiting), is_mixed)
