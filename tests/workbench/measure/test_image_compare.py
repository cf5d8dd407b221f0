from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.measure.image_building import detail, image, shipped
from tests.workbench.measure.layer_building import Row, file, folder, hard_link, layer, layers, symlink
from workbench.measure.analysis import ImageAnalysis, analyse
from workbench.measure.image_compare import compare
from workbench.model.image_comparison import LayerDelta, PathDelta

SITE = "usr/lib/python3/dist-packages"


def plain(*stack: list[Row], about: Any = None) -> ImageAnalysis:
    return analyse(image(layers(*stack), about))


def wheel(name: str, version: str, size: int, site: str = SITE) -> dict[str, str | bytes | Row]:
    return {
        f"{site}/{name}-{version}.dist-info/RECORD": f"{name}/a.so,,\n",
        f"{site}/{name}/a.so": file(f"{site}/{name}/a.so", size, version),
    }


def test_equal_images_differ_in_nothing() -> None:
    one = plain([file("a", 1), symlink("l", "a"), hard_link("h", "a")], about=detail("ADD x"))
    found = compare(one, one)
    assert found.delta_bytes == 0
    assert (found.packages, found.directories, found.files, found.configuration) == ((), (), (), ())
    assert [line.kind for line in found.history] == ["same"]
    assert [delta.kind for delta in found.layers] == ["same"]
    assert found.fattest_layer is None
    assert found.fattest_package is None


def test_layers_answer_each_other_by_digest_then_by_instruction() -> None:
    base = layer(file("base", 10))
    before = image(
        [base, layer(file("r", 20)), layer(file("c", 5)), layer(file("gone", 3))],
        detail("ADD rootfs /", "RUN pip install torch==2.0", "COPY . /app", "RUN rm x"),
    )
    after = image(
        [base, layer(file("new", 7)), layer(file("r", 90, "y")), layer(file("c", 6))],
        detail("ADD rootfs /", "COPY weights /w", "RUN pip install torch==2.1", "COPY . /app"),
    )
    found = compare(analyse(before), analyse(after))
    assert [(one.kind, one.before, one.after, one.delta_bytes) for one in found.layers] == [
        ("same", 0, 0, 0),
        ("added", None, 1, 7),
        ("changed", 1, 2, 70),
        ("rebuilt", 2, 3, 1),
        ("removed", 3, None, -3),
    ]
    assert found.delta_bytes == sum(one.delta_bytes for one in found.layers) == 75
    fattest = found.fattest_layer
    assert isinstance(fattest, LayerDelta)
    assert fattest.after_instruction == "RUN pip install torch==2.1"


def test_a_classic_copy_of_other_content_is_rebuilt() -> None:
    told = [f"COPY file:{letter * 64} in /app" for letter in "ab"]
    before = plain([file("app/x", 1)], about=detail(told[0]))
    after = plain([file("app/x", 4)], about=detail(told[1]))
    assert [one.kind for one in compare(before, after).layers] == ["rebuilt"]


def test_packages_added_removed_upgraded_and_moved() -> None:
    def of(*wheels: dict[str, str | bytes | Row]) -> ImageAnalysis:
        stacked, kept = shipped(*wheels)
        return analyse(image(stacked), kept)

    other = "usr/lib/python3.12/site-packages"
    before = of(wheel("torch", "2.0", 1000), wheel("six", "1", 10), wheel("numpy", "1", 50), wheel("same", "1", 5))
    after = of(
        wheel("torch", "2.1", 1500), wheel("triton", "3", 200), wheel("numpy", "1", 50, other), wheel("same", "1", 5)
    )
    found = compare(before, after)
    assert [(one.kind, one.name, one.before_version, one.after_version, one.delta_bytes) for one in found.packages] == [
        ("upgraded", "torch", "2.0", "2.1", 500),
        ("added", "triton", "", "3", 200 + len("triton/a.so,,\n")),
        ("removed", "six", "1", "", -10 - len("six/a.so,,\n")),
    ]
    assert found.fattest_package == found.packages[0]


def test_files_and_where_the_change_is() -> None:
    before = plain(
        [
            file("usr/lib/a/x", 10),
            file("usr/lib/a/old", 5),
            file("usr/share/doc/y", 7),
            file("etc/kept", 3),
            symlink("etc/link", "kept"),
            file("mode", 4),
            file("type", 6),
        ]
    )
    after = analyse(
        image(
            [
                layer(
                    file("usr/lib/a/x", 10, "other"),
                    file("usr/lib/a/big", 500),
                    file("usr/share/doc/y", 7),
                    file("etc/kept", 3),
                    symlink("etc/link", "elsewhere"),
                    folder("type"),
                    mtime=99,
                ),
                layer(file("mode", 4), mode=0o755),
            ]
        )
    )
    found = compare(before, after)
    assert found.files == (
        PathDelta("usr/lib/a/big", "added", 0, 500),
        PathDelta("type", "removed", 6, 0),
        PathDelta("usr/lib/a/old", "removed", 5, 0),
        PathDelta("etc/link", "content", 0, 0),
        PathDelta("mode", "metadata", 4, 4),
        PathDelta("usr/lib/a/x", "content", 10, 10),
    )
    assert found.files_omitted == 0
    assert found.directories == (
        PathDelta("usr/lib/a", "content", 15, 510),
        PathDelta("", "content", 35, 524),
    )


def test_configuration_and_history() -> None:
    old = detail("ADD x", "-ENV A=1", user="root", environment=(("A", "1"), ("GONE", "x")), command=("a",))
    new = detail("ADD x", "-ENV A=2", "-USER me", user="me", environment=(("A", "2"), ("NEW", "y")), command=("a",))
    before = analyse(replace(image([], old), labels=(("v", "1"), ("api_token", "hunter2hunter2"))))
    after = analyse(replace(image([], new), labels=(("v", "2"),), settings=(("health check", "CMD true"),)))
    found = compare(before, after)
    told = {one.name: (one.before, one.after) for one in found.configuration}
    assert told.pop("label api_token") != ("hunter2hunter2", None)
    assert told == {
        "user": ("root", "me"),
        "environment A": ("1", "2"),
        "environment GONE": ("x", None),
        "environment NEW": (None, "y"),
        "label v": ("1", "2"),
        "health check": (None, "CMD true"),
    }
    assert {one.name: one.kind for one in found.configuration if "environment" in one.name} == {
        "environment A": "changed",
        "environment GONE": "removed",
        "environment NEW": "added",
    }
    assert [(one.kind, one.before, one.after, one.after_instruction) for one in found.history] == [
        ("same", 0, 0, "ADD x"),
        ("changed", 1, 1, "ENV A=2"),
        ("added", None, 2, "USER me"),
    ]


def test_history_is_aligned_with_its_bytes() -> None:
    base = layer(file("base", 10))
    before = image(
        [base, layer(file("seed", 3)), layer(file("t", 20)), layer(file("c", 5))],
        detail(
            "ADD rootfs /",
            "-ENV OLD=1",
            "RUN fetch seed",
            "RUN pip install torch==2.0 numpy",
            "COPY . /app",
            '-CMD ["a"]',
        ),
    )
    after = image(
        [base, layer(file("t", 90, "y")), layer(file("w", 2)), layer(file("c", 6))],
        detail(
            "ADD rootfs /",
            "-ENV NEW=1",
            "RUN pip install torch==2.1 numpy",
            "RUN make weights",
            "COPY . /app",
            '-CMD ["a"]',
        ),
    )
    found = compare(analyse(before), analyse(after))
    assert [(one.kind, one.before, one.after, one.delta_bytes) for one in found.history] == [
        ("same", 0, 0, 0),
        ("removed", 1, None, 0),
        ("removed", 2, None, -3),
        ("added", None, 1, 0),
        ("changed", 3, 2, 70),
        ("added", None, 3, 2),
        ("rebuilt", 4, 4, 1),
        ("same", 5, 5, 0),
    ]
    assert found.delta_bytes == sum(one.delta_bytes for one in found.history)


def test_arguments_that_are_joined_otherwise_are_a_change() -> None:
    one, two = (plain([], about=detail("ADD x", command=command)) for command in (("a b", "c"), ("a", "b c")))
    (found,) = compare(one, two).configuration
    assert (found.name, found.before, found.after) == ("command", "'a b' c", "a 'b c'")


STEPS = st.lists(st.sampled_from(["RUN a b", "RUN a c", "COPY x", "-ENV A=1", "-ENV A=2", "-ENV B=1"]), max_size=7)


@given(STEPS, STEPS)
def test_every_step_of_both_histories_is_there_once_and_in_order(first: list[str], second: list[str]) -> None:
    def of(steps: list[str], of_whom: str) -> ImageAnalysis:
        stack = [layer(file(f"{number}", number, of_whom)) for number, step in enumerate(steps) if step[0] != "-"]
        return analyse(image(stack, detail(*steps)))

    found = compare(of(first, "x"), of(second, "y"))
    bare = [[step.removeprefix("-") for step in steps] for steps in (first, second)]
    assert [one.before_instruction for one in found.history if one.before is not None] == bare[0]
    assert [one.after_instruction for one in found.history if one.after is not None] == bare[1]
    assert [one.before for one in found.history if one.before is not None] == list(range(len(first)))
    assert [one.after for one in found.history if one.after is not None] == list(range(len(second)))
    assert found.delta_bytes == sum(one.delta_bytes for one in found.history)
    for one in found.history:
        if one.before is not None and one.after is not None:
            assert (one.kind == "changed") == (one.before_instruction != one.after_instruction)
            assert one.before_instruction.partition("=")[0][:4] == one.after_instruction.partition("=")[0][:4]


def test_histories_longer_than_any_engine_takes_are_not_paired_one_by_one() -> None:
    before, after = (plain(about=detail(*(f"-RUN {letter}{n}" for n in range(300)))) for letter in "ab")
    kinds = [one.kind for one in compare(before, after).history]
    assert kinds == ["removed"] * 300 + ["added"] * 300


TREES = st.dictionaries(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map("/".join),
    st.tuples(st.sampled_from([1, 2, 5]), st.sampled_from(["x", "y"])),
    max_size=6,
)


def prefix_free(tree: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    return {path: what for path, what in tree.items() if not any(other.startswith(path + "/") for other in tree)}


@given(TREES, TREES)
def test_files_are_what_comparing_two_dicts_gives(first: dict[str, Any], second: dict[str, Any]) -> None:
    old, new = prefix_free(first), prefix_free(second)
    before = plain([file(path, *what) for path, what in old.items()])
    after = plain([file(path, *what) for path, what in new.items()])
    found = compare(before, after)
    expected = {
        path: (old[path][0] if path in old else 0, new[path][0] if path in new else 0)
        for path in {**old, **new}
        if old.get(path) != new.get(path)
    }
    assert {one.path: (one.before_bytes, one.after_bytes) for one in found.files} == expected
    for one in found.directories:
        under = f"{one.path}/" if one.path else ""
        assert one.before_bytes == sum(what[0] for path, what in old.items() if path.startswith(under))
        assert one.after_bytes == sum(what[0] for path, what in new.items() if path.startswith(under))
        assert one.delta_bytes != 0
