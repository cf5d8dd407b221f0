"""Debian packages: dpkg's status and file lists, and the one-file-per-package form of distroless images."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from workbench.measure.ownership.databases import Database
from workbench.measure.ownership.installed import Installed, Key

_STATUS = "var/lib/dpkg/status"
_INFO = "var/lib/dpkg/info/"
_SINGLE = "var/lib/dpkg/status.d/"
_FIELD = re.compile(rb"^(Package|Status|Version|Architecture):[ \t]*([^\n]{0,512})", re.MULTILINE)


def deb_packages(databases: Sequence[Database], last: int, information: Iterable[str] = ()) -> list[Installed]:
    """Every version of every Debian package.

    Args:
        databases: Of the image.
        last: Number of the image's layers.
        information: Names of the files in dpkg's `info` directory; each belongs to its package.
    """
    statuses = [one for one in databases if one.path == _STATUS]
    lists = [one for one in databases if one.path.startswith(_INFO)]
    notes: dict[str, list[str]] = {}
    for name in information:
        notes.setdefault(name.rpartition(".")[0], []).append(_INFO + name)
    by_package: dict[str, list[Database]] = {}
    for one in lists:
        by_package.setdefault(one.path[len(_INFO) : -len(".list")], []).append(one)
    found = [*_of_status(statuses, by_package, notes, last), *_single(databases)]
    known = {one.key for one in found}
    for label, versions in by_package.items():
        if Key("deb", "", label) in known or Key("deb", "", label.partition(":")[0]) in known:
            continue
        # Without a status that can be read, its list is all there is of a package.
        key = Key("deb", "", label.partition(":")[0])
        for version in versions:
            files = partial(_files, (version,), tuple(notes.get(label, ())))
            found.append(Installed(key, "", version.since, version.until, files))
    return found


def _of_status(
    statuses: Sequence[Database], lists: dict[str, list[Database]], notes: dict[str, list[str]], last: int
) -> Iterator[Installed]:
    complete = all(one.is_kept for one in statuses)
    spans: dict[str, list[tuple[str, str, int, int]]] = {}
    for status in statuses:
        for name, label, version in _read_status(status.body or b""):
            open_spans = spans.setdefault(name, [])
            if open_spans and open_spans[-1][1] == version and open_spans[-1][3] == status.since:
                open_spans[-1] = (label, version, open_spans[-1][2], status.until)
            else:
                open_spans.append((label, version, status.since, status.until))
    for name, versions in spans.items():
        for label, version, since, until in versions:
            of_package = lists.get(label) or lists.get(name) or []
            if not complete and until == last and of_package:
                since = of_package[-1].since
            own = tuple(one for one in of_package if one.since < until and one.until > since)
            known = complete or bool(of_package)
            yield Installed(
                Key("deb", "", name),
                version,
                since,
                until,
                partial(_files, own, tuple(notes.get(label, ()) or notes.get(name, ()))),
                since_is_known=known,
            )


def _read_status(body: bytes) -> Iterator[tuple[str, str, str]]:
    """Name, label of its files in `info`, version, of every package that is installed."""
    rows = []
    natives: dict[str, int] = {}
    for stanza in body.split(b"\n\n"):
        fields = {key: value.strip() for key, value in _FIELD.findall(stanza)}
        if b"Package" not in fields or not fields.get(b"Status", b"install ok installed").endswith(b" installed"):
            continue
        name, version, architecture = (
            fields.get(key, b"").decode("utf-8", "replace") for key in (b"Package", b"Version", b"Architecture")
        )
        natives[architecture] = natives.get(architecture, 0) + 1
        rows.append((name, version, architecture))
    natives.pop("all", None)
    native = max(natives, key=lambda one: natives[one], default="")
    for name, version, architecture in rows:
        foreign = architecture not in (native, "all", "")
        yield (f"{name}:{architecture}" if foreign else name), f"{name}:{architecture}", version


def _single(databases: Sequence[Database]) -> Iterator[Installed]:
    sums = {(one.path, one.since): one for one in databases if one.path.endswith(".md5sums")}
    for one in databases:
        if not one.path.startswith(_SINGLE) or one.path.endswith(".md5sums"):
            continue
        fields = {key: value.strip().decode("utf-8", "replace") for key, value in _FIELD.findall(one.body or b"")}
        name = fields.get(b"Package") or one.path[len(_SINGLE) :]
        listed = sums.get((f"{one.path}.md5sums", one.since))
        files = partial(_summed, one.path, listed)
        yield Installed(Key("deb", "", name), fields.get(b"Version", ""), one.since, one.until, files)


def _files(lists: Sequence[Database], notes: Sequence[str]) -> Iterator[str]:
    for one in lists:
        for line in (one.body or b"").split(b"\n"):
            if line.startswith(b"/") and len(line) > 2:
                yield line[1:].decode("utf-8", "surrogateescape")
    yield from notes


def _summed(path: str, sums: Database | None) -> Iterator[str]:
    yield path
    if sums is None:
        return
    yield sums.path
    for line in (sums.body or b"").split(b"\n"):
        _, gap, listed = line.partition(b"  ")
        if gap and listed:
            yield listed.removeprefix(b"./").lstrip(b"/").decode("utf-8", "surrogateescape")
