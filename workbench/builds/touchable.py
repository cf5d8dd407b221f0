"""Which file of a context to change, so that a build after it is one after a change of the source."""

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from docker.utils.build import PatternMatcher

from workbench.measure.dockerfile import parse

_SOURCES = frozenset(
    {".c", ".cc", ".cpp", ".cs", ".ex", ".go", ".java", ".js", ".kt", ".php", ".py", ".rb", ".rs", ".scala", ".ts"}
)
_BESIDE = frozenset({"test", "tests", "docs", "examples", "notebooks", "node_modules", "vendor", "migrations"})
"""Folders whose files nobody means by the source."""
_MOST_FILES = 100_000
_LARGEST_LIST = 1 << 20


def source_files(context: Path, dockerfile: Path) -> tuple[str, ...]:
    """Source files that the Dockerfile copies, those nearest to the context's root first, the largest of them first.

    Args:
        context: Its folder.
        dockerfile: What is built.
    """
    wanted = tuple(_copied(_read(dockerfile)))
    ignored: Any = _ignored(context, dockerfile)  # its stub asks for what it does not take
    found = [
        path
        for path in _walk(context)
        if any(_is_below(path, pattern) for pattern in wanted) and not ignored.matches(path)
    ]
    return tuple(sorted(found, key=lambda path: (path.count("/"), -(context / path).lstat().st_size, path)))


def _walk(context: Path) -> Iterator[str]:
    seen = 0
    for folder, folders, files in os.walk(context):
        folders[:] = sorted(name for name in folders if name not in _BESIDE and not name.startswith((".", "_")))
        for name in files:
            seen += 1
            if seen > _MOST_FILES:
                return
            if Path(name).suffix in _SOURCES and not Path(folder, name).is_symlink():
                yield Path(folder, name).relative_to(context).as_posix()


def _copied(text: str) -> Iterator[str]:
    """What COPY and ADD take from the context."""
    for stage in parse(text):
        for step in stage.steps:
            words = step.rest.replace(",", " ").replace("[", " ").replace("]", " ").replace('"', " ").split()
            if step.word in {"COPY", "ADD"} and not any(word.startswith("--from") for word in words):
                yield from [word for word in words if not word.startswith("--")][:-1]


def _is_below(path: str, pattern: str) -> bool:
    """Whether a COPY of the pattern takes the file along."""
    wanted = PurePosixPath(pattern.lstrip("/")).as_posix()
    if wanted == ".":
        return True
    parts, asked = PurePosixPath(path).parts, PurePosixPath(wanted).parts
    return len(parts) >= len(asked) and all(map(fnmatch, parts, asked))


def _ignored(context: Path, dockerfile: Path) -> PatternMatcher:
    """The patterns that the builder goes by: those of this Dockerfile, else those of the context."""
    own = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
    lines = _read(own if own.is_file() else context / ".dockerignore").splitlines()
    return PatternMatcher([line.strip() for line in lines if line.strip() and not line.startswith("#")])


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_LIST).decode("utf-8", "replace")
    except OSError:
        return ""
