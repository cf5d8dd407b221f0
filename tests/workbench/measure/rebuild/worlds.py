"""Contexts and plans made of words."""

import hashlib
from collections.abc import Mapping

from workbench.measure.rebuild.plan import Facts, plan_of
from workbench.model.build import Builder
from workbench.model.build_context import ContextEntry
from workbench.model.build_prediction import BuildPlan

FILES = {"requirements.txt": "flask==1\n", "app.py": "1", "src/a.py": "2", "src/b.txt": "3", "src/deep/c.txt": "4"}


def entries(files: Mapping[str, str] = FILES) -> dict[str, ContextEntry]:
    """A context's entries; a content that begins with `->` is a link's target."""
    found: dict[str, ContextEntry] = {}
    for path, content in files.items():
        parent = path.rpartition("/")[0]
        while parent:
            found[parent] = ContextEntry(parent, "folder", 0o755, 0)
            parent = parent.rpartition("/")[0]
        if content.startswith("->"):
            found[path] = ContextEntry(path, "link", 0o777, 0, content[2:])
        else:
            found[path] = ContextEntry(path, "file", 0o644, len(content))
    return dict(sorted(found.items()))


def facts(
    files: Mapping[str, str] = FILES,
    builder: Builder = "buildx",
    arguments: Mapping[str, str] | None = None,
    bases: Mapping[str, str] | None = None,
    target: str = "",
) -> Facts:
    """What a plan is made of."""

    def digest(entry: ContextEntry) -> str:
        return hashlib.sha256(f"{entry.mode} {files.get(entry.path, '')}".encode()).hexdigest()

    return Facts(builder, entries(files), digest, arguments or {}, target, bases or {})


def plan(text: str, files: Mapping[str, str] = FILES, **more: object) -> BuildPlan:
    """The plan of a Dockerfile."""
    return plan_of(text, facts(files, **more))  # type: ignore[arg-type]
