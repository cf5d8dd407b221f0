"""The form before a profile: which profiler, how long, of what, and by which way in, with its price and its risk."""

import shlex
from dataclasses import replace
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from screens.ask import AskScreen
from screens.choose import ConfirmScreen
from screens.laid_out import LaidOut
from screens.latest import Latest
from screens.profile import form_lines
from screens.profile.draft import FRESH_FOR, KINDS, OPTION_KEYS, Draft, Option, settled
from screens.profile.function_choice import FunctionChoice
from screens.profile.kept import KeptScreen
from screens.profile.way_in import Ways, blocked, told
from screens.widgets.line import Line, Part
from screens.widgets.wrapped import Paragraph, Wrapped
from workbench.errors import WorkbenchError
from workbench.measure.text import printable
from workbench.model.probe import TargetFacts
from workbench.model.reading import Missing, Reading
from workbench.model.runs import RunSummary
from workbench.model.wish import Wish

if TYPE_CHECKING:
    from screens.app import WorkbenchApp

MOST_ROWS = max(len(kind.options) for kind in KINDS)
MOST_SECONDS = 3600
MOST_RATE = 1000


class Begin(NamedTuple):
    """Record this."""

    draft: Draft
    """As it was chosen."""
    wish: Wish
    """With the way in that is taken, and that its risk is agreed to."""


class OpenKept(NamedTuple):
    """Show this one, which is kept."""

    run: int


class ProfileForm(LaidOut, ModalScreen["Begin | OpenKept | None"]):
    """Gives what is to be done, or `None` after Esc.

    Args:
        container_id: What may be profiled.
        name: How it is called.
        draft: What is chosen at first.
        refused: Why nothing can be recorded here at all; empty when it can.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Leave"),
        Binding("enter", "start", "Start"),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("left", "change(-1)", "Less", show=False),
        Binding("right,space", "change(1)", "More", show=False),
        Binding("w", "way", "Way in", show=False),
        Binding("e", "kept", "Earlier profiles", show=False),
        Binding("backspace", "rub_out", "Rub out", show=False),
        # Bindings, not `on_key`: a key that comes before the form is there must find it all the same.
        *(Binding(kind.key, f"profiler('{kind.name}')", kind.title, show=False) for kind in KINDS),
        *(Binding(key, f"pick('{option}')", option, show=False) for key, option in OPTION_KEYS.items()),
        *(Binding(figure, f"figure('{figure}')", figure, show=False) for figure in "0123456789"),
    ]

    def __init__(self, container_id: str, name: str, draft: Draft, refused: str = "") -> None:
        super().__init__()
        self._container_id = container_id
        self._called = name
        self._draft = draft
        self._cursor = 0
        """0 is the row of profilers, those after it are options."""
        self._facts: TargetFacts | None = None
        self._refused = refused
        """Why nothing can be started, whatever is chosen."""
        self._no_process = ""
        """Why the process that is wished for cannot be profiled."""
        self._no_ways = ""
        """Why no ways in can be told for what is chosen."""
        self._ways: Ways | None = None
        self._ways_of: Draft | None = None
        """The draft that the ways were worked out for."""
        self._starts = False
        """Whether Enter was pressed before the way in was known."""
        self._typed = ""
        self._kept = 0
        """How many profiles of it are kept."""
        self._stop = Event()
        self._asked: Latest[Ways | WorkbenchError] = Latest(self)
        self._is_there = False
        """Whether there is something to draw on: keys may come before."""

    @property
    def workbench(self) -> "WorkbenchApp":
        """The app."""
        return cast("WorkbenchApp", self.app)

    def compose(self) -> ComposeResult:
        """Profilers, options, the way in, keys."""
        with Vertical():
            yield Line(Part(f"Profile {self._called}", "strong"), id="title")
            yield Line(id="profilers")
            yield Line(id="words")
            for row in range(MOST_ROWS):
                yield Line(id=f"option-{row}")
            yield Line(id="way")
            yield Wrapped(indent=2, id="told")
            yield Line(id="keys")

    def on_mount(self) -> None:
        """Draw, and ask what there is while the user reads."""
        self._is_there = True
        app = self.workbench
        self._draw()
        app.session.profiles.kept(self._called, lambda reading: app.deliver(partial(self._kept_came, reading)))
        if not self._refused:
            app.session.profiles.probe(
                self._container_id, lambda reading: app.deliver(partial(self._probed, reading)), self._stop
            )

    def on_unmount(self) -> None:
        """Nobody waits for the probe any more."""
        self._stop.set()

    # --- what is found out -----------------------------------------------------------------------------------------

    def _kept_came(self, reading: Reading[tuple[RunSummary, ...]]) -> None:
        if self.is_there and not isinstance(reading, Missing):
            self._kept = len(reading.value)
            self._draw()

    def _probed(self, reading: Reading[TargetFacts]) -> None:
        if not self.is_there:
            return
        if isinstance(reading, Missing):
            self._refused = reading.in_one_line
            self._draw()
            return
        self._facts = reading.value
        wish, self._no_process = settled(self._draft.wish, reading.value)
        self._take(replace(self._draft, wish=wish))

    def _take(self, draft: Draft) -> None:
        """Another draft: the ways in are to be worked out anew."""
        self._draft = draft
        self._draw()
        if self._facts is None:
            return
        profiles, facts = self.workbench.session.profiles, self._facts

        def work() -> Ways | WorkbenchError:
            try:
                return profiles.ways_in(facts, draft.wish)
            except WorkbenchError as error:
                return error

        self._asked.ask(work, partial(self._ways_found, draft))

    def _ways_found(self, draft: Draft, ways: Ways | WorkbenchError) -> None:
        if isinstance(ways, WorkbenchError):
            self._no_ways = ways.reason
        else:
            self._ways, self._ways_of, self._no_ways = ways, draft, ""
        self._draw()
        if self._starts:
            self.action_start()

    # --- drawing ---------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        if not self._is_there:
            return
        draft, ways = self._draft, self._ways
        rows = draft.rows(self._facts, ways)
        self._cursor = min(self._cursor, len(rows))
        there = self.workbench.session.profiles.names
        row = form_lines.profilers(draft, there, ways, refused=bool(self._refused))
        self.query_one("#profilers", Line).show([form_lines.mark(here=self._cursor == 0), *row])
        self.query_one("#words", Line).show([Part(f"  {draft.kind.words}", "dim")])
        for place in range(MOST_ROWS):
            line = self.query_one(f"#option-{place}", Line)
            line.display = place < len(rows)
            if place < len(rows):
                line.show(form_lines.option(rows[place], here=self._cursor == place + 1))
        self.query_one("#way", Line).show(form_lines.way_in(draft, ways))
        self.query_one("#told", Wrapped).show(self._told())
        closed = bool(self._problem or blocked(draft, ways))
        self.query_one("#keys", Line).show(form_lines.keys(self._kept, closed=closed))

    @property
    def _problem(self) -> str:
        """Why nothing can be started, whatever way in is taken."""
        no_process = f"{self._no_process}: o chooses another" if self._no_process else ""
        return self._refused or no_process or self._no_ways

    def _told(self) -> list[Paragraph]:
        if self._problem:
            return [Paragraph(self._problem, "watch", 4)]
        if self._ways is None:
            if self._starts:
                return [Paragraph("it starts as soon as the container has been looked at", "accent")]
            return [Paragraph("looking at the container", "dim")]
        return told(self._draft, self._ways)

    # --- keys ------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only profilers that are there can be chosen."""
        return action != "profiler" or parameters[0] in self.workbench.session.profiles.names

    def action_figure(self, figure: str) -> None:
        """Type another figure of how long it takes, or of the rate where the cursor is on that."""
        self._type(self._typed + figure)

    def action_profiler(self, name: str) -> None:
        """Choose a profiler, with what was chosen for it the last time."""
        self._typed = ""
        wish = self.workbench.session.profiles.wish(name, self._container_id)
        self._cursor = 0
        self._take(Draft(name, replace(wish, pid=self._draft.wish.pid)))

    def action_pick(self, option: Option) -> None:
        """Go to an option and give it its next value."""
        self._typed = ""
        rows = [row.option for row in self._draft.rows(self._facts, self._ways)]
        if option == "run" and option not in self._draft.kind.options:
            name = next(name for name in FRESH_FOR if name in self.workbench.session.profiles.names)
            wish = self.workbench.session.profiles.wish(name, self._container_id)
            self._take(Draft(name, replace(wish, route="fresh")))
        elif option in rows:
            self._cursor = rows.index(option) + 1
            self._change(option, 1)

    def action_move(self, step: int) -> None:
        """Go to the next row."""
        self._typed = ""
        self._cursor = (self._cursor + step) % (len(self._draft.rows(self._facts, self._ways)) + 1)
        self._draw()

    def action_change(self, step: int) -> None:
        """The next value of this row, or the one before."""
        self._typed = ""
        if self._cursor == 0:
            names = [kind.name for kind in KINDS if kind.name in self.workbench.session.profiles.names]
            self.action_profiler(names[(names.index(self._draft.profiler) + step) % len(names)])
        else:
            self._change(self._draft.rows(self._facts, self._ways)[self._cursor - 1].option, step)

    def _change(self, option: Option, step: int) -> None:
        if option == "functions":
            self._choose_functions()
        elif option == "command":
            self._ask_command()
        else:
            if option == "process":
                self._no_process = ""
            self._take(self._draft.changed(option, step, self._facts, self._ways))

    def _type(self, typed: str) -> None:
        """Take what was typed, unless it is too much."""
        rows = self._draft.rows(self._facts, self._ways)
        wish = self._draft.wish
        is_rate = self._cursor > 0 and rows[self._cursor - 1].option == "rate"
        places = [place for place, row in enumerate(rows) if row.option == "seconds"]
        if not is_rate and not places:
            return
        if not is_rate:
            self._cursor = places[0] + 1
        if int(typed or 0) <= (MOST_RATE if is_rate else MOST_SECONDS):
            self._typed = typed
        if number := int(self._typed or 0):
            wish = replace(wish, rate=number) if is_rate else replace(wish, seconds=float(number))
            self._take(replace(self._draft, wish=wish))

    def action_rub_out(self) -> None:
        """Take back the last figure that was typed."""
        if self._typed:
            self._type(self._typed[:-1])

    def action_way(self) -> None:
        """The next way in that is open."""
        self._take(self._draft.other_way(self._ways))

    def _ask_command(self) -> None:
        question = "Run which command in the fresh container? Nothing is the container's own"

        def answered(text: str | None) -> None:
            if text is None:
                return
            try:
                words = tuple(shlex.split(text))
            except ValueError as error:
                self.workbench.say(f"no command: {error}")
                return
            self._take(replace(self._draft, wish=replace(self._draft.wish, command=words)))

        self.app.push_screen(AskScreen(question, shlex.join(self._draft.wish.command)), answered)

    def _choose_functions(self) -> None:
        def answered(functions: tuple[str, ...] | None) -> None:
            if functions is not None:
                self._take(replace(self._draft, wish=replace(self._draft.wish, functions=functions)))

        choice = FunctionChoice(self._container_id, self._called, self._draft.wish.functions)
        self.app.push_screen(choice, answered)

    def action_kept(self) -> None:
        """Choose one of the profiles that are kept."""

        def chosen(run: int | None) -> None:
            if run is not None:
                self.dismiss(OpenKept(run))

        self.app.push_screen(KeptScreen(self._called), chosen)

    def action_start(self) -> None:
        """Record, once it is known how and the user has agreed to what may go wrong."""
        self._starts = False
        if self._problem:
            return
        if self._ways is None or self._ways_of != self._draft:
            self._starts = True
            self._draw()
            return
        way = self._draft.way(self._ways)
        if way is None or blocked(self._draft, self._ways):
            return
        begin = Begin(self._draft, replace(self._draft.wish, route=way.name, accepts_risk=bool(way.risk)))
        if not way.risk:
            self.dismiss(begin)
            return

        def agreed(yes: bool | None) -> None:
            if yes:
                self.dismiss(begin)

        question = f"Start {self._draft.kind.title} in {printable(self._called)} by {way.name}?\n{way.risk}"
        self.app.push_screen(ConfirmScreen(question, "agree and start"), agreed)

    def action_leave(self) -> None:
        """Record nothing."""
        self.dismiss(None)
