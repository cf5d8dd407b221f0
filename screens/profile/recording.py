"""A profile that is being recorded: how far it is, and what it shows so far."""

from collections.abc import Sequence
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.laid_out import LaidOut
from screens.latest import Latest
from screens.text_screen import TextScreen
from screens.widgets.line import Line, Part
from screens.widgets.looks import MUTED
from workbench.measure.flame.collapsed import from_collapsed
from workbench.measure.flame.functions import functions_of
from workbench.measure.text import printable
from workbench.measure.units import bar, duration, percent
from workbench.model.profile import FunctionFigures
from workbench.model.reading import Fresh, Reading
from workbench.model.wish import Wish

if TYPE_CHECKING:
    from screens.app import WorkbenchApp
    from workbench.profilers.base import Progress
    from workbench.profiling import Opened

SHOWN = 8
"""Functions that are listed while it records."""
BAR = 30


class RecordingScreen(LaidOut, ModalScreen["Opened | None"]):
    """Gives what was recorded, or `None` when it failed or was given up before there was anything.

    Args:
        container_id: What is profiled.
        name: How it is called.
        profiler: The profiler's name.
        wish: How.
    """

    BINDINGS = [Binding("escape,enter,q", "enough", "Enough")]  # noqa: RUF012  Textual's own declaration

    def __init__(self, container_id: str, name: str, profiler: str, wish: Wish) -> None:
        super().__init__()
        self._container_id = container_id
        self._called = name
        self._profiler = profiler
        self._wish = wish
        self._stop = Event()
        self._is_left = False
        """Whether the user did not wait for the end."""

    def compose(self) -> ComposeResult:
        """What is done, how far it is, what it shows so far, the keys."""
        with Vertical():
            yield Static(Content.styled(f"{self._profiler} of {printable(self._called)}", "bold $text-accent"))
            yield Line(id="progress")
            for row in range(SHOWN):
                yield Line(id=f"function-{row}")
            yield Static(Content.styled("Esc ends it and shows what was gathered", MUTED), id="keys")

    @property
    def workbench(self) -> "WorkbenchApp":
        """The app."""
        return cast("WorkbenchApp", self.app)

    def on_mount(self) -> None:
        """Begin to record."""
        app = self.workbench
        self.query_one("#progress", Line).show([Part("looking at the container", "dim")])
        self._latest: Latest[list[FunctionFigures]] = Latest(self)
        app.session.profiles.record(
            self._container_id,
            self._profiler,
            self._wish,
            lambda progress: app.deliver(partial(self._progress, progress)),
            lambda reading: app.deliver(partial(self._done, reading)),
            self._stop,
        )

    def on_unmount(self) -> None:
        """Nobody is left to look at it."""
        self._stop.set()

    def action_enough(self) -> None:
        """End it: what was gathered is the result. Once more: do not even wait for that."""
        if self._stop.is_set():
            self._is_left = True
            self.workbench.say(f"the {self._profiler} of {self._called} ends by itself, and is kept among the runs")
            self.dismiss(None)
            return
        self._stop.set()
        self.query_one("#progress", Line).show([Part("ending it, and removing what was made for it", "accent")])
        self.query_one("#keys", Static).update(Content.styled("Esc once more does not wait for it", MUTED))

    def _progress(self, progress: "Progress") -> None:
        if not self.is_there or self._stop.is_set():
            return
        share = min(1.0, progress.elapsed_seconds / progress.seconds) if progress.seconds else None
        left = f"{duration(max(0.0, progress.seconds - progress.elapsed_seconds))} left" if progress.seconds else ""
        done = progress.note or f"{progress.samples} samples"
        words = ", ".join(word for word in (done, left) if word)
        self.query_one("#progress", Line).show(
            [Part(f"{bar(share, BAR)} ", "accent"), Part(words)], [Part(f"  through {progress.how}", "dim")]
        )
        if progress.partial:
            self._latest.ask(partial(_largest, progress.partial), self._show)

    def _show(self, functions: Sequence[FunctionFigures]) -> None:
        total = sum(each.own for each in functions)
        for row in range(SHOWN):
            line = self.query_one(f"#function-{row}", Line)
            if row >= len(functions):
                line.show([])
                continue
            one = functions[row]
            share = 100 * one.own / total if total else None
            line.show([Part(f"{percent(share):>6}  "), Part(one.place.name), Part(f"  {one.place.file}", "dim")])

    def _done(self, reading: "Reading[Opened]") -> None:
        if self._is_left or not self.is_there:
            return
        if isinstance(reading, Fresh):
            self.dismiss(reading.value)
            return
        self.dismiss(None)
        if self._stop.is_set() and reading.reason == "stopped":
            self.workbench.say("stopped before there was anything to show")
            return
        words = "\n\n".join(text for text in (reading.reason, reading.hint) if text)
        self.app.push_screen(TextScreen(f"No {self._profiler} of {self._called}", words))


def _largest(collapsed: str) -> list[FunctionFigures]:
    return functions_of(from_collapsed(collapsed))
