"""Files out of a container: whole, bounded, and what there is room for is kept."""

import io
import tarfile
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.errors import EngineError
from workbench.sources.container_files import TooLarge, folders_of, gather, get_file, tar_of


def engine(archive: bytes, piece: int = 700) -> Any:
    """Answers with an archive, piece by piece; how much of it was taken is in `taken`."""
    told = SimpleNamespace(taken=0)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(archive), piece):
            told.taken += piece
            yield archive[start : start + piece]

    told.get_archive = lambda *_: (pieces(), {})
    return told


def test_what_there_is_room_for_is_kept_whole() -> None:
    files = {"out/a": (b"a" * 900, 0o644), "out/large": (b"b" * 5000, 0o644), "out/c": (b"c", 0o644)}
    found = gather(engine(tar_of(files, {"out": 0o755}, {"out/pipe": 0o644})), "x", "/out", 2000)
    assert found.files == {"out/a": b"a" * 900, "out/c": b"c"}
    assert found.left_out == 1


def test_an_endless_file_is_not_read_to_its_end() -> None:
    client = engine(tar_of({"a": (b"a", 0o644), "endless": (b"0" * 10_000_000, 0o644)}, {}, {}))
    found = gather(client, "x", "/out", 1000, most_files=10)
    assert (found.files, found.left_out) == ({"a": b"a"}, 1)
    assert client.taken < 50_000


def test_who_gives_up_keeps_what_came() -> None:
    archive = tar_of({"a": (b"a", 0o644), "b": (b"b" * 5000, 0o644)}, {}, {})
    found = gather(engine(archive), "x", "/out", 1 << 20, goes_on=lambda came: came < 3000)
    assert (found.files, found.left_out) == ({"a": b"a"}, 1)


def test_only_so_many_entries_are_looked_at() -> None:
    archive = tar_of({str(number): (b"", 0o644) for number in range(9)}, {}, {})
    found = gather(engine(archive), "x", "/out", 1 << 20, most_files=4)
    assert (len(found.files), found.left_out) == (4, 1)


def test_one_file() -> None:
    archive = tar_of({"a": (b"abc", 0o644)}, {}, {})
    assert get_file(engine(archive), "x", "/a", 3) == b"abc"
    with pytest.raises(TooLarge, match="/a holds more than is read of it"):
        get_file(engine(archive), "x", "/a", 2)
    with pytest.raises(EngineError, match="/a is no regular file"):
        get_file(engine(tar_of({}, {"a": 0o755}, {})), "x", "/a", 3)


def test_what_is_no_archive_is_an_error() -> None:
    with pytest.raises(EngineError, match="archive of /out cannot be read"):
        gather(engine(b"x" * 2000), "x", "/out", 1 << 20)
    whole = tar_of({"a": (b"a" * 3000, 0o644)}, {}, {})
    with pytest.raises(EngineError, match="archive of /out cannot be read"):
        gather(engine(whole[:1500]), "x", "/out", 1 << 20)


def test_links_are_passed_over() -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/shadow"
        archive.addfile(link)
    assert gather(engine(made.getvalue()), "x", "/out", 1 << 20).files == {}


def test_folders_of_files_come_parents_first() -> None:
    assert list(folders_of(["b/c/d", "a", "b/e", "b/c/f"])) == ["b", "b/c"]
