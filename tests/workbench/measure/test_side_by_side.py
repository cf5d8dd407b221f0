"""Both sides of a setting or a step, as a row and in full."""

from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.measure.image_building import detail, image
from tests.workbench.measure.layer_building import file, layer
from workbench.measure.analysis import ImageAnalysis, analyse
from workbench.measure.image_compare import compare
from workbench.measure.side_by_side import in_sight, setting_rows, setting_text, step_rows, step_text
from workbench.model.image_comparison import ConfigurationDelta, ImageComparison, StepDelta

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"


def compared() -> ImageComparison:
    def of(steps: tuple[str, ...], environment: tuple[tuple[str, str], ...], size: int) -> ImageAnalysis:
        return analyse(image([layer(file("a", size))], detail(*steps, environment=environment)))

    return compare(
        of(("ADD x", "-ENV A=1"), (("GONE", "x"), ("PATH", PATH)), 10),
        of(("ADD x", "-USER me"), (("EMPTY", ""), ("PATH", f"{PATH}:/opt/bin")), 12),
    )


def test_settings_say_what_happened_in_words() -> None:
    told = [(row.kind, row.name, row.before, row.after) for row in setting_rows(compared(), 80)]
    assert told == [
        ("removed", "environment GONE", "x", "not set"),
        ("changed", "environment PATH", PATH, f"{PATH}:/opt/bin"),
        ("added", "environment EMPTY", "not set", "empty"),
    ]


def test_where_long_values_part_is_in_sight() -> None:
    rows = {row.name: row for row in setting_rows(compared(), 20)}
    assert (rows["environment PATH"].before, rows["environment PATH"].after) == ("…sr/bin", "…sr/bin:/opt/bin")
    assert in_sight("RUN pip install numpy torch==2.0", "RUN pip install numpy torch==2.1", 20) == (
        "RUN …ch==2.0",
        "RUN …ch==2.1",
    )
    assert in_sight("short a", "short b", 20) == ("short a", "short b")


@given(st.text("ab :", max_size=40), st.text("ab :", max_size=40), st.integers(15, 30))
def test_no_difference_is_hidden_or_invented(before: str, after: str, width: int) -> None:
    old, new = in_sight(before, after, width)
    assert (old == new) == (before == after)
    if before != after:
        assert old[:width] != new[:width]
    assert len(old) <= len(before)
    assert len(new) <= len(after)
    if max(len(before), len(after)) <= width:
        assert (old, new) == (before, after)


def test_steps_that_differ_with_their_numbers_and_bytes() -> None:
    comparison = compared()
    assert [(row.place, row.kind, row.before, row.after, row.delta_bytes) for row in step_rows(comparison, 80)] == [
        (0, "rebuilt", "ADD x", "ADD x", 2),
        (1, "removed", "ENV A=1", "", 0),
        (2, "added", "", "USER me", 0),
    ]
    assert step_text(comparison.history[0]) == (
        "rebuilt · ships 10 → 12 bytes, +2\nbefore, step 0: ADD x\nafter, step 0: ADD x"
    )
    assert step_text(comparison.history[2]) == "added · ships nothing\nafter, step 1: USER me"


def test_the_whole_of_a_setting_names_the_pieces_that_differ() -> None:
    assert setting_text(ConfigurationDelta("environment PATH", PATH, f"{PATH}:/opt/bin")) == (
        f"changed · environment PATH\nbefore: {PATH}\nafter: {PATH}:/opt/bin\nonly after: /opt/bin"
    )
    assert setting_text(ConfigurationDelta("user", "root", "me")) == "changed · user\nbefore: root\nafter: me"
    step = StepDelta("changed", 3, 4, "RUN pip install a b torch==2.0", "RUN pip install a b torch==2.1", 5, 5)
    assert step_text(step).splitlines()[-2:] == ["only before: torch==2.0", "only after: torch==2.1"]


def test_a_value_of_several_lines_cannot_pass_for_the_other_side() -> None:
    lines = setting_text(ConfigurationDelta("label x\nafter: forged", "a\nafter: forged", "b")).splitlines()
    assert [line for line in lines if line.startswith("after")] == ["after: b"]
    assert "        after: forged" in lines
