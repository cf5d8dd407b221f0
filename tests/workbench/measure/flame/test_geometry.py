"""Spans of a row: against every frame's own edges, one by one."""

from hypothesis import example, given
from hypothesis import strategies as st

from tests.workbench.measure.flame.stacks import STACKS, Stacks, tree_of
from workbench.measure.flame.geometry import FlameLayout, Span
from workbench.measure.flame.transform import left_heavy, starts
from workbench.model.frame_tree import FrameTree, Place


def edges(tree: FrameTree, node: int, top: int, width: int) -> tuple[int, int]:
    begin = starts(tree)
    scale = width / tree.total[top]
    left = (begin[node] - begin[top]) * scale
    return int(left + 0.5), int(left + tree.total[node] * scale + 0.5)


@given(STACKS, st.integers(0, 60), st.integers(0, 30), st.booleans())
@example([((Place("main"),), 49.0)], 1, 0, False)
def test_every_frame_that_is_a_cell_wide_has_its_span_and_no_cell_is_taken_twice(
    stacks: Stacks, width: int, pick: int, ordered: bool
) -> None:
    tree = tree_of(stacks, in_order=ordered)
    top = pick % len(tree)
    layout = FlameLayout(tree)
    for depth in range(layout.height(top) + 1):
        spans = layout.row(depth, width, top)
        if depth <= layout.depth[top]:
            assert [(span.x, span.width) for span in spans] == [(0, width)]
            continue
        inside = [node for node in range(top + 1, tree.end[top]) if layout.depth[node] == depth]
        wide = {}
        for node in inside if tree.total[top] else []:
            x, stop = edges(tree, node, top, width)
            if tree.total[node] * width / tree.total[top] >= 1:
                wide[node] = (x, stop - x)
        assert {span.node: (span.x, span.width) for span in spans if not span.narrow} == wide
        at = 0
        for span in spans:
            assert span.x >= at
            assert span.width > 0
            at = span.x + span.width
        assert at <= width
        for span in spans:
            held = list(layout.nodes_in(span))
            assert len(held) == span.frames
            assert held[0] == span.node
            assert all(layout.span_of(node, width, top) == span for node in held)
            assert set(held) <= set(inside)


def test_a_hundred_thousand_narrow_frames_are_one_run() -> None:
    tree = tree_of([((Place("main"), Place(f"f{number}")), 1.0) for number in range(100_000)])
    assert FlameLayout(tree).row(2, 80) == [Span(0, 80, 2, True, 100_000)]


def test_narrow_frames_beside_a_wide_one_are_put_together_and_the_callers_own_time_stays_blank() -> None:
    stacks = [((Place("main"), Place("wide")), 50.0), ((Place("main"),), 30.0)]
    stacks += [((Place("main"), Place(f"f{number}")), 0.2) for number in range(100)]
    layout = FlameLayout(tree_of(stacks))
    (first, second) = layout.row(2, 100)
    assert (first.x, first.width, first.frames) == (0, 50, 1)
    assert (second.x, second.width, second.frames) == (50, 20, 100)


@given(STACKS)
def test_left_heavy_sorts_siblings_and_changes_nothing_else(stacks: Stacks) -> None:
    tree = tree_of(stacks)
    sorted_tree = left_heavy(tree)
    for node in range(len(sorted_tree)):
        totals = [sorted_tree.total[child] for child in sorted_tree.children(node)]
        assert totals == sorted(totals, reverse=True)

    def paths(each: FrameTree) -> list[tuple[list[Place], float]]:
        return sorted(([each.at(step) for step in each.path(node)], each.total[node]) for node in range(1, len(each)))

    assert paths(tree) == paths(sorted_tree)
    assert left_heavy(sorted_tree) == sorted_tree
