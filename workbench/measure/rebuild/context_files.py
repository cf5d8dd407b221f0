"""Which entries of a context a COPY, an ADD or a mount takes."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from posixpath import join, normpath

from workbench.measure.dockerignore import file_pattern
from workbench.model.build_context import ContextEntry

_MOST_LINKS = 40


class ContextFiles:
    """Looks up sources in a context.

    Args:
        entries: By path.
    """

    def __init__(self, entries: Mapping[str, ContextEntry]) -> None:
        self._entries = entries
        self._paths = sorted(entries)

    def taken(self, source: str) -> Iterator[ContextEntry]:
        """Every entry that a source names, with all below it where it is a folder.

        Args:
            source: As written, variables put in: relative to the context, maybe with wildcards.
        """
        wanted = relative(source)
        if wanted == ".":
            yield from self._entries.values()
            return
        for path in self._named(wanted):
            found = self._entries.get(self._resolved(path))
            if found is None:
                continue
            yield found
            if found.kind == "folder":
                yield from self._below(found.path)

    def _named(self, pattern: str) -> list[str]:
        if not set(pattern) & set("*?[\\"):
            return [pattern]
        try:
            matches = file_pattern(pattern)
        except ValueError:
            return []
        return [path for path in self._paths if matches(path)]

    def _below(self, folder: str) -> Iterator[ContextEntry]:
        start = f"{folder}/"
        for place in range(bisect_left(self._paths, start), len(self._paths)):
            if not self._paths[place].startswith(start):
                return
            yield self._entries[self._paths[place]]

    def _resolved(self, path: str) -> str:
        """The path that links on the way and at the end lead to, never out of the context."""
        done, waiting, links = "", path.split("/"), 0
        while waiting:
            name = waiting.pop(0)
            done = relative(join(done, name))
            entry = self._entries.get(done)
            if entry is not None and entry.kind == "link" and links < _MOST_LINKS:
                links += 1
                waiting = relative(join(done.rpartition("/")[0], entry.target)).split("/") + waiting
                done = ""
        return done


def relative(source: str) -> str:
    """A path of the context as builders clean it: `.` for all of it."""
    return normpath(f"/{source}").lstrip("/") or "."
