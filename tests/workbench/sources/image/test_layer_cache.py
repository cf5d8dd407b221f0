"""The cache gives back what it was given or nothing, and stays within its bound."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.sources.image.tars import BASE, CODE, columns, member, tar
from tests.workbench.sources.image.test_layer_entries import CASES, scanned
from workbench.model.layer_index import LayerIndex
from workbench.sources.kept import KeptFiles
from workbench.sources.layer_cache import LayerCache


def named(layer: bytes, name: str) -> LayerIndex:
    index = scanned(layer)
    return LayerIndex(f"sha256:{name * 64}", *columns(index)[1:])


def kept() -> KeptFiles:
    files = KeptFiles(complete=False)
    files.keep("var/lib/dpkg/status", b"Package: a\n" * 100)
    files.keep("\udcff/x.dist-info/RECORD", b"")
    return files


@pytest.mark.parametrize("case", CASES)
def test_what_is_saved_comes_back(tmp_path: Path, case: str) -> None:
    index, files = named(tar(*CASES[case]), "a"), kept()
    assert LayerCache(tmp_path).load(index.diff_id) is None
    LayerCache(tmp_path).save(index, files)
    found = LayerCache(tmp_path).load(index.diff_id)
    assert found is not None
    assert columns(found[0]) == columns(index)
    assert (dict(found[1]), found[1].complete) == (dict(files), False)
    assert (tmp_path / ("a" * 64)).stat().st_mode & 0o077 == 0


def test_a_damaged_or_foreign_file_is_nothing_and_is_replaced(tmp_path: Path) -> None:
    cache = LayerCache(tmp_path)
    index, other = named(BASE, "a"), named(CODE, "b")
    cache.save(index, kept())
    cache.save(other, kept())
    path = tmp_path / ("a" * 64)
    whole = path.read_bytes()
    bad = [b"", whole[:-1], whole + b"x", whole[:100], b"workbench layer 0" + whole[17:], bytes(len(whole))]
    bad.append((tmp_path / ("b" * 64)).read_bytes())
    for content in bad:
        path.write_bytes(content)
        assert cache.load(index.diff_id) is None
        cache.save(index, kept())
        assert cache.load(index.diff_id) is not None


@given(st.data())
def test_changed_bytes_are_noticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    cache = LayerCache(tmp_path_factory.getbasetemp() / "layers")
    index = named(BASE, "c")
    cache.save(index, kept())
    path = tmp_path_factory.getbasetemp() / "layers" / ("c" * 64)
    content = bytearray(path.read_bytes())
    place, bits = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(1, 255))
    content[place] ^= bits
    path.write_bytes(content)
    assert cache.load(index.diff_id) is None


@pytest.mark.parametrize("diff_id", ["", "sha256:", "sha256:../../x", "md5:" + "a" * 64, "sha256:" + "A" * 64])
def test_what_is_no_digest_has_no_file(tmp_path: Path, diff_id: str) -> None:
    cache = LayerCache(tmp_path / "layers")
    index = LayerIndex(diff_id, *columns(scanned(BASE))[1:])
    cache.save(index, kept())
    assert cache.load(diff_id) is None
    assert not (tmp_path / "layers").exists()


def test_the_longest_unused_go_first(tmp_path: Path) -> None:
    names = "abcdef"
    size = len(_saved(tmp_path / "one", "a").read_bytes())
    cache = LayerCache(tmp_path / "many", most_bytes=4 * size + size // 2)
    for moment, name in enumerate(names):
        _saved(tmp_path / "many", name, cache)
        os.utime(tmp_path / "many" / (name * 64), (moment, moment))
        assert cache.load("sha256:" + "a" * 64) is not None  # used again and again
        os.utime(tmp_path / "many" / ("a" * 64), (100 + moment, 100 + moment))
    assert [name for name in names if cache.load(f"sha256:{name * 64}")] == ["a", "d", "e", "f"]


def test_what_killed_writers_left_goes(tmp_path: Path) -> None:
    (tmp_path / ".new-old").write_bytes(b"x")
    (tmp_path / ".new-young").write_bytes(b"x")
    os.utime(tmp_path / ".new-old", (0, 0))
    _saved(tmp_path, "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".new-young", "a" * 64]


def test_a_directory_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = LayerCache(tmp_path / "file" / "layers")
    cache.save(named(BASE, "a"), kept())
    assert cache.load("sha256:" + "a" * 64) is None


def test_a_layer_that_is_larger_than_the_cache_is_not_kept(tmp_path: Path) -> None:
    LayerCache(tmp_path / "x", most_bytes=100).save(named(BASE, "a"), kept())
    assert not (tmp_path / "x").exists()


WRITER = """
import sys
from pathlib import Path
from tests.workbench.sources.image.test_layer_cache import kept, named
from tests.workbench.sources.image.tars import BASE
from workbench.sources.layer_cache import LayerCache
folder = Path(sys.argv[1])
indexes = [named(BASE, name) for name in "abcd"]
cache = LayerCache(folder, most_bytes=3 * 2**10)
for _ in range(60):
    for index in indexes:
        cache.save(index, kept())
        found = cache.load(index.diff_id)
        assert found is None or found[0] == index
"""


def test_two_processes_at_once(tmp_path: Path) -> None:
    root = Path(__file__).parents[4]
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], cwd=root, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for writer in writers:
        _, said = writer.communicate()
        assert (writer.returncode, said) == (0, b"")
    assert not list(tmp_path.glob(".new-*"))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 3 * 2**10


def _saved(folder: Path, name: str, cache: LayerCache | None = None) -> Path:
    (cache or LayerCache(folder)).save(named(tar(member("a", b"1")), name), KeptFiles())
    return folder / (name * 64)
