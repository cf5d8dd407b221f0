"""What is to be said of a build's context: its size with and without `.dockerignore`, and what need not be in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workbench.measure.secret_files import may_be_secret_file
from workbench.model.build_context import (
    BuildContext,
    ContextEntry,
    ContextListing,
    ContextPart,
    UnneededPart,
)

MOST_PARTS = 20
_LEAST_DATA_BYTES = 1000**2
"""Small tables are fixtures that the code may well read."""

_FOLDERS = {
    ".git": "git's own data",
    ".hg": "Mercurial's own data",
    ".svn": "Subversion's own data",
    "__pycache__": "compiled Python, which is made again",
    "node_modules": "packages that npm installs, for this machine",
    ".mypy_cache": "a tool's cache",
    ".pytest_cache": "a tool's cache",
    ".ruff_cache": "a tool's cache",
    ".hypothesis": "a tool's cache",
    ".tox": "environments of tox",
    ".nox": "environments of nox",
    ".ipynb_checkpoints": "copies of notebooks",
    ".idea": "an editor's settings",
    ".vscode": "an editor's settings",
    ".dvc": "DVC's cache",
    ".terraform": "Terraform's downloads",
    "htmlcov": "a report of coverage",
    "mlruns": "MLflow's runs",
    "wandb": "Weights & Biases' runs",
}
_ENDINGS = {
    **dict.fromkeys((".csv", ".tsv", ".parquet", ".pkl", ".pickle", ".h5", ".hdf5", ".feather", ".npz"), "data"),
    **dict.fromkeys((".sqlite3", ".db", ".dump", ".sql"), "a database"),
    **dict.fromkeys((".pth", ".pt", ".ckpt", ".safetensors", ".onnx", ".gguf"), "a model"),
    **dict.fromkeys((".tar", ".tar.gz", ".tgz", ".zip", ".7z", ".iso"), "an archive"),
    ".log": "a log",
}


@dataclass(slots=True)
class _Sum:
    bytes: int = 0
    files: int = 0
    sent: bool = False


def context_report(listing: ContextListing, sources: Iterable[str]) -> BuildContext:
    """Sizes, what is largest, and what is sent for nothing.

    Args:
        listing: The context.
        sources: What the Dockerfile's steps copy of it, relative, `.` for all: only what is in one of them can be
            unneeded, and what one of them names is needed.
    """
    files = [entry for entry in listing.entries.values() if entry.kind == "file"]
    unneeded = _unneeded(listing.entries, frozenset(sources))
    inside = tuple(f"{part.path}/" for part in unneeded)
    ranked = _largest(files, listing.left_out, {part.path for part in unneeded})
    sent_bytes, sent_files = sum(entry.size for entry in files), len(files)
    return BuildContext(
        all_bytes=sent_bytes + sum(part.bytes for part in listing.left_out),
        all_files=sent_files + sum(part.files for part in listing.left_out),
        sent_bytes=sent_bytes,
        sent_files=sent_files,
        ignore_file=listing.ignore_file,
        largest=tuple(part for part in ranked if not part.path.startswith(inside))[:MOST_PARTS],
        unneeded=unneeded,
        is_complete=listing.is_complete and listing.is_weighed,
        unreadable=listing.unreadable,
    )


def _parents(path: str) -> Iterable[str]:
    parent = path.rpartition("/")[0]
    while parent:
        yield parent
        parent = parent.rpartition("/")[0]


def _largest(
    files: Iterable[ContextEntry], left_out: Iterable[ContextPart], always: set[str]
) -> tuple[ContextPart, ...]:
    folders: dict[str, _Sum] = {}
    single: dict[str, ContextPart] = {}

    def count(path: str, size: int, number: int, *, sent: bool) -> None:
        for parent in _parents(path):
            held = folders.setdefault(parent, _Sum())
            held.bytes += size
            held.files += number
            held.sent |= sent

    for entry in files:
        single[entry.path] = ContextPart(entry.path, entry.size, 1, is_folder=False, is_sent=True)
        count(entry.path, entry.size, 1, sent=True)
    for part in left_out:
        if part.is_folder:
            held = folders.setdefault(part.path, _Sum())
            held.bytes, held.files = held.bytes + part.bytes, held.files + part.files
        else:
            single[part.path] = part
        count(part.path, part.bytes, part.files, sent=False)
    heaviest: dict[str, int] = {}
    sizes = [(path, held.bytes) for path, held in folders.items()] + [(p, part.bytes) for p, part in single.items()]
    for path, size in sizes:
        parent = path.rpartition("/")[0]
        heaviest[parent] = max(heaviest.get(parent, 0), size)
    parts = [
        ContextPart(path, held.bytes, held.files, is_folder=True, is_sent=held.sent)
        for path, held in folders.items()
        if path in always or heaviest.get(path, -1) < held.bytes  # else its one entry says the same
    ]
    ranked = sorted([*parts, *single.values()], key=lambda part: (-part.bytes, part.path))
    return tuple(part for part in ranked if part.bytes)


def _unneeded(entries: Mapping[str, ContextEntry], sources: frozenset[str]) -> tuple[UnneededPart, ...]:
    environments = {path.rpartition("/")[0] for path in entries if path.rpartition("/")[2] == "pyvenv.cfg"} - {""}
    by_pattern: dict[tuple[str, str], dict[str, _Sum]] = {}
    for entry in entries.values():
        part = _part(entry, environments) if entry.kind == "file" else None
        if part is not None and _is_swept_in(part[0], sources):
            held = by_pattern.setdefault(part[1:], {}).setdefault(part[0], _Sum())
            held.bytes += entry.size
            held.files += 1
    found = []
    for (reason, pattern), places in by_pattern.items():
        largest = max(places, key=lambda path: places[path].bytes)
        size, files = sum(held.bytes for held in places.values()), sum(held.files for held in places.values())
        found.append(UnneededPart(largest, len(places), size, files, reason, pattern))
    return tuple(sorted(found, key=lambda part: (-part.bytes, part.path))[:MOST_PARTS])


def _part(entry: ContextEntry, environments: set[str]) -> tuple[str, str, str] | None:
    """The part that a file belongs to, what that is, and the pattern that leaves it out; `None` for what is needed."""
    parts = entry.path.split("/")
    above = ""
    for name in parts[:-1]:
        above = f"{above}/{name}" if above else name
        if above in environments:
            return above, "a virtual environment, for this machine's Python", f"/{above}"
        if name in _FOLDERS:
            return above, _FOLDERS[name], f"**/{name}"
        if name.endswith(".egg-info"):
            return above, "what an installation left", "**/*.egg-info"
    name = parts[-1]
    if may_be_secret_file(entry.path):
        return entry.path, "it may hold secrets", f"**/{name}"
    if name == ".DS_Store":
        return entry.path, "the Finder's settings", "**/.DS_Store"
    if name.endswith((".pyc", ".pyo")):
        return entry.path, "compiled Python, which is made again", "**/*.py[co]"
    if entry.size < _LEAST_DATA_BYTES:
        return None
    reason = next((reason for ending, reason in _ENDINGS.items() if name.endswith(ending)), None)
    return None if reason is None else (entry.path, reason, f"/{entry.path}")


def _is_swept_in(path: str, sources: frozenset[str]) -> bool:
    """Whether a step copies a folder above it, and none names it."""
    if path in sources:
        return False
    return "." in sources or any(parent in sources for parent in _parents(path))
