"""What was worked out of an image comes back whole, or not at all."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.measure.image_building import image, shipped
from tests.workbench.measure.layer_building import Row, file, hard_link, layers, opaque, whiteout
from tests.workbench.measure.test_overlay import ROWS
from workbench.measure.analysis import Worked, work_out
from workbench.model.image_index import ImageFinding, ImageIndex, KeptBodies
from workbench.sources import analysis_cache
from workbench.sources.analysis_cache import AnalysisCache

STACK: tuple[dict[str, str | bytes | Row], ...] = (
    {
        "etc/a": file("etc/a", 700, "one"),
        "etc/ä\udcff": file("etc/ä\udcff", 300, "two"),
        "opt/copy": file("opt/copy", 700, "one"),
        "site-packages/x-1.dist-info/RECORD": "x/x.py,,\nx-1.dist-info/RECORD,,\n",
        "site-packages/x/x.py": "print()\n",
    },
    {
        "etc/a": file("etc/a", 700, "one"),
        "etc/hard": hard_link("etc/hard", "etc/a"),
        "etc/ä\udcff": whiteout("etc/ä\udcff"),
        "site-packages/x": opaque("site-packages/x"),
    },
)
FINDING = ImageFinding("some_check", "low", "it is large", "make it small", 5, 1, "RUN x", ("a", "b"), (3, 4), (0,))


def made() -> tuple[ImageIndex, list[KeptBodies], Worked]:
    stack, contents = shipped(*STACK)
    return image(stack), contents, work_out(stack, contents)


def same(one: Worked, other: Worked) -> None:
    assert one == other
    ours, theirs = one.overlay.children, other.overlay.children
    assert [(node, list(below.items())) for node, below in ours.items()] == [
        (node, list(below.items())) for node, below in theirs.items()
    ]


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    index, contents, worked = made()
    assert worked.ownership.packages
    assert {hidden.kind for hidden in worked.overlay.hidden} == {"removed", "copied_up"}
    assert worked.overlay.links
    assert AnalysisCache(tmp_path).load(index, contents) is None
    AnalysisCache(tmp_path).save(index, contents, worked, "key", [FINDING])
    found = AnalysisCache(tmp_path).load(index, contents)
    assert found is not None
    same(found[0], worked)
    assert found[1:] == ("key", (FINDING,))
    assert [path.stat().st_mode & 0o077 for path in tmp_path.iterdir()] == [0]


@given(st.lists(st.lists(ROWS, max_size=8), min_size=1, max_size=6))
@settings(deadline=None)
def test_any_layers_come_back(tmp_path_factory: pytest.TempPathFactory, rows: list[list[tuple[str, ...]]]) -> None:
    stack = layers(*rows)
    cache, index, worked = AnalysisCache(tmp_path_factory.getbasetemp() / "any"), image(stack), work_out(stack)
    cache.save(index, (), worked)
    found = cache.load(index, ())
    assert found is not None
    same(found[0], worked)


def test_many_names_come_back(tmp_path: Path) -> None:
    stack = layers([file(f"{'d' * 90}/{'ä' * 60}{number}", 1, str(number)) for number in range(12_000)])
    cache, index, worked = AnalysisCache(tmp_path), image(stack), work_out(stack)
    cache.save(index, (), worked)
    found = cache.load(index, ())
    assert found is not None
    same(found[0], worked)


def test_it_holds_for_these_layers_databases_and_this_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index, contents, worked = made()
    cache = AnalysisCache(tmp_path)
    cache.save(index, contents, worked)
    assert cache.load(image(list(index.layers[:1])), contents[:1]) is None
    assert cache.load(image(list(index.layers[::-1])), contents) is None
    assert cache.load(index, []) is None
    monkeypatch.setattr(analysis_cache, "_code", lambda: "another version")
    assert cache.load(index, contents) is None


def test_an_edited_module_is_other_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "checks").mkdir()
    check = tmp_path / "checks" / "check.py"
    check.write_text("")
    monkeypatch.setattr(analysis_cache, "__file__", str(tmp_path / "sources" / "analysis_cache.py"))
    analysis_cache._code.cache_clear()
    try:
        before = analysis_cache._code()
        analysis_cache._code.cache_clear()
        assert analysis_cache._code() == before
        check.write_text("another")
        analysis_cache._code.cache_clear()
        assert analysis_cache._code() != before
    finally:
        analysis_cache._code.cache_clear()


@given(st.data())
@settings(deadline=None)
def test_changed_bytes_change_nothing_unnoticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("changed")
    index, contents, worked = made()
    cache = AnalysisCache(folder)
    cache.save(index, contents, worked, "key", [FINDING])
    (path,) = folder.iterdir()
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    else:
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    path.write_bytes(content)
    found = cache.load(index, contents)
    if found is not None:  # the checksum itself may be gone
        same(found[0], worked)
        assert found[1:] == ("key", (FINDING,))


def test_names_that_are_not_text_cannot_be_kept_among_duplicates_and_that_is_all(tmp_path: Path) -> None:
    stack = layers([file("a\udcff", 500, "one"), file("b", 500, "one")])
    index, worked = image(stack), work_out(stack)
    AnalysisCache(tmp_path).save(index, (), worked)
    assert AnalysisCache(tmp_path).load(index, ()) is None
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    index, contents, worked = made()
    cache = AnalysisCache(tmp_path / "file" / "analyses")
    cache.save(index, contents, worked)
    assert cache.load(index, contents) is None


def test_what_is_larger_than_the_cache_is_not_kept(tmp_path: Path) -> None:
    index, contents, worked = made()
    AnalysisCache(tmp_path, most_bytes=100).save(index, contents, worked)
    assert list(tmp_path.iterdir()) == []
