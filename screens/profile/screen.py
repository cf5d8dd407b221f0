"""One profile, of whatever profiler: flame graph, functions, callers and callees, source."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.reactive import var

from screens.ask import AskScreen
from screens.profile import panes
from screens.profile.choosing import Choosing
from screens.profile.panes.calls import CallsPane
from screens.profile.rows import DESCENDING, SORTS
from screens.profile.state import LARGE, ProfileState, worked_out
from screens.profile.words import share, warnings, whole_path, whose
from screens.profile_diff.screen import ProfileDiffScreen
from screens.text_screen import TextScreen
from screens.widgets.flame_graph import FlameGraph
from screens.widgets.live_table import LiveTable
from workbench.errors import ProfileError
from workbench.measure.flame.functions import Neighbour, callers_and_callees, neighbours
from workbench.measure.flame.words import amount
from workbench.measure.text import shorten
from workbench.model.frame_tree import Place
from workbench.model.profile import FunctionFigures, Profile
from workbench.model.reading import Fresh, Missing, Reading
from workbench.profile_files import write_profile
from workbench.source_text import local_source

if TYPE_CHECKING:
    from workbench.profiling import Opened

MOST_SOURCES = 64


class ProfileScreen(Choosing):
    """A profile that somebody has.

    Args:
        profile: What to show.
        source: Gives the text of a file by the name that the profile has for it. It may block.
    """

    MODE: ClassVar[str] = "profile"
    PANES: ClassVar[ModuleType] = panes
    VIEWS: ClassVar[tuple[str, ...]] = ("flame", "functions", "calls", "source")
    MAIN: ClassVar[dict[str, str]] = {"calls": "callers"}
    SORTS: ClassVar[tuple[str, ...]] = SORTS
    DESCENDING: ClassVar[frozenset[str]] = DESCENDING
    HEADINGS: ClassVar[dict[str, str]] = {
        "own_amount": "own", "amount": "total", "error": "total", "where": "function", "whose": "function",
    }  # fmt: skip

    state: var[ProfileState | None] = var(None)
    """What is worked out; `None` while it is."""
    found: var[tuple[int, float] | None] = var(None)
    """How many frames the search found, and what they come to."""
    chosen: var[Place | None] = var(None)
    """The function that callers, callees and source are of."""
    neighbours: var[tuple[list[Neighbour], list[Neighbour]]] = var(([], []))
    source_text: var[Reading[str] | None] = var(None)

    def __init__(self, profile: Profile, source: Callable[[str], Reading[str]] = local_source) -> None:
        super().__init__()
        self.profile = profile
        self._source = source
        self._sources: dict[str, Reading[str]] = {}
        self._turn = 0
        self._resting: Place | None = None
        """The function that the cursor came to last."""

    def on_mount(self) -> None:
        """Begin to work out."""
        super().on_mount()
        self.set_class(self.profile.moments is not None or bool(self.profile.heap), "-timed")
        if self.profile.lines:
            self.view = "source"
            self._view_shown()
            self.focus_main()
        self._work_out()

    # --- working out -----------------------------------------------------------------------------------------------

    def watch_choices(self) -> None:
        """Something else is to be looked at."""
        if self.is_mounted:
            self._work_out()

    def _work_out(self) -> None:
        self._turn += 1
        turn, profile, choices, app = self._turn, self.profile, self.choices, self.workbench
        if len(profile.tree) < LARGE:
            self.state = worked_out(profile, choices)
            self._begin()
            return
        app.doing = "working out the frames"

        def done(reading: Reading[ProfileState]) -> None:
            app.deliver(lambda: self._done(turn, reading))

        app.session.work_out(lambda: worked_out(profile, choices), done)

    def _done(self, turn: int, reading: Reading[ProfileState]) -> None:
        if turn != self._turn or not self.is_there:
            return
        self.workbench.doing = ""
        if isinstance(reading, Fresh):
            self.state = reading.value
            self._begin()
        else:
            self.workbench.say(reading.reason)

    def _begin(self) -> None:
        if self.chosen is None and self.state is not None and self.state.functions:
            self._choose(self.state.functions[0].place)
        else:
            self._choose(self.chosen)

    def on_unmount(self) -> None:
        """Nobody is left to look at what is worked out."""
        if self.workbench.doing == "working out the frames":
            self.workbench.doing = ""

    # --- the chosen function ---------------------------------------------------------------------------------------

    def _choose(self, place: Place | None) -> None:
        state = self.state
        self.chosen = place
        if place is None or state is None:
            return
        self.neighbours = (
            callers_and_callees(self.profile, place)
            if self.profile.edges
            else neighbours(state.shown.lines, place.function, state.nodes.get(place.file))
        )
        self._read_source(place.file)

    def _read_source(self, file: str) -> None:
        if file in self._sources:
            self.source_text = self._sources[file]
            return
        self.source_text = None
        app, source = self.workbench, self._source

        def read() -> Reading[str]:
            return source(file) if file else Missing("it is not written in Python")

        def done(reading: Reading[Reading[str]]) -> None:
            text = reading.value if isinstance(reading, Fresh) else reading
            app.deliver(lambda: self._source_read(file, text))

        app.session.work_out(read, done)

    def _source_read(self, file: str, text: Reading[str]) -> None:
        if len(self._sources) >= MOST_SOURCES:
            self._sources.clear()
        self._sources[file] = text
        if self.is_there and self.chosen is not None and self.chosen.file == file:
            self.source_text = text

    def _figures(self) -> FunctionFigures | None:
        key = self.query_one("#functions", LiveTable).current
        return None if key is None or self.state is None else self.state.functions[int(key)]

    @on(FlameGraph.Highlighted)
    def _frame_chosen(self, event: FlameGraph.Highlighted) -> None:
        tree = event.flame.frames
        if self.view != "flame" or tree is None or tree.at(event.node).kind != "code":
            return
        self._choose_soon(tree.at(event.node))

    @on(LiveTable.Highlighted, "#functions")
    def _function_chosen(self) -> None:
        if self.focused is not None and self.focused.id == "functions" and (figures := self._figures()):
            self._choose_soon(figures.place)

    def _choose_soon(self, place: Place) -> None:
        """Adding up callers passes over all frames: it waits until the cursor rests."""
        if place == self.chosen:
            return
        self._resting = place

        def rested() -> None:
            if self._resting == place and self.is_there:
                self._choose(place)

        self.set_timer(0.08, rested)

    # --- views -----------------------------------------------------------------------------------------------------

    def action_view(self, view: str) -> None:
        """Show another view of the profile."""
        self._resting = None
        if self.view == "functions" and (figures := self._figures()):
            self._choose(figures.place)
        super().action_view(view)

    # --- commands --------------------------------------------------------------------------------------------------

    @on(LiveTable.Opened)
    def _row_opened(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """Zoom into the frame, or go to the function under the cursor."""
        here = self._here
        if here == "flame":
            self.query_one(FlameGraph).zoom_in()
        elif here == "functions" and (figures := self._figures()):
            self._choose(figures.place)
            self.action_view("calls")
        elif here in ("callers", "callees") and (found := self.query_one(CallsPane).neighbour(here)):
            self._choose(found.place)
        elif here == "source" and self.chosen is not None:
            self.action_view("calls")

    def action_warnings(self) -> None:
        """Everything to know before believing the figures."""
        found = warnings(self.profile)
        self.app.push_screen(TextScreen("Warnings", "\n\n".join(found) or "There is none"))

    def action_compare(self) -> None:
        """What changed from another profile to this one."""
        question = "Compare with which profile? A file, or run:N for one that is kept; it is taken for the one before"

        def answered(name: str | None) -> None:
            if name and name.strip():
                self._compare(name.strip())

        self.app.push_screen(AskScreen(question), answered)

    def _compare(self, name: str) -> None:
        app = self.workbench
        app.doing = f"reading {shorten(name, 40)}"

        def done(reading: "Reading[Opened]") -> None:
            app.doing = ""
            if isinstance(reading, Fresh):
                app.push_screen(ProfileDiffScreen((reading.value.profile,), (self.profile,)))
            else:
                app.push_screen(TextScreen("Not compared", f"{reading.reason}\n\n{reading.hint}"))

        app.session.profiles.open_named(name, lambda reading: app.deliver(lambda: done(reading)))

    def action_export(self) -> None:
        """Write the profile for other viewers."""
        name = "".join(char if char.isalnum() or char in "-_" else "-" for char in self.profile.target)[:60]
        question = (
            "Write to which file? Its name says what for: .json speedscope, .trace.json Chrome, .html a page, "
            ".prof pstats; any other: collapsed stacks"
        )

        def answered(path: str | None) -> None:
            if path and path.strip():
                self._write(Path(path.strip()).expanduser())

        self.app.push_screen(AskScreen(question, f"./{name or 'profile'}.speedscope.json"), answered)

    def _write(self, path: Path) -> None:
        try:
            form = write_profile(self.profile, path)
        except ProfileError as error:
            self.app.push_screen(TextScreen("Not written", f"{error.reason}\n\n{error.hint}"))
        else:
            self.workbench.say(f"wrote {form}: {shorten(path.name, 30)}")

    def action_copy(self) -> None:
        """The function, its file and its figures."""
        flame, state = self.query_one(FlameGraph), self.state
        if state is None:
            return
        if self._here == "flame":
            tree, node = state.shown.drawn, flame.cursor
            place, own, total = tree.at(node), tree.own[node], tree.total[node]
        elif figures := self._figures():
            place, own, total = figures.place, figures.own, figures.total
        else:
            return
        unit = state.unit
        totals = f"total {share(total, state.whole)} {amount(total, unit)}"
        selves = f"self {share(own, state.whole)} {amount(own, unit)}"
        self.copy(f"{place.name} {whole_path(place)} ({whose(place)}): {totals}, {selves}", place.name)
