from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.measure.layer_building import (
    Row,
    file,
    folder,
    hard_link,
    layers,
    opaque,
    symlink,
    whiteout,
)
from tests.workbench.measure.slow_overlay import apply
from workbench.measure.overlay import Overlay, stack
from workbench.model.layer_index import DIRECTORY, FILE, SYMLINK, WHITEOUT

BIG = 1000


def agree(rows: list[list[Row]]) -> Overlay:
    """The overlay, after each of its numbers was found to be the oracle's."""
    overlay = stack(layers(*rows))
    truth = apply(rows)
    assert overlay.shipped_bytes == truth.shipped
    assert overlay.final_bytes == truth.final
    assert overlay.hidden_bytes() == truth.shipped - truth.final
    for kind in ("removed", "overwritten", "copied_up"):
        assert overlay.hidden_bytes(kind) == getattr(truth, kind), kind
    assert [(one.shipped, one.contribution, one.hidden) for one in overlay.per_layer] == truth.layers
    found = sorted((h.size, h.kind, h.written_by, h.hidden_by) for h in overlay.hidden)
    assert found == sorted(h[1:] for h in truth.hidden.values())
    possible = [(h[0], h[1:]) for h in truth.hidden.values()]
    for hidden in overlay.hidden:
        match = next(
            (one for one in possible if overlay.path(hidden.node) in one[0] and one[1] == tuple(hidden[1:])), None
        )
        assert match is not None, hidden
        possible.remove(match)
    alive = {overlay.path(node) for node in range(len(overlay.names)) if overlay.alive[node]}
    assert alive == set(truth.tree)
    for node in range(len(overlay.names)):
        if not overlay.alive[node]:
            assert overlay.size(node) == 0
            assert overlay.entry(node) is None
            continue
        kind, what = truth.tree[overlay.path(node)]
        assert bool(overlay.is_directory[node]) == (kind == "d")
        entry = overlay.entry(node)
        if kind == "d":
            assert entry is None or entry.kind == DIRECTORY
        else:
            assert entry is not None
            assert entry.kind != DIRECTORY
        body = (overlay.body_layer[node], overlay.body_number[node])
        assert body == (what if kind == "f" and what is not None else (-1, -1))
    counted = [overlay.size(node) for node in overlay.live_files()]
    assert sum(counted) == truth.final
    assert len(counted) == len({w for k, w in truth.tree.values() if k == "f" and w is not None})
    return overlay


# Each case: layers, then final, removed, overwritten, copied_up by hand.
GOLDENS: dict[str, tuple[list[list[Row]], int, int, int, int]] = {
    "file rewritten": ([[file("a", 10, "old")], [file("a", 30, "new")]], 30, 0, 10, 0),
    "file rewritten twice": ([[file("a", 1, "1")], [file("a", 2, "2")], [file("a", 4, "3")]], 4, 0, 3, 0),
    "file removed": ([[file("d/a", 10)], [whiteout("d/a")]], 0, 10, 0, 0),
    "directory removed": ([[folder("d"), file("d/a", 10), file("d/e/b", 5)], [whiteout("d")]], 0, 15, 0, 0),
    "opaque directory": (
        [[file("d/a", 10), file("d/e/b", 5)], [folder("d"), opaque("d"), file("d/c", 3)]],
        3,
        15,
        0,
        0,
    ),
    "opaque after its files in the tar": ([[file("d/a", 10)], [file("d/a", 7, "n"), opaque("d")]], 7, 10, 0, 0),
    "root opaque": ([[file("a", 10), file("d/b", 5)], [opaque(""), file("a", 1)]], 1, 15, 0, 0),
    "chmod only": ([[file("a", 10, "same")], [file("a", 10, "same")]], 10, 0, 0, 10),
    "same size, other content": ([[file("a", 10, "one")], [file("a", 10, "two")]], 10, 0, 10, 0),
    "symlink retargeted": ([[file("t", 10), symlink("l", "t")], [symlink("l", "u")]], 10, 0, 0, 0),
    "hard-link pair copied again": (
        [[file("a", 10), hard_link("b", "a")], [file("a", 10), hard_link("b", "a")]],
        10,
        0,
        0,
        10,
    ),
    "one of a hard-link pair removed": ([[file("a", 10), hard_link("b", "a")], [whiteout("a")]], 10, 0, 0, 0),
    "both of a hard-link pair removed": (
        [[file("a", 10), hard_link("b", "a")], [whiteout("a")], [whiteout("b")]],
        0,
        10,
        0,
        0,
    ),
    "one of a hard-link pair copied up": (
        [[file("a", 10), hard_link("b", "a")], [file("a", 10)]],
        20,
        0,
        0,
        0,
    ),
    "hard link to a lower layer": ([[file("a", 10)], [hard_link("b", "a"), file("c", 1)]], 11, 0, 0, 0),
    "hard link to nothing": ([[file("a", 10)], [hard_link("a", "missing")]], 0, 0, 10, 0),
    "hard link to itself": ([[file("a", 10)], [hard_link("a", "a")]], 10, 0, 0, 0),
    "hard link into the directory it replaces": ([[file("d/a", 10)], [hard_link("d", "d/a")]], 0, 10, 0, 0),
    "hard link replaced by equal content": (
        [[file("a", 10), hard_link("b", "a")], [file("b", 10)], [file("a", 10)]],
        20,
        0,
        0,
        10,
    ),
    "same content at another path": ([[file("a", 10, "s")], [file("b", 10, "s")]], 20, 0, 0, 0),
    "whiteout of a missing path, then a rewrite": (
        [[file("z", 10, "old")], [whiteout("a"), file("z", 20, "new")]],
        20,
        0,
        10,
        0,
    ),
    "a rewrite, then a whiteout of a missing path": (
        [[file("a", 10, "old")], [file("a", 20, "new"), whiteout("z")]],
        20,
        0,
        10,
        0,
    ),
    "whiteout and rewrite of one path": ([[file("a", 10, "s")], [whiteout("a"), file("a", 10, "s")]], 10, 10, 0, 0),
    "rewrite and whiteout of one path": ([[file("a", 10, "s")], [file("a", 10, "s"), whiteout("a")]], 10, 10, 0, 0),
    "removed, then there again": ([[file("a", 10)], [whiteout("a")], [file("a", 10)]], 10, 10, 0, 0),
    "file to directory and back": (
        [[file("a", 10, "1")], [folder("a"), file("a/b", 5)], [file("a", 10, "1")]],
        10,
        5,
        10,
        0,
    ),
    "file to directory by a child alone": ([[file("a", 10)], [file("a/b", 5)]], 5, 0, 10, 0),
    "directory to file": ([[file("d/a", 10), file("d/e/b", 3)], [file("d", 5)]], 5, 13, 0, 0),
    "symlink to directory": ([[symlink("l", "t")], [folder("l"), file("l/a", 5)]], 5, 0, 0, 0),
    "directory to symlink": ([[file("d/a", 5)], [symlink("d", "t")]], 0, 5, 0, 0),
    "file to symlink": ([[file("a", 5)], [symlink("a", "t")]], 0, 0, 5, 0),
    "directory listed again": ([[folder("d"), file("d/a", 5)], [folder("d")]], 5, 0, 0, 0),
    "duplicate entries in one tar": ([[file("a", 10, "1"), file("a", 20, "2"), file("a", 20, "2")]], 20, 0, 10, 20),
    "a file that claims to be the root": ([[file("a", 10), file("", 7)]], 10, 0, 7, 0),
    "whiteout of the root": ([[file("a", 10)], [whiteout("")]], 10, 0, 0, 0),
    "empty files": ([[file("a"), file("b")], [whiteout("a")]], 0, 0, 0, 0),
    "nothing": ([[], []], 0, 0, 0, 0),
}


@pytest.mark.parametrize("name", GOLDENS)
def test_golden(name: str) -> None:
    rows, final, removed, overwritten, copied_up = GOLDENS[name]
    overlay = agree(rows)
    assert overlay.final_bytes == final
    assert overlay.hidden_bytes("removed") == removed
    assert overlay.hidden_bytes("overwritten") == overwritten
    assert overlay.hidden_bytes("copied_up") == copied_up


NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
ROOT_TOO = st.one_of(PATHS, PATHS, PATHS, st.just(""))
ROWS: st.SearchStrategy[Row] = st.one_of(
    st.builds(file, PATHS, st.sampled_from([0, 1, 3, 3, 7]), st.sampled_from(["x", "y"])),
    st.builds(file, PATHS, st.sampled_from([1, 3, 7]), st.sampled_from(["x", "y"])),
    st.builds(file, ROOT_TOO, st.sampled_from([3, 7]), st.sampled_from(["x", "y"])),
    st.builds(folder, ROOT_TOO),
    st.builds(hard_link, PATHS, PATHS),
    st.builds(symlink, PATHS, PATHS),
    st.builds(whiteout, ROOT_TOO),
    st.builds(opaque, ROOT_TOO),
)


@given(st.lists(st.lists(ROWS, max_size=8), min_size=1, max_size=6))
@settings(max_examples=600, deadline=None)
def test_any_layers(rows: list[list[Row]]) -> None:
    agree(rows)


def test_every_hidden_file_knows_who_wrote_and_who_hid_it() -> None:
    overlay = stack(
        layers([file("a", 10, "1"), file("b", 5)], [file("a", 20, "2")], [whiteout("b")], [file("a", 20, "2")])
    )
    told: Any = sorted((overlay.path(h.node), h.size, h.kind, h.written_by, h.hidden_by) for h in overlay.hidden)
    assert told == [("a", 10, "overwritten", 0, 1), ("a", 20, "copied_up", 1, 3), ("b", 5, "removed", 0, 2)]
    assert [one.contribution for one in overlay.per_layer] == [15, 10, -5, 0]
    assert [one.hidden for one in overlay.per_layer] == [15, 20, 0, 0]


def test_history_of_a_path_names_every_layer_that_touched_it() -> None:
    overlay = stack(layers([file("a", 10)], [symlink("a", "t")], [whiteout("a")], [file("b", 1)]))
    node = overlay.find("a")
    assert node is not None
    assert [(number, entry.kind) for number, entry in overlay.history(node)] == [(0, FILE), (1, SYMLINK), (2, WHITEOUT)]


def test_hard_link_targets_may_be_written_as_tar_writes_them() -> None:
    for target in ("a/b", "./a/b", "/a/b", "a//b", "x/../a/b"):
        overlay = stack(layers([file("a/b", 10), hard_link("c", target)], [whiteout("a/b")]))
        assert overlay.final_bytes == 10, target


def test_a_very_deep_tree_is_no_recursion() -> None:
    deep = "/".join(["d"] * 5000)
    overlay = stack(layers([file(f"{deep}/a", 10)], [whiteout("d")]))
    assert overlay.final_bytes == 0
    assert overlay.hidden_bytes("removed") == 10


def test_undecodable_names_come_back_as_they_were() -> None:
    name = b"\xff\x1b[2J".decode("utf-8", "surrogateescape")
    overlay = stack(layers([file(name, 3)]))
    assert [overlay.path(node) for node in overlay.live_files()] == [name]
