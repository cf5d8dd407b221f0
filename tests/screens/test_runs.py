"""The runs mode: what was kept is found, compared, changed, deleted with a way back, and carried elsewhere."""

from pathlib import Path

import pytest

from screens.compare.screen import CompareScreen
from screens.compare.subject import KeptComparison
from screens.profile.screen import ProfileScreen
from screens.profile_diff.screen import ProfileDiffScreen
from tests.screens.desk import Desk, desk
from tests.screens.worlds import PlainWorld
from tests.workbench.store.conftest import new_run
from tests.workbench.test_comparison_run import DRIVEN
from workbench.comparison_run import keep_comparison
from workbench.measure.compare.judged import judged
from workbench.model.comparison import Comparison, Measured, Side
from workbench.model.runs import Conditions, Metric, NewArtifact, Sample, Target
from workbench.places import store_file
from workbench.store import Store


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def record(kind: str, target: str, level: float, at: float, **changes: object) -> int:
    samples = tuple(Sample(level + place / 10) for place in range(6))
    metrics = (Metric("latency_p99", "ms", level, -1, samples=samples),)
    with Store.open(store_file()) as store:
        return store.record_run(
            new_run(kind=kind, target=Target("image", target), metrics=metrics, started_at=1.79e9 + at, **changes)
        )


@pytest.fixture
def three() -> tuple[int, int, int]:
    """Two benches of one target, and a build."""
    return (
        record("bench", "api", 44.0, 0, label="before", conditions=Conditions(git_commit="c0ffee1234", git_dirty=True)),
        record("bench", "api", 31.0, 60, label="after"),
        record("build", "web", 9.0, 120, status="failed"),
    )


async def opened(open_desk: Desk) -> None:
    await open_desk.press("7")
    await open_desk.until(lambda: getattr(open_desk.app.screen, "page", None) is not None)


async def settled(open_desk: Desk, *names: str) -> None:
    await open_desk.until(lambda: tuple(open_desk.names_of("runs", 1)) == names)


async def test_every_run_is_a_row_newest_first(three: tuple[int, int, int]) -> None:
    async with desk(PlainWorld(), size=(160, 40)) as open_desk:
        await opened(open_desk)
        assert open_desk.names_of("runs", 1) == ["3", "2", "1"]
        assert open_desk.cell("1", "commit", "runs") == "c0ffee1+"
        assert open_desk.cell("3", "status", "runs") == "failed"
        assert open_desk.cell("3", "kind", "runs") == "✘ build", "there is room for this at 80 columns too"
        assert open_desk.cell("2", "took", "runs") == "–" or "s" in open_desk.cell("2", "took", "runs")
        assert "3 runs" in open_desk.text
        await open_desk.press("down", "down")
        await open_desk.until(lambda: "run 1 · bench of api" in open_desk.text)
        assert "commit c0ffee1234 with changes" in open_desk.text
        assert "over 2 runs of this target" in open_desk.text
        await open_desk.press("s")
        assert open_desk.names_of("runs", 4) == ["api", "api", "web"]
        await open_desk.press("slash")
        await open_desk.type("after")
        assert open_desk.names_of("runs", 1) == ["2"]
        await open_desk.press("escape", "y")
        assert open_desk.app.clipboard == "workbench runs show 2"


async def test_two_chosen_runs_are_compared_the_older_one_is_before(three: tuple[int, int, int]) -> None:
    async with desk(PlainWorld()) as open_desk:
        await opened(open_desk)
        await open_desk.press("c")
        assert "space chooses two runs" in open_desk.line("StatusLine")
        await open_desk.press("down", "space", "space")
        assert "2 chosen" in open_desk.text
        await open_desk.press("c")
        await open_desk.until(lambda: "figures" in {each.id for each in open_desk.app.screen.query("LiveTable")})
        await open_desk.until(lambda: open_desk.names("figures"))
        assert open_desk.app.compared == ((1,), (2,))
        assert open_desk.cell("latency_p99", "verdict", "figures") == "inconclusive: one run on each side"
        await open_desk.press("escape")
        assert open_desk.mode == "runs"


async def test_several_runs_on_either_side_are_compared(three: tuple[int, int, int]) -> None:
    async with desk(PlainWorld()) as open_desk:
        await opened(open_desk)
        await open_desk.press("A", "c")
        assert "nothing is on the side B yet: B puts" in open_desk.line("StatusLine")
        await open_desk.press("home", "B", "A", "A")
        assert "A 2 · B 1: c compares" in open_desk.text
        marks = dict(zip(open_desk.names_of("runs", 1), open_desk.names_of("runs", 0), strict=True))
        assert marks == {"3": "B", "2": "A", "1": "A"}
        await open_desk.press("c")
        await open_desk.until(lambda: "choose runs of one kind" in open_desk.text)
        assert open_desk.app.compared == ((1, 2), (3,))
        await open_desk.press("7", "home", "B")
        assert "A 2 · B 0: c compares" in open_desk.text


async def test_a_comparison_that_was_kept_opens_as_it_was(data: Path) -> None:
    number = keep_comparison(DRIVEN)
    async with desk(PlainWorld(), size=(160, 40)) as open_desk:
        await opened(open_desk)
        await open_desk.press("enter")
        await open_desk.until(lambda: open_desk.mode == "compare" and open_desk.names("figures"))
        kept = open_desk.app.compared
        assert isinstance(kept, KeptComparison)
        assert kept.run == number
        assert "Compare  naive (ab12, 6 starts) → cpu (6 starts)" in open_desk.text
        assert open_desk.cell("size", "verdict", "figures").startswith("better")
        assert "the machine was busy" in open_desk.text
        await open_desk.press("x")
        assert open_desk.app.compared is kept, "it is what was kept: nothing to be turned round"
        await open_desk.press("escape")
        assert open_desk.mode == "runs"


async def test_what_lies_on_the_comparison_is_left_for_the_next_one(three: tuple[int, int, int]) -> None:
    async with desk(PlainWorld()) as open_desk:
        await opened(open_desk)
        await open_desk.press("down", "space", "space", "c")
        await open_desk.until(lambda: open_desk.mode == "compare" and open_desk.names("figures"))
        await open_desk.press("enter")
        await open_desk.until(lambda: len(open_desk.app.screen_stack) == 2)
        await open_desk.press("7", "home", "space", "space", "c")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, CompareScreen))
        await open_desk.until(lambda: "choose runs of one kind" in open_desk.text)
        assert open_desk.app.compared == ((2,), (3,))


async def test_a_run_that_was_deleted_is_on_no_side(three: tuple[int, int, int]) -> None:
    async with desk(PlainWorld()) as open_desk:
        await opened(open_desk)
        await open_desk.press("B", "A", "home", "d", "enter")
        await settled(open_desk, "2", "1")
        assert "A 1 · B 0: c compares" in open_desk.text


async def test_label_note_and_pin_are_kept(three: tuple[int, int, int]) -> None:
    async with desk(PlainWorld(), size=(200, 40)) as open_desk:
        await opened(open_desk)
        await open_desk.press("l")
        await open_desk.type("baseline")
        await open_desk.press("enter")
        await open_desk.until(lambda: open_desk.cell("3", "label", "runs") == "baseline")
        await open_desk.press("n")
        await open_desk.type("quiet")
        await open_desk.press("enter")
        await open_desk.until(lambda: open_desk.cell("3", "note", "runs") == "quiet")
        await open_desk.press("p")
        await open_desk.until(lambda: open_desk.cell("3", "status", "runs") == "pinned, failed")
        await open_desk.press("l", "escape")
    with Store.open(store_file()) as store:
        assert (store.run(3).summary.label, store.run(3).summary.pinned) == ("baseline", True)


async def test_deleting_asks_and_can_be_undone_until_the_end(three: tuple[int, int, int]) -> None:
    async with desk(PlainWorld()) as open_desk:
        await opened(open_desk)
        assert "undo" not in open_desk.line("KeyLine")
        await open_desk.press("d")
        assert "Delete run 3?" in open_desk.text
        await open_desk.press("escape")
        assert open_desk.names_of("runs", 1) == ["3", "2", "1"]
        await open_desk.press("d", "enter")
        await settled(open_desk, "2", "1")
        await open_desk.press("u")
        await settled(open_desk, "3", "2", "1")
        await open_desk.press("space", "space", "d", "enter")
        await settled(open_desk, "3")
    with Store.open(store_file()) as store:
        assert [run.id for run in store.runs()] == [3]


async def test_runs_are_exported_and_come_back(three: tuple[int, int, int], data: Path) -> None:
    async with desk(PlainWorld()) as open_desk:
        await opened(open_desk)
        await open_desk.press("x")
        await open_desk.until(lambda: ".wbrun" in open_desk.line("StatusLine"))
        [file] = (data / "workbench" / "exports").glob("*.wbrun")
        with Store.open(store_file()) as store:
            store.delete(3)
        await open_desk.press("i")
        await open_desk.type(str(file))
        await open_desk.press("enter")
        await open_desk.until(lambda: "1 run imported" in open_desk.line("StatusLine"))
        await settled(open_desk, "4", "2", "1")
        await open_desk.press("i")
        await open_desk.type("/nothing")
        await open_desk.press("enter")
        await open_desk.until(lambda: "cannot be read" in open_desk.line("StatusLine"))


async def test_a_profile_that_was_kept_opens(data: Path) -> None:
    record("profile", "api", 1.0, 0, artifacts=(NewArtifact("stacks", "text/plain", b"main;slow 600\nmain 40\n"),))
    record("bench", "api", 2.0, -60)
    async with desk(PlainWorld()) as open_desk:
        await opened(open_desk)
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, ProfileScreen))
        await open_desk.press("escape")
        await open_desk.press("down")
        await open_desk.until(lambda: "run 2 · bench" in open_desk.text)
        await open_desk.press("enter")
        assert "latency_p99" in open_desk.text


def two_profiles() -> list[int]:
    """Of a service that became quicker."""
    numbers = []
    for number, stacks in enumerate((b"main;slow 600\nmain 40\n", b"main;slow 20\nmain 620\n")):
        made = (NewArtifact("collapsed", "text/plain", stacks),)
        chosen = Conditions(configuration=(("profiler", "py-spy"), ("route", "sidecar"), ("unit", "samples")))
        numbers.append(record("profile", "api", 1.0, 60 * number, label="py-spy", artifacts=made, conditions=chosen))
    return numbers


async def test_from_what_a_request_takes_to_the_functions_that_take_it(data: Path) -> None:
    before, after = two_profiles()
    row = judged([Measured("cpu_per_request", "CPU per request", "ms", -1, "exact", (4.0,), (1.4,))])
    sides = [Side("api", "", (number, 99), "", (number,)) for number in (before, after)]
    keep_comparison(Comparison("driven", sides[0], sides[1], row))
    async with desk(PlainWorld()) as open_desk:
        await opened(open_desk)
        await open_desk.until(lambda: open_desk.names_of("runs", 3) == ["comparison", "profile", "profile"])
        await open_desk.press("home", "enter")
        await open_desk.until(lambda: open_desk.mode == "compare" and open_desk.names("figures"))
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, ProfileDiffScreen))
        assert "−slow  −91%" in open_desk.text


async def test_two_profiles_that_were_kept_are_compared_as_profiles(data: Path) -> None:
    two_profiles()
    async with desk(PlainWorld()) as open_desk:
        await opened(open_desk)
        await open_desk.press("space", "down", "c")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, ProfileDiffScreen))
        assert "−slow  −91%" in open_desk.text
        await open_desk.press("escape")
        assert open_desk.app.current_mode == "runs"


async def test_an_empty_store_says_what_makes_a_run() -> None:
    async with desk(PlainWorld()) as open_desk:
        await open_desk.press("7")
        await open_desk.until(lambda: "No runs yet" in open_desk.text)
        await open_desk.press("enter", "d", "x", "space", "c")
        assert open_desk.mode == "runs"
    assert not store_file().exists()


async def test_a_damaged_store_is_told(data: Path) -> None:
    store_file().parent.mkdir(parents=True)
    store_file().write_text("this is no database, and long enough to be looked at " * 10)
    async with desk(PlainWorld()) as open_desk:
        await open_desk.press("7")
        await open_desk.until(lambda: "damaged" in open_desk.text)
        assert "mv " in open_desk.text


async def test_hostile_text_steers_nothing() -> None:
    bad = "\x1b[31m\u202e[bold]x"
    record("bench", bad, 1.0, 0, label=bad, note=bad)
    async with desk(PlainWorld(), size=(200, 50)) as open_desk:
        await opened(open_desk)
        assert "␛[31m" in open_desk.text
        assert "\x1b[31m\u202e" not in open_desk.painted
