from tests.workbench.measure.layer_building import file, folder, hard_link, layers, whiteout
from workbench.measure.overlay import ROOT, stack
from workbench.measure.sizes import largest_first, total_sizes
from workbench.measure.wasted import wasted_paths


def test_directories_hold_what_is_below_them_each_body_once() -> None:
    overlay = stack(
        layers(
            [file("a/b/c", 10), file("a/d", 5), hard_link("z/link", "a/b/c"), file("gone/e", 7), folder("empty")],
            [whiteout("gone")],
        )
    )
    totals = total_sizes(overlay)
    told = {path: totals[overlay.find(path) or 0] for path in ("", "a", "a/b", "a/b/c", "z", "gone", "empty")}
    assert told == {"": 15, "a": 15, "a/b": 10, "a/b/c": 10, "z": 0, "gone": 0, "empty": 0}
    assert totals[ROOT] == overlay.final_bytes


def test_children_come_largest_first_and_only_live_ones() -> None:
    overlay = stack(
        layers([file("s", 1), file("l/x", 50), file("m", 20), file("n", 20), file("dead", 99)], [whiteout("dead")])
    )
    names = [overlay.names[node] for node in largest_first(overlay, total_sizes(overlay))]
    assert names == ["l", "m", "n", "s"]


def test_wasted_paths_name_every_hidden_body_the_largest_first() -> None:
    overlay = stack(layers([file("a", 10, "1"), file("d/b", 30)], [file("a", 10, "1")], [whiteout("d")]))
    assert [tuple(one) for one in wasted_paths(overlay)] == [
        ("d/b", 30, "removed", 0, 2),
        ("a", 10, "copied_up", 0, 1),
    ]
