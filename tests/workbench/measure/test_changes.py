"""What each layer did, path by path, against a file system kept in a dict; and what that reads like."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.measure.layer_building import (
    file,
    folder,
    hard_link,
    layer,
    layers,
    opaque,
    symlink,
    whiteout,
)
from workbench.measure.changes import LayerChanges, layer_changes, standing_after
from workbench.measure.file_history import file_history, in_words
from workbench.measure.overlay import Overlay, stack
from workbench.model.layer_index import Entry, LayerIndexBuilder


def marks(overlay: Overlay, changes: LayerChanges) -> dict[str, str]:
    return {
        overlay.path(node): chr(mark)
        for node, mark in zip(changes.nodes, changes.marks, strict=True)
        if chr(mark) != " "
    }


def told(*stacked: list[Any]) -> list[dict[str, str]]:
    overlay = stack(layers(*stacked))
    return [marks(overlay, changes) for changes in layer_changes(overlay)]


def history(path: str, *stacked: list[Any]) -> str:
    overlay = stack(layers(*stacked))
    node = overlay.find(path)
    assert node is not None
    return in_words(file_history(overlay, layer_changes(overlay), node))


def test_added_modified_removed_copied_up() -> None:
    assert told(
        [folder("a"), file("a/x", 5, "one"), file("a/y", 5, "two"), file("a/z", 5, "three")],
        [folder("a"), file("a/x", 5, "other"), file("a/y", 5, "two"), whiteout("a/z"), file("a/new", 1, "n")],
    ) == [
        {"a": "A", "a/x": "A", "a/y": "A", "a/z": "A"},
        {"a/x": "M", "a/y": "C", "a/z": "R", "a/new": "A"},
    ]


def test_a_removed_directory_takes_everything_with_it() -> None:
    assert told([file("d/e/f", 1), file("d/g", 1)], [whiteout("d")])[1] == {
        "d": "R",
        "d/e": "R",
        "d/e/f": "R",
        "d/g": "R",
    }


def test_an_opaque_directory_removes_what_it_does_not_bring_again() -> None:
    assert told([file("d/keep", 3, "same"), file("d/gone", 1)], [folder("d"), opaque("d"), file("d/keep", 3, "same")])[
        1
    ] == {"d/keep": "C", "d/gone": "R"}


def test_what_is_replaced_by_another_type_is_modified_and_loses_what_was_in_it() -> None:
    assert told([file("d/x", 1)], [file("d", 1)])[1] == {"d": "M", "d/x": "R"}
    assert told([file("d", 1)], [folder("d"), file("d/x", 1)])[1] == {"d": "M", "d/x": "A"}


def test_a_whiteout_of_what_was_never_there_changes_nothing() -> None:
    assert told([file("a", 1)], [whiteout("b"), whiteout("c/d")])[1] == {}


def test_links_are_modified_when_they_point_elsewhere() -> None:
    assert told(
        [symlink("l", "a"), symlink("m", "a"), file("f", 1), hard_link("h", "f")],
        [symlink("l", "b"), symlink("m", "a")],
    )[1] == {"l": "M", "m": "C"}


def test_bytes_of_a_layer_add_up_to_what_the_overlay_says() -> None:
    overlay = stack(layers([file("a/b", 7, "1"), file("c", 3, "2")], [file("a/b", 9, "3"), whiteout("c")]))
    for number, changes in enumerate(layer_changes(overlay)):
        top = changes.at(0)
        assert top is not None
        assert top.shipped == overlay.per_layer[number].shipped
        assert top.hidden == sum(hidden.size for hidden in overlay.hidden if hidden.hidden_by == number)


def test_a_path_that_no_layer_touched_has_no_change() -> None:
    overlay = stack(layers([file("a", 1), file("b", 1)], [file("b", 1)]))
    node = overlay.find("a")
    assert node is not None
    assert layer_changes(overlay)[1].at(node) is None


PATHS = st.sampled_from(["a", "b", "a/x", "a/y", "b/x", "a/x/p", "a/x/q", "b/x/p"])
ROWS = st.one_of(
    st.builds(file, PATHS, st.integers(0, 3), st.sampled_from(["1", "2"])),
    st.builds(folder, PATHS),
    st.builds(whiteout, PATHS),
    st.builds(opaque, PATHS),
    st.builds(symlink, PATHS, st.sampled_from(["t", "u"])),
)


def unambiguous(rows: list[Any]) -> list[Any]:
    """One entry for each path, so that the order in the archive means nothing but for directories first."""
    seen: dict[str, Any] = {}
    for row in rows:
        seen.setdefault(row[1], row)
    kept = []
    for row in sorted(seen.values(), key=lambda row: row[1]):
        above = [seen.get(row[1][:place]) for place, letter in enumerate(row[1]) if letter == "/"]
        if all(each is None or each[0] in "do" for each in above):
            kept.append(row)
    return kept


def apply(state: dict[str, Any], rows: list[Any]) -> None:
    """One layer on a file system that is a dict of paths, removals first."""
    for kind, path, *_ in rows:
        if kind in "wo":
            for other in list(state):
                if other.startswith(f"{path}/") or (kind == "w" and other == path):
                    del state[other]
    for row in rows:
        kind, path, *_ = row
        if kind in "wo":
            continue
        parts = path.split("/")
        for depth in range(1, len(parts)):
            above = "/".join(parts[:depth])
            if above not in state or state[above][0] != "d":
                state[above] = folder(above)
        if kind != "d":
            for other in list(state):
                if other.startswith(f"{path}/"):
                    del state[other]
        state[path] = row


@settings(deadline=None)
@given(st.lists(st.lists(ROWS, max_size=5).map(unambiguous), min_size=1, max_size=4))
def test_what_was_added_and_removed_is_what_a_dict_says(stacked: list[list[Any]]) -> None:
    state: dict[str, Any] = {}
    found = told(*stacked)
    for number, rows in enumerate(stacked):
        before = dict(state)
        apply(state, rows)
        came = {path for path in state if path not in before}
        went = {path for path in before if path not in state}
        assert {path for path, mark in found[number].items() if mark == "A"} == came
        assert {path for path, mark in found[number].items() if mark == "R"} == went


@settings(deadline=None)
@given(st.lists(st.lists(ROWS, max_size=5).map(unambiguous), min_size=1, max_size=4))
def test_what_stands_after_a_layer_is_what_a_dict_says(stacked: list[list[Any]]) -> None:
    state: dict[str, Any] = {}
    overlay = stack(layers(*stacked))
    changes = layer_changes(overlay)
    for number, rows in enumerate(stacked):
        apply(state, rows)
        standing = standing_after(changes, number, len(overlay.names))
        there = {overlay.path(node): size for node, size in enumerate(standing) if node and size >= 0}
        assert set(there) == set(state)
        assert all(there[path] == row[2] for path, row in state.items() if row[0] == "f")


def test_the_history_of_a_file_reads_as_a_sentence() -> None:
    def step(mode: int, uid: int, mtime: int = 0, size: int = 3, crc: int = 9) -> Any:
        builder = LayerIndexBuilder()
        builder.add(Entry("f", ord("f"), mode, uid, 0, size, mtime, "", crc))
        return builder.build(f"sha256:{mode}{uid}{mtime}{size}")

    stacked = [
        step(0o644, 0),
        step(0o644, 7),
        step(0o600, 0),
        step(0o600, 0, mtime=5),
        step(0o600, 0, mtime=5),
        step(0o600, 0, size=4, crc=3),
        layer(whiteout("f")),
        layer(file("f", 1)),
    ]
    overlay = stack(stacked)
    node = overlay.find("f")
    assert node is not None
    assert in_words(file_history(overlay, layer_changes(overlay), node)) == (
        "written by 0, chowned by 1, chowned and chmodded by 2, touched by 3, written again by 4, overwritten by 5, "
        "deleted by 6, written by 7"
    )


def test_history_of_other_things() -> None:
    assert history("d", [folder("d")], [whiteout("d")]) == "made by 0, deleted by 1"
    assert history("l", [symlink("l", "a")], [symlink("l", "b")]) == "linked by 0, pointed elsewhere by 1"
    assert history("d", [folder("d")], [file("d", 1)]) == "made by 0, replaced with a file by 1"
    assert history("d/e", [file("d/e", 1)], [whiteout("d")]) == "written by 0, deleted by 1"


def test_a_very_deep_tree_is_no_trouble() -> None:
    path = "/".join(["d"] * 3000)
    assert len(told([file(path, 1)], [whiteout("d")])[1]) == 3000
