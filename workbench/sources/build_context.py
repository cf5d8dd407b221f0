"""Reads the folder that is a build's context: its entries after `.dockerignore`, and digests of their content."""

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from workbench.errors import Stopped, UsageError
from workbench.measure.dockerignore import Dockerignore, Matched
from workbench.measure.text import printable
from workbench.model.build import Builder
from workbench.model.build_context import ContextEntry, ContextKind, ContextListing, ContextPart

MOST_ENTRIES = 200_000
"""Of those that pass `.dockerignore`."""
MOST_LEFT_OUT = 200_000
"""Of those below folders of which nothing is kept: they are looked at for their size alone."""
MOST_SIFTED = 1_000_000
"""Of those that are left out one by one, each asked of the patterns."""
MOST_HASHED_BYTES = 4 << 30
"""Beyond, a file is told by its size and time: reading more takes longer than many a build."""
_HEEDED_EVERY = 256
"""Entries of one folder after which it is looked whether to stop."""
_LARGEST_IGNORE_FILE = 1 << 20
_PIECE = 1 << 20


def read_ignore_file(context: Path, dockerfile: Path, builder: Builder) -> tuple[str, str]:
    """Name and text of the file with the patterns; both empty when there is none.

    With BuildKit `NAME.dockerignore` beside the Dockerfile wins over `.dockerignore` in the context; the classic
    builder knows only the latter.

    Raises:
        UsageError: when it cannot be read.
    """
    beside = [dockerfile.with_name(f"{dockerfile.name}.dockerignore")] if builder == "buildx" else []
    for file in (*beside, context / ".dockerignore"):
        try:
            with file.open("rb") as opened:
                return file.name, opened.read(_LARGEST_IGNORE_FILE).decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            continue
        except OSError as error:
            raise UsageError(f"{printable(str(file))} cannot be read: {error.strerror}") from None
    return "", ""


def patterns_of(context: Path, dockerfile: Path, builder: Builder) -> tuple[str, Dockerignore]:
    """The name of the file with the patterns, and the patterns.

    Raises:
        UsageError: when it cannot be read, or builders would refuse it.
    """
    name, text = read_ignore_file(context, dockerfile, builder)
    try:
        return name, Dockerignore(text)
    except ValueError as error:
        raise UsageError(f"{printable(name)}: {printable(str(error))}") from None


def read_context(
    context: Path,
    dockerfile: Path,
    stop: Event | None = None,
    *,
    builder: Builder = "buildx",
    weighs_left_out: bool = True,
) -> ContextListing:
    """Every entry of a context; never follows a link, and ends after 200,000 entries that are kept.

    Args:
        context: The folder.
        dockerfile: Beside which there may be patterns of its own.
        stop: Set to end it.
        builder: For which it is meant.
        weighs_left_out: Whether to look into folders of which nothing is kept; else they have no size.

    Raises:
        UsageError: when it is no folder, or its `.dockerignore` is no good.
        Stopped: when told to stop.
    """
    name, patterns = patterns_of(context, dockerfile, builder)
    walk = _Walk(context, patterns, stop or Event(), weighs_left_out=weighs_left_out)
    walk.everything()
    left_out = tuple(
        ContextPart(path, size, files, is_folder, is_sent=False)
        for path, (size, files, is_folder) in sorted(walk.left_out.items())
    )
    entries = dict(sorted(walk.entries.items()))
    return ContextListing(entries, left_out, name, walk.is_complete, walk.unreadable, walk.is_weighed)


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to walk."""

    path: str
    matched: Matched
    outermost: str
    """The outermost folder that is left out with all above it; empty when none is."""
    nothing_kept: bool
    """Whether no pattern can keep anything below."""


class _Walk:
    def __init__(self, root: Path, patterns: Dockerignore, stop: Event, *, weighs_left_out: bool) -> None:
        self._root = root
        self._patterns = patterns
        self._stop = stop
        self._sifted = 0
        self._weighed = 0
        self.entries: dict[str, ContextEntry] = {}
        self.left_out: dict[str, tuple[int, int, bool]] = {}
        """Bytes, files, and whether it is a folder, of the outermost paths that are left out."""
        self.unreadable = 0
        self.is_complete = True
        """Whether all that is kept was found."""
        self.is_weighed = weighs_left_out
        """Whether all that is left out was looked at."""

    def everything(self) -> None:
        """Take everything; without recursion, for folders may be deep."""
        waiting = [_Folder("", (), "", nothing_kept=False)]
        while waiting and self.is_complete:
            folder = waiting.pop()
            if self.is_weighed or not folder.nothing_kept:
                waiting += self._look_into(folder)

    def _look_into(self, folder: _Folder) -> list[_Folder]:
        """Take what stands in one folder, and return the folders in it."""
        self._heed_stop()
        below = []
        try:
            with os.scandir(self._root / folder.path) as found:
                for number, entry in enumerate(found, 1):
                    if number % _HEEDED_EVERY == 0:
                        self._heed_stop()
                    inner = self._take(entry, folder)
                    if inner is not None:
                        below.append(inner)
                    if self._is_enough(folder):
                        break
        except OSError:
            if not folder.path:
                raise UsageError(f"{printable(str(self._root))} is no folder that can be read") from None
            self.unreadable += 1
        return below

    def _heed_stop(self) -> None:
        if self._stop.is_set():
            raise Stopped("stopped while the context was read")

    def _is_enough(self, folder: _Folder) -> bool:
        """Whether a limit is passed beyond which a folder is not looked at any further."""
        if folder.nothing_kept:
            self.is_weighed = self._weighed <= MOST_LEFT_OUT
            return not self.is_weighed
        self.is_complete = len(self.entries) <= MOST_ENTRIES and self._sifted <= MOST_SIFTED
        return not self.is_complete

    def _take(self, entry: "os.DirEntry[str]", folder: _Folder) -> _Folder | None:
        """Note one entry, and return what is to be walked below it."""
        path = f"{folder.path}/{entry.name}" if folder.path else entry.name
        try:
            status = entry.stat(follow_symlinks=False)
            kind = _kind(status.st_mode)
            target = str(Path(entry.path).readlink()) if kind == "link" else ""
        except OSError:  # gone meanwhile
            return None
        if kind is None:
            return None
        left_out, matched = (True, folder.matched) if folder.nothing_kept else self._patterns.look(path, folder.matched)
        size = status.st_size if kind == "file" else 0
        if not left_out:
            self.entries[path] = ContextEntry(
                path, kind, stat.S_IMODE(status.st_mode), size, target, status.st_mtime_ns
            )
            if folder.outermost:
                self._keep_parents(path)
            return _Folder(path, matched, "", nothing_kept=False) if kind == "folder" else None
        self._weighed += folder.nothing_kept
        self._sifted += not folder.nothing_kept
        first = folder.outermost or path
        held, files, is_folder = self.left_out.get(first, (0, 0, kind == "folder" or bool(folder.outermost)))
        self.left_out[first] = (held + size, files + (kind == "file"), is_folder)
        if kind != "folder":
            return None
        return _Folder(path, matched, first, folder.nothing_kept or not self._patterns.may_keep_below(path))

    def _keep_parents(self, path: str) -> None:
        """What is kept below a folder that is left out brings the folder itself along."""
        parent = path.rpartition("/")[0]
        while parent and parent not in self.entries:
            try:
                status = (self._root / parent).stat(follow_symlinks=False)
            except OSError:
                return
            self.entries[parent] = ContextEntry(parent, "folder", stat.S_IMODE(status.st_mode), 0)
            parent = parent.rpartition("/")[0]


def _kind(mode: int) -> ContextKind | None:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else None


class ContextDigests:
    """Digests of a context's entries, each read once.

    Args:
        context: The folder.
        stop: Set to end it.
        tell: Told how many bytes were read so far.
    """

    def __init__(self, context: Path, stop: Event | None = None, tell: Callable[[int], object] | None = None) -> None:
        self._root = context
        self._stop = stop or Event()
        self._tell = tell
        self._known: dict[str, str] = {}
        self.read_bytes = 0
        self.problems: list[str] = []
        """Why some digests say less than they should."""

    def __call__(self, entry: ContextEntry) -> str:
        """Digest of kind, permissions, and content or target; neither of owner nor of times.

        Raises:
            Stopped: when told to stop.
        """
        known = self._known.get(entry.path)
        if known is None:
            about = f"{entry.kind} {entry.mode:o} {entry.target}"
            content = self._content(entry) if entry.kind == "file" else ""
            known = hashlib.sha256(f"{about}\n{content}".encode("utf-8", "surrogateescape")).hexdigest()
            self._known[entry.path] = known
        return known

    def _content(self, entry: ContextEntry) -> str:
        if self.read_bytes + entry.size > MOST_HASHED_BYTES:
            self._say("the context is so large that some files are told by size and time alone")
            return f"{entry.size} {entry.modified_ns}"
        digest = hashlib.blake2b(digest_size=20)
        try:
            descriptor = os.open(self._root / entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                while piece := file.read(_PIECE):
                    if self._stop.is_set():
                        raise Stopped("stopped while the context was read")
                    digest.update(piece)
                    self.read_bytes += len(piece)
                    if self._tell is not None:
                        self._tell(self.read_bytes)
        except OSError as error:
            self._say(f"{printable(entry.path)} cannot be read: {error.strerror}")
            return f"{entry.size} {entry.modified_ns}"
        return digest.hexdigest()

    def _say(self, problem: str) -> None:
        if problem not in self.problems and len(self.problems) < 10:
            self.problems.append(problem)
