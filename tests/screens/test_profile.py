"""A profile on the screen: views, choices, search, source, export, and way back."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from screens.fleet.screen import FleetScreen
from screens.profile import screen as profile_screen
from screens.profile.screen import ProfileScreen
from screens.text_screen import TextScreen
from screens.widgets.flame_graph import FlameGraph
from tests.screens.desk import Desk, desk
from tests.screens.worlds import PlainWorld
from workbench.measure.flame.building import TreeBuilder
from workbench.measure.flame.collapsed import from_collapsed
from workbench.model.frame_tree import FrameTree
from workbench.model.profile import (
    Aspect,
    CallEdge,
    FunctionFigures,
    HeapMoment,
    LineFigures,
    Place,
    Profile,
    SourceExcerpt,
)
from workbench.model.reading import Fresh, Missing, Reading
from workbench.profile_files import parse_profile

COLLAPSED = """\
process 7:"python3 app.py";thread (11): Main;main (/srv/app.py:3);handle (/srv/app.py:8);dumps (/usr/lib/python3.11/json/__init__.py:231) 400
process 7:"python3 app.py";thread (11): Main;main (/srv/app.py:3);handle (/srv/app.py:9) 300
process 7:"python3 app.py";thread (11): Main;main (/srv/app.py:3);walk (/srv/app.py:12);walk (/srv/app.py:13);walk (/srv/app.py:13) 100
process 7:"python3 app.py";thread (12): idler;wait (/usr/lib/python3.11/threading.py:320) 200
"""  # noqa: E501  a stack is a line
SOURCE = "\n".join(f"line {number}" for number in range(1, 20))


def sampled() -> Profile:
    return parse_profile(COLLAPSED.encode(), "api")


def exact() -> Profile:
    places = Place("main", "/srv/app.py", 1), Place("f", "/srv/app.py", 5), Place("<built-in method len>")
    functions = tuple(
        FunctionFigures(place, own, total, calls)
        for place, own, total, calls in zip(places, (0.5, 1.0, 0.5), (2.0, 1.5, 0.5), (1, 400, 80_000), strict=True)
    )
    edges = (CallEdge(0, 1, 400, 1.0, 1.5), CallEdge(1, 2, 80_000, 0.5, 0.5))
    tree = from_collapsed("main (/srv/app.py:1);f (/srv/app.py:5) 2")
    return Profile(
        "seconds", tree, "cprofile", "fresh", "api", python="3.11", line_is="defined", tree_is_estimated=True,
        functions=functions, edges=edges,
    )  # fmt: skip


def source(file: str) -> Reading[str]:
    return Fresh(SOURCE, 0.0) if file == "/srv/app.py" else Missing(f"{file} is not here")


@asynccontextmanager
async def profiled(
    profile: Profile, *, size: tuple[int, int] = (120, 40), text: Callable[[str], Reading[str]] = source
) -> AsyncIterator[Desk]:
    async with desk(PlainWorld(), size=size) as open_desk:
        open_desk.app.push_screen(ProfileScreen(profile, text))
        await open_desk.until(lambda: shown(open_desk) is not None and shown(open_desk).state is not None)
        await open_desk.until(lambda: shown(open_desk).source_text is not None)
        yield open_desk


def shown(open_desk: Desk) -> Any:
    """The profile's screen, whatever lies on it."""
    return next((each for each in open_desk.app.screen_stack if isinstance(each, ProfileScreen)), None)


def flame(open_desk: Desk) -> FlameGraph:
    return open_desk.app.screen.query_one(FlameGraph)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_everything_is_named_at_every_size(size: tuple[int, int]) -> None:
    async with profiled(sampled(), size=size) as open_desk:
        assert "Profile  api · py-spy · 1000 samples" in open_desk.text
        assert "▏7 python3 app.py  100%" in open_desk.text
        assert "▏11 Main  80%" in open_desk.text
        await open_desk.press("down", "down", "down")
        assert "main  own code  /srv/app.py:3" in open_desk.text
        assert "total 80% ± 2.5%  800 samples   self 0%" in open_desk.text
        assert len(open_desk.lines) == size[1]
        assert all(len(line) <= size[0] for line in open_desk.lines)


async def test_the_table_sorts_filters_and_opens_callers() -> None:
    async with profiled(sampled()) as open_desk:
        await open_desk.press("t")
        assert open_desk.names("functions") == ["dumps", "handle", "wait", "walk", "main"]
        assert open_desk.names_of("functions", 1) == ["40%", "30%", "20%", "10%", "0%"]
        assert open_desk.names_of("functions", 6)[:2] == ["library json", "own code"]
        await open_desk.press("s")
        assert open_desk.names("functions")[0] == "main"
        await open_desk.press("S")
        assert open_desk.names("functions")[-1] == "main"
        await open_desk.press("slash")
        await open_desk.type("json")
        assert open_desk.names("functions") == ["dumps"]
        await open_desk.press("enter", "enter")
        assert "Callers of dumps" in open_desk.text
        assert open_desk.names("callers") == ["handle"]
        await open_desk.press("enter")
        assert "Callers of handle" in open_desk.text
        assert open_desk.names("callees") == ["dumps"]
        await open_desk.press("escape")
        assert shown(open_desk).view == "flame"


async def test_a_recursive_function_counts_once() -> None:
    async with profiled(sampled()) as open_desk:
        await open_desk.press("t")
        row = open_desk.names("functions").index("walk")
        assert open_desk.names_of("functions", 2)[row] == "10%"
        await open_desk.press("f", "e")
        assert "recursion folded" in open_desk.text
        assert open_desk.text.count("▏walk") == 1


async def test_lines_carry_their_heat() -> None:
    async with profiled(sampled()) as open_desk:
        await open_desk.press("down", "down", "down", "down")
        await open_desk.until(lambda: shown(open_desk).chosen.name == "handle")
        await open_desk.press("l")
        cells = {row.key: [cell.text for cell in row.cells] for row in open_desk.table("source").rows}
        assert cells["8"] == ["8", "▇▇▁▁", "40%", "", "line 8"]
        assert cells["9"][2:4] == ["30%", "30%"]
        assert cells["13"][2:4] == ["10%", "10%"]
        assert cells["1"][1:4] == ["", "", ""]
        assert open_desk.table("source").current == "8"


async def test_a_source_that_cannot_be_read_says_why() -> None:
    async with profiled(sampled()) as open_desk:
        await open_desk.press("t", "home", "l")
        await open_desk.until(lambda: "json/__init__.py is not here" in open_desk.text)


async def test_a_search_tells_its_share_and_goes_through_what_it_found() -> None:
    async with profiled(sampled()) as open_desk:
        await open_desk.press("slash")
        await open_desk.type("walk")
        assert "walk: 10%" in open_desk.text
        assert "3 frames" in open_desk.text
        await open_desk.press("enter", "n")
        assert flame(open_desk).frames is not None
        assert "▸walk" in open_desk.text
        await open_desk.press("escape")
        assert "walk: 10%" not in open_desk.text
        await open_desk.press("n")
        assert shown(open_desk).words == ""


async def test_waits_threads_and_libraries_can_be_left_out() -> None:
    async with profiled(sampled()) as open_desk:
        await open_desk.press("w")
        assert "busy" in open_desk.line("#choices")
        assert shown(open_desk).state.whole == 800
        assert "idler" not in "\n".join(open_desk.lines[4:20])
        await open_desk.press("w", "p", "p", "p")
        assert "12 idler" in open_desk.line("#choices")
        assert shown(open_desk).state.samples == 200, "errors are of what is looked at"
        assert shown(open_desk).state.whole == 200
        await open_desk.press("P")
        assert "11 Main" in open_desk.line("#choices")
        assert [each.place.name for each in shown(open_desk).state.functions] == ["dumps", "handle", "walk", "main"]
        await open_desk.press("L")
        assert "▏dumps" not in open_desk.text
        tree = shown(open_desk).state.shown.drawn
        assert {tree.at(node).name for node in range(1, len(tree))} == {"11 Main", "main", "handle", "walk"}


async def test_exact_calls_and_the_estimate_is_said() -> None:
    async with profiled(exact()) as open_desk:
        assert "estimated from pairs" in open_desk.text
        await open_desk.press("t")
        assert open_desk.names_of("functions", 5) == ["400", "1", "80,000"]
        assert open_desk.names_of("functions", 6) == ["3.75 ms", "2.00 s", "6.25 µs"]
        await open_desk.press("enter")
        assert "Callers of f" in open_desk.text
        assert open_desk.names_of("callers", 3) == ["400"]
        assert open_desk.names_of("callees", 3) == ["80,000"]
        await open_desk.press("l")
        assert "no figures for lines" in open_desk.text
        assert open_desk.table("source").current == "5"
        await open_desk.press("W")
        assert isinstance(open_desk.app.screen, TextScreen)
        assert "stacks are estimated" in open_desk.text


async def test_the_order_of_time_where_it_is_known() -> None:
    samples = [[0, 1], [0, 2], [0, 1]]
    text = json.dumps({
        "shared": {"frames": [{"name": "main"}, {"name": "f"}, {"name": "g"}]},
        "profiles": [{"type": "sampled", "name": "t", "unit": "none", "samples": samples, "weights": [1, 1, 1]}],
    })  # fmt: skip
    async with profiled(parse_profile(text.encode(), "api")) as open_desk:
        assert open_desk.text.count("▏f  67%") == 1
        await open_desk.press("o")
        assert open_desk.text.count("▏f  33%") == 2
        assert "order time" in open_desk.line("#choices")
    async with profiled(sampled()) as open_desk:
        await open_desk.press("o")
        assert "order largest first" in open_desk.line("#choices")


TIMED = "".join(
    f"# from {number}.000 s to {number + 1}.000 s\n"
    'process 7:"python3 app.py";thread (11): Main;main (/srv/app.py:3);'
    f"{'early' if number < 5 else 'late'} (/srv/app.py:{8 if number < 5 else 9}) {40 + number}\n"
    for number in range(10)
)


def timed() -> Profile:
    return parse_profile(TIMED.encode(), "api")


async def test_a_span_of_the_recording_is_what_every_pane_shows() -> None:
    async with profiled(timed(), size=(120, 44)) as open_desk:
        assert "10.0 s" in open_desk.line("#axis")
        await open_desk.press("right_square_bracket")
        assert "5.0–10.0 of 10.0 s" in open_desk.line("#axis")
        assert open_desk.line("#axis").endswith("━" * 60)
        assert "▏late  100%" in open_desk.text
        assert open_desk.names("functions") == ["late", "main"]
        cells = {row.key: [cell.text for cell in row.cells] for row in open_desk.table("source").rows}
        assert (cells["8"][2], cells["9"][2]) == ("", "100%")
        await open_desk.press("left_square_bracket", "left_square_bracket", "left_square_bracket")
        assert "0.0–5.0 of 10.0 s" in open_desk.line("#axis")
        assert open_desk.names("functions") == ["early", "main"]
        await open_desk.press("left_curly_bracket", "left_curly_bracket")
        assert "0.0–1.0 of 10.0 s" in open_desk.line("#axis")
        assert shown(open_desk).state.samples == 40
        await open_desk.press(*["right_curly_bracket"] * 4)
        assert shown(open_desk).choices.span is None
        await open_desk.click(open_desk.app.screen.query_one("#activity"), 90)
        assert "7.0–8.0 of 10.0 s" in open_desk.line("#axis")
        await open_desk.press("o")
        assert "▏late  100%" in open_desk.text


async def test_without_times_there_is_no_chart_and_no_key_for_it() -> None:
    async with profiled(sampled()) as open_desk:
        assert not open_desk.app.screen.query_one("#activity").is_on_screen
        await open_desk.press("right_square_bracket")
        assert shown(open_desk).choices.span is None
        assert "earlier" not in open_desk.text


async def test_a_thread_for_each_request_is_drawn_as_one() -> None:
    lines = (f'process 7:"p";thread ({number});f (/srv/app.py:1);g (/srv/app.py:2) 10\n' for number in range(50))
    async with profiled(parse_profile("".join(lines).encode(), "api")) as open_desk:
        assert "every thread together" in open_desk.line("#choices")
        assert "▏g  100%" in open_desk.text
        await open_desk.press("T")
        assert "▏g  100%" not in open_desk.text
        await open_desk.press("T", "p", "p")
        assert "▏g  100%" in open_desk.text
        assert shown(open_desk).state.whole == 10


async def test_colours_by_module_have_a_legend() -> None:
    async with profiled(sampled(), size=(160, 40)) as open_desk:
        await open_desk.press("m")
        assert "colours  app  json  threading" in open_desk.line("#choices")
        state = shown(open_desk).state
        fills = {state.shown.drawn.at(node).name: state.fill(node) for node in range(len(state.shown.drawn))}
        assert (fills["handle"], fills["dumps"], fills["wait"]) == ("module1", "module2", "module3")
        await open_desk.press("m")
        assert "colours" not in open_desk.line("#choices")


def memory() -> Profile:
    def tree(own: dict[str, tuple[float, int]]) -> FrameTree:
        builder = TreeBuilder()
        for name, (size, count) in own.items():
            places = [builder.intern(Place("main", "/srv/app.py", 3)), builder.intern(Place(name, "/srv/app.py", 8))]
            builder.stack(places, size, count)
        return builder.finish()

    peak = tree({"keep": (30 * 2**20, 3), "read": (10 * 2**20, 700)})
    aspects = (Aspect("peak", "held at most", peak), Aspect("leaks", "left", tree({"keep": (2 * 2**20, 2)})))
    heap = tuple(HeapMoment(number / 10, number * 2**20, 50 * 2**20) for number in range(1, 41))
    return Profile("bytes", peak, "memray", "fresh", "api", 4.0, aspects=aspects, heap=heap)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_memory_is_told_in_bytes_and_by_its_aspects(size: tuple[int, int]) -> None:
    async with profiled(memory(), size=size) as open_desk:
        assert "memray · 4 s · 40.0 MiB" in open_desk.text
        assert "heap: at most 40.0 MiB, after 4.00 s" in open_desk.line("#axis")
        assert " peak  leaks  by size  held at most" in open_desk.line("#choices")
        await open_desk.press("down")
        assert "total 100%  40.0 MiB   self 0%  0 B   703 allocations" in open_desk.text
        await open_desk.press("number_sign")
        assert "▏read  100%" in open_desk.text
        assert "by number" in open_desk.line("#choices")
        await open_desk.press("number_sign", "a")
        assert "▏keep  100%" in open_desk.text
        assert "memray · 4 s · 2.00 MiB" in open_desk.text
        await open_desk.press("t")
        assert open_desk.cell("0", "own_amount", "functions") == "2.00 MiB"
        assert open_desk.cell("0", "each", "functions") == "1.00 MiB"
        assert len(open_desk.lines) == size[1]
        assert all(len(line) <= size[0] for line in open_desk.lines)


async def test_lines_that_were_counted_show_in_the_source() -> None:
    tree = from_collapsed("handle (/srv/app.py:8) 3\nhandle (/srv/app.py:9) 1\n")
    lines = tuple(
        LineFigures(Place("handle", "/srv/app.py", line), hits, seconds)
        for line, hits, seconds in ((8, 300, 3.0), (9, 1000, 1.0), (10, 0, 0.0))
    )
    profile = Profile("seconds", tree, "lines", "fresh", "api", lines=lines)
    async with profiled(profile) as open_desk:
        assert shown(open_desk).view == "source"
        cells = {row.key: [cell.text for cell in row.cells] for row in open_desk.table("source").rows}
        assert cells["8"] == ["8", "300", "3.00 s", "10.0 ms", "▇▇▇▁", "75%", "line 8"]
        assert cells["9"][1:4] == ["1,000", "1.00 s", "1.00 ms"]
        assert cells["10"][1:3] == ["0", "0 s"]
        assert cells["1"][1] == ""


def by_line(excerpts: tuple[SourceExcerpt, ...] = ()) -> Profile:
    tree = from_collapsed("handle (/srv/app.py:8) 3\nhandle (/srv/app.py:9) 1\n")
    lines = tuple(LineFigures(Place("handle", "/srv/app.py", line), 300, seconds) for line, seconds in ((8, 3), (9, 1)))
    return Profile("seconds", tree, "lines", "fresh", "api", lines=lines, excerpts=excerpts)


def gone(file: str) -> Reading[str]:
    return Missing("No such container: 0badc0de")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_lines_without_a_text_keep_their_figures_and_say_why(size: tuple[int, int]) -> None:
    async with profiled(by_line(), size=size, text=gone) as open_desk:
        cells = {row.key: [cell.text for cell in row.cells] for row in open_desk.table("source").rows}
        assert set(cells) == {"8", "9"}
        assert cells["8"][1:3] == ["300", "3.00 s"]
        assert cells["8"][-1] == ""
        assert "figures without text: No such container: 0badc0de" in open_desk.text


async def test_the_functions_kept_with_a_run_stand_in_for_a_container_that_is_gone() -> None:
    kept = SourceExcerpt("/srv/app.py", 7, ("def handle():", "    slow()", "    quick()"))
    async with profiled(by_line((kept,)), text=gone) as open_desk:
        texts = {row.key: row.cells[-1].text for row in open_desk.table("source").rows}
        assert texts == {"7": "def handle():", "8": "    slow()", "9": "    quick()"}
        assert "the profiled functions as they ran: No such container: 0badc0de" in open_desk.text


async def test_a_file_that_changed_since_is_shown_as_it_ran() -> None:
    kept = SourceExcerpt("/srv/app.py", 8, ("line 8", "another line 9"))
    async with profiled(by_line((kept,))) as open_desk:
        texts = {row.key: row.cells[-1].text for row in open_desk.table("source").rows}
        assert texts == {"8": "line 8", "9": "another line 9"}
        assert "the file has changed since" in open_desk.text


async def test_a_file_that_is_as_it_was_is_shown_whole() -> None:
    kept = SourceExcerpt("/srv/app.py", 8, ("line 8", "line 9"))
    async with profiled(by_line((kept,))) as open_desk:
        assert len(open_desk.table("source").rows) == 19
        assert "as they ran" not in open_desk.text


async def test_hot_lines_of_samples_show_without_their_text() -> None:
    async with profiled(sampled(), text=gone) as open_desk:
        await open_desk.press("down", "down", "down", "down")
        await open_desk.until(lambda: shown(open_desk).chosen.name == "handle")
        await open_desk.press("l")
        cells = {row.key: [cell.text for cell in row.cells] for row in open_desk.table("source").rows}
        assert cells["8"][2] == "40%"
        assert "figures without text: No such container" in open_desk.text


async def test_another_profile_is_compared_with_this_one(tmp_path: Path) -> None:
    (tmp_path / "old.collapsed").write_text(COLLAPSED.replace("dumps", "encode"))
    async with profiled(sampled()) as open_desk:
        await open_desk.press("d")
        await answer(open_desk, tmp_path / "none")
        await open_desk.until(lambda: "Not compared" in open_desk.text and "check its name" in open_desk.text)
        await open_desk.press("escape", "d")
        await answer(open_desk, tmp_path / "old.collapsed")
        await open_desk.until(lambda: "Difference  old.collapsed → api" in open_desk.text)
        await open_desk.press("escape")
        assert shown(open_desk) is open_desk.app.screen


async def answer(open_desk: Desk, path: Path) -> None:
    open_desk.app.screen.query_one("Input").value = str(path)  # type: ignore[attr-defined]
    await open_desk.press("enter")


async def test_it_is_written_for_other_viewers(tmp_path: Path) -> None:
    async with profiled(sampled()) as open_desk:
        for name in ("out.json", "out.collapsed", "out.json"):
            await open_desk.press("x")
            box = open_desk.app.screen.query_one("Input")
            box.value = str(tmp_path / name)  # type: ignore[attr-defined]
            await open_desk.press("enter")
        assert "is there already" in open_desk.text
    for name in ("out.json", "out.collapsed"):
        again = parse_profile((tmp_path / name).read_bytes(), name)
        assert again.tree.total[0] == 1000
        assert len(again.tree) == len(sampled().tree)


async def test_what_is_copied_says_it_all() -> None:
    async with profiled(sampled()) as open_desk:
        await open_desk.press("down", "down", "down", "y")
        assert open_desk.app.clipboard == ("main /srv/app.py:3 (own code): total 80% 800 samples, self 0% 0 samples")


async def test_esc_goes_out_of_the_zoom_and_then_back_to_where_it_was_opened() -> None:
    async with profiled(sampled()) as open_desk:
        await open_desk.press("down", "down", "down", "down", "enter")
        assert flame(open_desk).zoomed > 0
        assert "100% of handle" in open_desk.text
        await open_desk.press("escape")
        assert flame(open_desk).zoomed == 0
        await open_desk.press("escape")
        assert isinstance(open_desk.app.screen, FleetScreen)


async def test_a_large_profile_is_worked_out_off_the_screens_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_screen, "LARGE", 1)
    async with profiled(sampled()) as open_desk:
        assert open_desk.app.doing == ""
        await open_desk.press("L")
        await open_desk.until(lambda: shown(open_desk).state.choices.fold_library)
        assert "▏dumps" not in open_desk.text


async def test_hostile_names_and_files_stay_text() -> None:
    text = "\x1b[31mred (/srv/[bold]x[/]\x1b]0;t\x07.py:3);\u202egnp (/etc/shadow:1) 5\n"
    async with profiled(parse_profile(text.encode(), "\x1b[2Japi")) as open_desk:
        await open_desk.press("down", "t", "c", "l", "f")
        assert "\x1b" not in open_desk.text
        assert "\u202e" not in open_desk.text
        assert "␛[31mred" in open_desk.text


async def test_few_samples_are_warned_of() -> None:
    async with profiled(parse_profile(b"main (/srv/app.py:1) 40\n", "api")) as open_desk:
        assert "40 samples are few: a share of 50% is off by up to 15%" in open_desk.text


async def test_a_filter_and_a_search_are_cleared_one_by_one() -> None:
    async with profiled(sampled()) as open_desk:
        await open_desk.press("slash")
        await open_desk.type("walk")
        await open_desk.press("enter", "t", "slash")
        await open_desk.type("main")
        await open_desk.press("enter", "f")
        screen = shown(open_desk)
        assert (screen.words, screen.filter_words) == ("walk", "main")
        await open_desk.press("escape")
        assert (screen.words, screen.filter_words) == ("", "main")
        await open_desk.press("escape")
        assert (screen.words, screen.filter_words) == ("", "")
        await open_desk.press("escape")
        assert isinstance(open_desk.app.screen, FleetScreen)
