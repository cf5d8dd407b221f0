"""Every kind of tar entry becomes the entry that Python's own tarfile sees."""

import io
import tarfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.sources.image.oracle import crc64_iso, entries
from tests.workbench.sources.image.tars import member, tar
from workbench.model.layer_index import DIRECTORY, FILE, HARDLINK, OPAQUE, SYMLINK, WHITEOUT, Entry, LayerIndex
from workbench.sources.byte_stream import Budget, ByteStream, TarError, file_stream
from workbench.sources.layer_entries import plain_path
from workbench.sources.layer_scan import scan_layer


def scanned(layer: bytes, most_entries: int = 10_000, names: int = 1 << 30) -> LayerIndex:
    class Raw(io.BytesIO):
        """Gives few bytes at a time, so that everything falls on a border once."""

        def readinto(self, buffer: Any) -> int:
            return super().readinto(memoryview(buffer)[:997])

    budget = Budget(most_entries, 1 << 30, names)
    return scan_layer(file_stream(Raw(layer)), budget).index("sha256:x")


def listed(index: LayerIndex) -> list[Entry]:
    return [index.entry(number, path) for number, path in enumerate(index.each_path())]


LONG = "d" * 90 + "/" + "é" * 200
FORMS = {"pax": tarfile.PAX_FORMAT, "gnu": tarfile.GNU_FORMAT}
CASES: dict[str, tuple[Any, ...]] = {
    "plain": (member("a"), member("a/b", b"hello", mode=0o6755, uid=5, gid=6, mtime=1_700_000_000)),
    "leading dot": (member("./"), member("./a/b/", None), member("./a/b/c", b"1")),
    "absolute": (member("/a", b"1"), member("//b//c", b"22")),
    "climbing": (member("../../a", b"1"), member("b/../../c", b"2"), member("d/./e", b"3"), member("..x", b"4")),
    "links": (
        member("s", b"", type=tarfile.SYMTYPE, linkname="../../etc/./passwd"),
        member("h", b"", type=tarfile.LNKTYPE, linkname="./a/b"),
        member("k", b"", type=tarfile.LNKTYPE, linkname="/a/b"),
    ),
    "devices": (
        member("c", b"", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
        member("b", b"", type=tarfile.BLKTYPE),
        member("p", b"", type=tarfile.FIFOTYPE),
    ),
    "whiteouts": (
        member(".wh.gone", b""),
        member("a/.wh.b", b""),
        member("a/.wh..wh..opq", b""),
        member(".wh..wh..opq", b""),
        member(".wh..wh.plnk", None),
        member("a/.wh..wh.orph", b""),
        member("a/x.wh.y", b"kept"),
    ),
    "long": (member(LONG, b"1"), member("l", b"", type=tarfile.SYMTYPE, linkname=LONG), member(f"{LONG}/f", None)),
    "a long name that is cut at a slash": (member("a" * 99 + "/bcd", b"12345"),),
    "undecodable": (member("caf\udce9", b"1"), member("l", b"", type=tarfile.SYMTYPE, linkname="\udcff")),
    "large numbers": (member("a", b"1", uid=0o7777777 + 5, gid=3_000_000_000, mtime=8_600_000_000),),
    "before 1970": (member("a", b"1", mtime=-86_400),),
    "empty": (member("a", b""),),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES)
def test_entries_are_those_that_tarfile_sees(case: str, form: str) -> None:
    layer = tar(*CASES[case], form=FORMS[form])
    assert listed(scanned(layer)) == entries(layer)


def test_kinds_and_numbers_are_these() -> None:
    layer = tar(*CASES["whiteouts"], *CASES["links"], member("f", b"123456789", mode=0o104755))
    told = [(entry.path, entry.kind, entry.link) for entry in listed(scanned(layer))]
    assert told == [
        ("gone", WHITEOUT, ""),
        ("a/b", WHITEOUT, ""),
        ("a", OPAQUE, ""),
        ("", OPAQUE, ""),
        ("a/x.wh.y", FILE, ""),
        ("s", SYMLINK, "../../etc/./passwd"),
        ("h", HARDLINK, "a/b"),
        ("k", HARDLINK, "a/b"),
        ("f", FILE, ""),
    ]
    last = listed(scanned(layer))[-1]
    assert (last.size, last.mode, last.crc) == (9, 0o4755, 0xB90956C775A41001)
    assert crc64_iso(b"123456789") == 0xB90956C775A41001  # the check value in the catalogue of CRC algorithms


def test_names_of_no_file_are_dropped() -> None:
    layer = tar(member("a/.wh.", b""), member(".wh..", b""), member("a/.wh...", b""), member("x", b"", type=b"V"))
    assert listed(scanned(layer)) == []


def test_a_folder_as_the_oldest_tar_wrote_it() -> None:
    header = bytearray(tarfile.TarInfo("old/").tobuf(tarfile.USTAR_FORMAT))
    header[156:157] = b"\0"
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 256 + sum(header[156:]))
    assert [(entry.path, entry.kind) for entry in listed(scanned(bytes(header)))] == [("old", DIRECTORY)]


def pax(records: dict[str, str], name: str, content: bytes) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.pax_headers = len(content), records
    return tar((info, content))


def test_pax_records_win() -> None:
    told = {"path": "./real", "uid": "70000", "gid": "70001", "mtime": "1700000000.75"}
    (entry,) = listed(scanned(pax(told, "short", b"abc")))
    assert entry[:7] == ("real", FILE, 0o644, 70000, 70001, 3, 1_700_000_000)
    (entry,) = listed(scanned(pax({"mtime": "-0.5"}, "a", b"")))
    assert entry.mtime == -1


def test_a_sparse_file_counts_what_is_stored() -> None:
    told = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "real",
        "GNU.sparse.realsize": "1000000",
    }
    (entry,) = listed(scanned(pax(told, "GNUSparseFile.0/real", b"1\n0\n3\nabc")))
    assert (entry.path, entry.size, entry.crc) == ("real", 9, crc64_iso(b"1\n0\n3\nabc"))


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (pax({"mtime": "soon"}, "a", b""), "time"),
        (pax({"uid": "-1"}, "a", b""), "owner"),
        (pax({"path": "a\0b"}, "a", b""), "zero byte"),
        (tar(member("a", b"1"))[:512], "cut short"),
        (tar(member("x/" * 3000, b"1")), "longer than any"),
    ],
)
def test_what_is_damaged(layer: bytes, reason: str) -> None:
    with pytest.raises(TarError, match=reason):
        scanned(layer)


def test_bounds() -> None:
    layer = tar(*(member(f"{number:0100}", b"") for number in range(50)))
    assert len(scanned(layer)) == 50
    with pytest.raises(TarError, match="more than 10 entries"):
        scanned(layer, most_entries=10)
    with pytest.raises(TarError, match="the names of its files"):
        scanned(layer, names=3000)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("", ""), (".", ""), ("./", ""), ("/", ""), ("..", ""), ("../..", ""), ("./..", ""),
        ("./../a", "a"), ("././a", "a"),
        ("a/..", ""), ("a/../..//b/", "b"), ("/./a", "a"), (".a", ".a"),
        ("a/.b", "a/.b"), ("a/...", "a/..."), ("..a/b", "..a/b"),
        (".//a", "a"), ("a/.", "a"), ("./.wh.a", ".wh.a"),
    ],
)  # fmt: skip
def test_paths(name: str, plain: str) -> None:
    assert plain_path(name) == plain


@given(st.text("./ab", max_size=12))
def test_a_path_never_climbs(name: str) -> None:
    parts = plain_path(name).split("/")
    assert plain_path(name) == "" or not {"", ".", ".."} & set(parts)
    assert plain_path(plain_path(name)) == plain_path(name)


def test_a_stream_of_one_byte_at_a_time() -> None:
    layer = tar(*CASES["plain"])
    pieces = iter([memoryview(layer[at : at + 1]) for at in range(len(layer))] + [memoryview(b"")])
    index = scan_layer(ByteStream(pieces.__next__), Budget(10, 10)).index("x")
    assert listed(index) == entries(layer)
