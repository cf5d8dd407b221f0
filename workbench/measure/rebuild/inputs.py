"""What steps take from a context, with digests; looked up once however many plans are made of it."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from workbench.measure.rebuild.context_files import ContextFiles
from workbench.measure.text import encodable
from workbench.model.build import Builder
from workbench.model.build_context import ContextEntry
from workbench.model.build_prediction import InputFile


@dataclass(frozen=True, slots=True)
class Taken:
    """What some sources name."""

    files: tuple[InputFile, ...]
    """By path."""
    digest: str
    """Of all of them."""


NOTHING = Taken((), "")
"""What a step without sources takes."""


class ContextInputs:
    """Looks up what sources take from a context.

    Args:
        entries: The context after `.dockerignore`, by path.
        digest: Of an entry's kind, mode and content.
        builder: BuildKit does not notice when nothing but a folder's permissions change; the classic builder does.
    """

    def __init__(
        self, entries: Mapping[str, ContextEntry], digest: Callable[[ContextEntry], str], builder: Builder
    ) -> None:
        self.entries = entries
        self._digest = digest
        self._heeds_folders = builder == "classic"
        self._files = ContextFiles(entries)
        self._known: dict[tuple[str, ...], Taken] = {}

    def taken(self, sources: Iterable[str]) -> Taken:
        """Everything that some sources name, each entry once."""
        wanted = tuple(sorted(set(sources)))
        if not wanted:
            return NOTHING
        known = self._known.get(wanted)
        if known is None:
            found = {entry.path: entry for source in wanted for entry in self._files.taken(source)}
            known = _taken(InputFile(encodable(path), self._digest_of(found[path])) for path in sorted(found))
            self._known[wanted] = known
        return known

    def changed(self, path: str) -> "ContextInputs":
        """The same with another content of one file, or with a file that is not there yet."""
        if path in self.entries:
            return _Changed(self, path)
        entries = dict(sorted({**self.entries, path: ContextEntry(path, "file", 0o644, 0)}.items()))
        builder: Builder = "classic" if self._heeds_folders else "buildx"
        return ContextInputs(entries, lambda entry: "new" if entry.path == path else self._digest(entry), builder)

    def _digest_of(self, entry: ContextEntry) -> str:
        if entry.kind == "folder" and not self._heeds_folders:
            entry = replace(entry, mode=0)
        return self._digest(entry)


class _Changed(ContextInputs):
    """A context in which one file is another."""

    def __init__(self, original: ContextInputs, path: str) -> None:
        self.entries = original.entries
        self._original = original
        self._path = encodable(path)

    def taken(self, sources: Iterable[str]) -> Taken:
        found = self._original.taken(sources)
        files = tuple(InputFile(file.path, "changed") if file.path == self._path else file for file in found.files)
        return found if files == found.files else _taken(files)


def _taken(files: Iterable[InputFile]) -> Taken:
    kept = tuple(files)
    digest = hashlib.sha256()
    for file in kept:
        digest.update(f"{file.path}\0{file.digest}\0".encode("utf-8", "surrogateescape"))
    return Taken(kept, digest.hexdigest())
