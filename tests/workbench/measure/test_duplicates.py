from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.measure.layer_building import Row, file, hard_link, layers, whiteout
from workbench.measure.duplicates import MOST_PATHS, duplicates
from workbench.measure.overlay import stack


def test_equal_live_files_are_one_group() -> None:
    found = duplicates(stack(layers([file("a", 10, "s"), file("b", 10, "t")], [file("c/d", 10, "s")])))
    assert [(g.size_bytes, g.paths, g.wasted_bytes) for g in found.groups] == [(10, ("a", "c/d"), 10)]
    assert found.wasted_bytes == 10


def test_hard_links_empty_files_and_hidden_files_are_none() -> None:
    overlay = stack(
        layers(
            [file("a", 10, "s"), hard_link("b", "a"), file("e1"), file("e2"), file("x", 5, "x"), file("y", 5, "x")],
            [whiteout("y")],
        )
    )
    assert duplicates(overlay).groups == ()
    assert duplicates(overlay).wasted_bytes == 0


def test_the_largest_waste_comes_first_and_long_groups_are_cut() -> None:
    many = [file(f"m{number:03}", 3, "m") for number in range(200)]
    found = duplicates(stack(layers([file("a", 100, "s"), file("b", 100, "s"), *many])))
    assert [g.wasted_bytes for g in found.groups] == [597, 100]
    first = found.groups[0]
    assert (len(first.paths), first.truncated, len(first.nodes)) == (MOST_PATHS, 200 - MOST_PATHS, 200)
    assert first.paths[0] == "m000"


@given(
    st.dictionaries(
        st.text("abcdef", min_size=1, max_size=3),
        st.tuples(st.sampled_from([0, 1, 2]), st.sampled_from(["x", "y", "z"])),
    )
)
def test_the_total_is_what_counting_gives(files: dict[str, tuple[int, str]]) -> None:
    rows: list[Row] = [file(path, size, content) for path, (size, content) in files.items()]
    found = duplicates(stack(layers(rows)))
    same: dict[tuple[int, str], list[str]] = {}
    for path, (size, content) in files.items():
        if size:
            same.setdefault((size, content), []).append(path)
    assert found.wasted_bytes == sum(size * (len(paths) - 1) for (size, _), paths in same.items())
    assert {g.paths for g in found.groups} == {tuple(sorted(p)) for p in same.values() if len(p) > 1}
