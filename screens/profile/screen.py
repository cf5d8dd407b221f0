"""One profile, of whatever profiler: flame graph, functions, callers and callees, source."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import ClassVar, Literal

from textual import on
from textual.reactive import var
from textual.widgets import Input

from screens.ask import AskScreen
from screens.commands.table import bindings_for
from screens.mode import ModeScreen
from screens.profile import panes
from screens.profile.panes.calls import CallsPane
from screens.profile.rows import DESCENDING, SORTS
from screens.profile.state import LARGE, ProfileState, worked_out
from screens.profile.words import amount, share, warnings, whole_path, whose
from screens.text_screen import TextScreen
from screens.widgets.flame_graph import FlameGraph
from screens.widgets.live_table import LiveTable
from workbench.errors import ProfileError
from workbench.measure.flame.functions import Neighbour, callers_and_callees, neighbours
from workbench.measure.flame.views import Choices, parts
from workbench.measure.text import shorten
from workbench.model.frame_tree import Place
from workbench.model.profile import FunctionFigures, Profile
from workbench.model.reading import Fresh, Missing, Reading
from workbench.profile_files import write_profile
from workbench.source_text import local_source

View = Literal["flame", "functions", "calls", "source"]
VIEWS: tuple[View, ...] = ("flame", "functions", "calls", "source")
MAIN = {"calls": "callers"}
"""The main widget of a view, where it is not called as the view is."""
MOST_SOURCES = 64


class ProfileScreen(ModeScreen):
    """A profile that somebody has.

    Args:
        profile: What to show.
        source: Gives the text of a file by the name that the profile has for it. It may block.
    """

    MODE: ClassVar[str] = "profile"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#flame"
    BINDINGS = bindings_for("profile")  # type: ignore[assignment]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012  Textual declares it

    state: var[ProfileState | None] = var(None)
    """What is worked out; `None` while it is."""
    choices: var[Choices] = var(Choices())
    view: var[View] = var("flame")
    words: var[str] = var("")
    """What is searched for in the flame graph."""
    found: var[tuple[int, float] | None] = var(None)
    """How many frames the search found, and what they come to."""
    filter_words: var[str] = var("")
    """What functions must contain."""
    sort: var[str] = var("own")
    descending: var[bool] = var(True)
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
        self._filters_functions = False

    def on_mount(self) -> None:
        """Begin to work out."""
        super().on_mount()
        self._view_shown()
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
        if turn != self._turn or not self.is_mounted or not self.query("#flame"):
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
        if self.is_mounted and self.chosen is not None and self.chosen.file == file:
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
            if self._resting == place and self.is_mounted and self.query("#flame"):
                self._choose(place)

        self.set_timer(0.08, rested)

    # --- views -----------------------------------------------------------------------------------------------------

    def action_view(self, view: View) -> None:
        """Show another view of the profile."""
        self._close_line()
        self._resting = None
        if self.view == "functions" and (figures := self._figures()):
            self._choose(figures.place)
        self.view = view
        self._view_shown()
        self.focus_main()

    def action_next_view(self) -> None:
        """Show the next view."""
        self.action_view(VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)])

    def _view_shown(self) -> None:
        for view in VIEWS:
            self.set_class(view == self.view, f"-view-{view}")
        self.refresh_bindings()

    def focus_main(self) -> None:
        """Put the focus on the main thing of the view."""
        self.query_one(f"#{MAIN.get(self.view, self.view)}").focus()

    # --- commands --------------------------------------------------------------------------------------------------

    def apply_filter(self, words: str) -> None:
        """Search the flame graph, or filter the functions: whichever it was opened for."""
        if self._filters_functions:
            self.filter_words = words
        else:
            self.words = words

    def action_filter(self) -> None:
        """Open the line to type on: a search in the flame graph, a filter of the functions."""
        if self.view not in ("flame", "functions"):
            self.action_view("functions")
        self._filters_functions = self.view == "functions" or self._here == "functions"
        box = self.query_one("#filter", Input)
        with box.prevent(Input.Changed):
            box.value = self.filter_words if self._filters_functions else self.words
        super().action_filter()

    @property
    def _here(self) -> str | None:
        return self.focused.id if self.focused is not None else None

    def clear_filter(self) -> bool:
        """Forget what was typed for this view; `False` when there was nothing."""
        is_open = self.query_one("#filter", Input).display
        self._close_line()
        if self.words and (not self._filters_functions if is_open else self.view == "flame"):
            self.words = ""
        elif self.filter_words and (self._filters_functions if is_open else self.view in ("flame", "functions")):
            self.filter_words = ""
        else:
            return is_open
        return True

    def _close_line(self) -> None:
        box = self.query_one("#filter", Input)
        if box.display:
            with box.prevent(Input.Changed):
                box.value = ""
            self._show_filter(shown=False)
            self.focus_main()

    def action_match(self, step: int) -> None:
        """The next frame that was found, or the one before."""
        if not self.query_one(FlameGraph).next_match(step):
            self.workbench.say("nothing was found: / searches")

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

    def action_sort(self) -> None:
        """By the next column."""
        self._sort_by(SORTS[(SORTS.index(self.sort) + 1) % len(SORTS)])

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.descending = not self.descending

    def _sort_by(self, column: str) -> None:
        if column == self.sort:
            self.descending = not self.descending
        elif column in SORTS:
            self.descending = column in DESCENDING
            self.sort = column

    @on(LiveTable.HeadingClicked, "#functions")
    def _heading(self, event: LiveTable.HeadingClicked) -> None:
        self._sort_by({"amount": "own", "where": "function", "whose": "function"}.get(event.column, event.column))

    def action_busy(self) -> None:
        """With the stacks that wait, or without."""
        self.choices = replace(self.choices, busy=not self.choices.busy)

    def action_part(self, step: int) -> None:
        """The next process or thread; all of them after the last."""
        found = [(), *parts(self.profile.tree)]
        if len(found) == 1:
            self.workbench.say("no threads are told apart here")
            return
        place = found.index(self.choices.part) if self.choices.part in found else 0
        self.choices = replace(self.choices, part=found[(place + step) % len(found)])

    def action_order(self) -> None:
        """The largest first, or as it ran."""
        if self.profile.timeline is None:
            self.workbench.say("no order of time here: speedscope has it")
            return
        self.choices = replace(self.choices, in_time=not self.choices.in_time)

    def action_fold_library(self) -> None:
        """Count what libraries did for the code that called them."""
        self.choices = replace(self.choices, fold_library=not self.choices.fold_library)

    def action_fold_recursion(self) -> None:
        """A function once in each stack."""
        self.choices = replace(self.choices, fold_recursion=not self.choices.fold_recursion)

    def action_warnings(self) -> None:
        """Everything to know before believing the figures."""
        found = warnings(self.profile)
        self.app.push_screen(TextScreen("Warnings", "\n\n".join(found) or "There is none"))

    def action_export(self) -> None:
        """Write the profile for other viewers."""
        name = "".join(char if char.isalnum() or char in "-_" else "-" for char in self.profile.target)[:60]
        question = "Write to which file? .json is for speedscope, any other name gets collapsed stacks"

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
        unit = self.profile.unit
        totals = f"total {share(total, state.whole)} {amount(total, unit)}"
        selves = f"self {share(own, state.whole)} {amount(own, unit)}"
        self.copy(f"{place.name} {whole_path(place)} ({whose(place)}): {totals}, {selves}", place.name)

    # --- back ------------------------------------------------------------------------------------------------------

    def leave_level(self) -> bool:
        """Out of the zoom; to the flame graph; to where it was opened from."""
        if self.view == "flame" and self._here == "flame" and self.query_one(FlameGraph).zoom_out():
            return True
        if self.view != "flame":
            self.action_view("flame")
            return True
        if self._here != "flame":
            self.focus_main()
            return True
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
            return True
        return False

    def can_go_back(self) -> bool:
        """There is always where it was opened from."""
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key line names the views that are not shown, and the keys of the one that is."""
        if action == "view":
            return parameters != (self.view,)
        if action in ("sort", "reverse"):
            return self.view == "functions"
        if action == "match":
            return self.view == "flame" and bool(self.words)
        return super().check_action(action, parameters)
