"""The other views of a build: what is wrong with its Dockerfile, its context, and what a change rebuilds."""

from pathlib import Path

import pytest

from screens.build_view.part import BuildPane
from screens.build_view.screen import BuildViewScreen
from tests.screens.desk import Desk, desk
from tests.screens.recorded_builds import Recording, Tape, replayed
from tests.screens.test_build import begun, view
from tests.screens.worlds import PlainWorld

DOCKERFILE = """FROM debian:latest
COPY . /srv
RUN pip install -r /srv/requirements.txt
ADD notes /srv/notes
CMD python3 /srv/app.py
"""
VIEWS = ["findings", "context", "rebuilds"]


@pytest.fixture
def tape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tape:
    """A folder with things to say of it, and a build that was recorded."""
    folder = tmp_path / "shop"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "objects").write_bytes(b"x" * 200_000)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "requirements.txt").write_text("flask==3.0\n")
    (folder / "app.py").write_text("print(1)\n")
    (folder / "notes").write_text("notes\n")
    (folder / "bad\x1b[31m\u202ename\udcff").write_text("hostile\n")
    monkeypatch.chdir(folder)
    made = Tape("buildx-cold")
    monkeypatch.setattr("workbench.building.Building", replayed(made))
    return made


async def built(open_desk: Desk, tape: Tape) -> None:
    await begun(open_desk)
    tape.play()
    await open_desk.until(lambda: not view(open_desk).shown.running)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_v_comes_to_every_view_and_back(tape: Tape, size: tuple[int, int]) -> None:
    async with desk(PlainWorld(), size=size) as open_desk:
        await built(open_desk, tape)
        assert view(open_desk).views == ["steps", *VIEWS]
        for name in VIEWS:
            await open_desk.press("v")
            assert view(open_desk).view_name == name
            assert open_desk.table(name).has_focus
            assert open_desk.table(name).rows
            assert "s order" not in open_desk.line("KeyLine")
        await open_desk.press("v")
        assert "instruction" in open_desk.text
        await open_desk.press("v", "escape")
        assert view(open_desk).view_name == "steps", "Esc goes back to the steps first"
        assert open_desk.table("steps").has_focus


async def test_only_keys_that_do_something_are_named(tape: Tape) -> None:
    async with desk(PlainWorld(), size=(200, 40)) as open_desk:
        await begun(open_desk)
        tape.play(9)
        await open_desk.until(lambda: "tab log" in open_desk.line("KeyLine"))
        await open_desk.press("v")
        assert "told when the build has ended" in open_desk.text
        for key in ("⏎ read", "/ filter", "tab log", "i all steps"):
            assert key not in open_desk.line("KeyLine")
        assert "v view" in open_desk.line("KeyLine")
        tape.play()
        await open_desk.until(lambda: not view(open_desk).shown.running)
        for key in ("⏎ read", "/ filter"):
            assert key in open_desk.line("KeyLine")
        assert "tab log" not in open_desk.line("KeyLine")
        await open_desk.press("tab")
        assert open_desk.table("findings").has_focus
        await open_desk.press("escape", "tab")
        assert not open_desk.table("steps").has_focus
        await open_desk.press("tab")
        assert open_desk.table("steps").has_focus


@pytest.mark.parametrize("leave", ["enter", "escape", "down"])
async def test_after_the_filter_the_keys_reach_the_table_of_the_view(tape: Tape, leave: str) -> None:
    async with desk(PlainWorld()) as open_desk:
        await built(open_desk, tape)
        await open_desk.press("v", "slash")
        await open_desk.type("line")
        await open_desk.press(leave)
        assert open_desk.table("findings").has_focus
        await open_desk.press("y")
        assert open_desk.app.clipboard, "of the row under the cursor"


async def test_findings_have_their_line_and_their_cure(tape: Tape) -> None:
    async with desk(PlainWorld()) as open_desk:
        await built(open_desk, tape)
        await open_desk.press("v")
        lines = {int(line) for line in open_desk.names_of("findings", 1)}
        assert {1, 3} <= lines
        analysis = view(open_desk).shown.analysis
        assert analysis is not None
        first = analysis.findings[0]
        assert first.fix.split("\n")[0][:30] in open_desk.text
        await open_desk.press("y")
        assert open_desk.app.clipboard == first.fix
        await open_desk.press("enter")
        assert first.message[:40] in " ".join(open_desk.text.split())
        await open_desk.press("escape", "slash")
        await open_desk.type("nosuchword")
        assert "Nothing contains these words" in open_desk.text


async def test_the_context_says_what_need_not_be_sent(tape: Tape) -> None:
    async with desk(PlainWorld()) as open_desk:
        await built(open_desk, tape)
        await open_desk.press("v", "v")
        assert "Context · 200 kB" in open_desk.text
        assert "not needed: " in open_desk.text
        await open_desk.press("y")
        assert ".git" in open_desk.app.clipboard
        for sign in ("\x1b[31m", "\u202e"):
            assert f"bad{sign}" not in open_desk.painted


async def test_rebuilds_say_what_a_change_costs(tape: Tape) -> None:
    async with desk(PlainWorld()) as open_desk:
        await built(open_desk, tape)
        await open_desk.press("v", "v", "v")
        changes = open_desk.names("rebuilds")
        assert any("app.py changes" in change for change in changes)
        assert changes[-1].startswith("in a better order")
        assert "will run, line 2" in open_desk.text


async def test_they_are_kept_with_the_build(tape: Tape) -> None:
    async with desk(PlainWorld()) as open_desk:
        await built(open_desk, tape)
        at_first = {}
        for name in VIEWS:
            await open_desk.press("v")
            at_first[name] = open_desk.lines[7:]
        await open_desk.press("escape", "escape", "7")
        await open_desk.until(lambda: open_desk.table("runs").rows)
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, BuildViewScreen))
        for name in VIEWS:
            await open_desk.press("v")
            assert open_desk.lines[7:] == at_first[name]


async def test_a_build_that_was_not_looked_at_says_so() -> None:
    async with desk(PlainWorld()) as open_desk:
        await open_desk.press("5")
        screen = BuildViewScreen(Recording("buildx-cold").opened())
        open_desk.app.push_screen(screen)
        await open_desk.until(lambda: screen.is_mounted)
        await open_desk.press("v")
        assert "were not looked at" in open_desk.text
        assert all(pane.VIEW or pane.display for pane in screen.query(BuildPane))
