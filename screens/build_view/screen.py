"""One build: live while it runs, and what it came to afterwards; one that is kept looks the same."""

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.reactive import var

from screens.build_view import panes
from screens.build_view.live import LiveBuild
from screens.build_view.panes.log import StepLogPane
from screens.build_view.part import BuildPane
from screens.build_view.rows import ORDERS, Order
from screens.build_view.shown import Shown, finished
from screens.choose import ConfirmScreen
from screens.commands.table import bindings_for
from screens.mode import ModeScreen
from screens.text_screen import TextScreen
from screens.widgets.cursor_rows import CursorRows
from screens.widgets.live_table import LiveTable
from workbench.measure.units import duration
from workbench.model.build import BuildWish
from workbench.model.opened_build import OpenedBuild
from workbench.model.reading import Missing, Reading

if TYPE_CHECKING:
    from textual.timer import Timer

NOTE_SECONDS = 8.0
_ON_STEPS = frozenset({"order", "internal", "newest", "pane"})
"""Actions that mean something in the view of the steps only."""


class BuildViewScreen(ModeScreen):
    """Its panes: a few sentences, the steps as a timeline, the log of the chosen one, and whatever else is a view.

    Args:
        build: What is shown: a build that has ended, or what is to be built now.
        mode: The mode that it lies on.
        on_ended: Told when a build has ended after this screen was left.
    """

    MODE: ClassVar[str] = "build"
    PLACE: ClassVar[str] = "build_view"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#steps"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012  Textual declares it
    BINDINGS = bindings_for("build_view")  # type: ignore[assignment]

    shown: var[Shown] = var(Shown(""))
    """The build, at one moment."""
    chosen: var[int | None] = var(None)
    """The step under the cursor, by its place."""
    order: var[Order] = var("stage")
    words: var[str] = var("")
    """The filter."""
    internal: var[bool] = var(False)
    """Whether the builder's own short steps are shown."""
    view_name: var[str] = var("steps")

    def __init__(
        self, build: OpenedBuild | BuildWish, mode: str = "build", on_ended: "Callable[[], object]" = lambda: None
    ) -> None:
        super().__init__()
        self._on_ended = on_ended
        self._lies_on = mode
        self._session: object = None
        self._live: LiveBuild | None = None
        """The build that runs; `None` when it has ended."""
        self._ticking: Timer | None = None
        self._wish = build if isinstance(build, BuildWish) else None
        if isinstance(build, OpenedBuild):
            self.set_reactive(BuildViewScreen.shown, finished(Shown(build.name), build))
        else:
            self.set_reactive(
                BuildViewScreen.shown,
                Shown(build.folder, uses_cache=build.uses_cache, target=build.target),
            )

    @property
    def mode(self) -> str:
        """The mode that it lies on."""
        return self._lies_on

    @property
    def views(self) -> list[str]:
        """The views that there are, in their order."""
        return list(dict.fromkeys(pane.VIEW for pane in self.query(BuildPane) if pane.VIEW))

    def on_mount(self) -> None:
        """Show the first view, and begin to build."""
        super().on_mount()
        app = self.workbench
        self._session = app.session
        self._show_view()
        if self._wish is not None:
            self._live = LiveBuild(app, self._wish, self._progress, self._done, lambda: self.is_current)
            self._live.start()
            if not app.still:
                self._ticking = self.set_interval(1.0, self._live.tick)

    def on_screen_resume(self) -> None:
        """Another session has other builds; of ours, what was not looked at meanwhile is shown."""
        if self._session is not None and self._session is not self.workbench.session:
            self.app.pop_screen()
        elif self._live is not None:
            self._live.paint()

    # --- what comes ------------------------------------------------------------------------------------------------

    def _progress(self, change: Callable[[Shown], Shown]) -> None:
        if self.is_attached and self.shown.running:
            before, self.shown = self.shown, change(self.shown)
            if bool(before.steps) != bool(self.shown.steps):
                self.refresh_bindings()

    def _done(self, reading: Reading[OpenedBuild]) -> None:
        if not self.is_attached:
            self._on_ended()
            return
        self._live = None
        if self._ticking is not None:
            self._ticking.stop()
        if isinstance(reading, Missing):
            self.shown = replace(self.shown, running=False, stopping=False, problem=reading.in_one_line)
        else:
            self.shown = finished(self.shown, reading.value)
        self.refresh_bindings()
        if not self.is_current:
            self.workbench.say(f"the build of {self.shown.name} has ended: 5 shows it", NOTE_SECONDS)

    # --- commands --------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What means nothing now is not offered."""
        if action == "view":
            return len(self.views) > 1
        if action in _ON_STEPS and self.view_name != "steps":
            return False
        if action in ("open", "filter", "order", "copy"):
            told = self.shown.steps if self.view_name == "steps" else self.shown.analysis
            return bool(told) and super().check_action(action, parameters)
        return super().check_action(action, parameters)

    def apply_filter(self, words: str) -> None:
        """Show only steps that contain these words."""
        self.words = words

    def action_order(self) -> None:
        """In order, by cost, by what they save once that is known."""
        orders = [order for order in ORDERS if order != "saves" or self.shown.graph]
        self.order = orders[(orders.index(self.order) + 1) % len(orders)] if self.order in orders else "stage"
        self.workbench.say(f"steps {ORDERS[self.order]}")

    @on(LiveTable.HeadingClicked, "#steps")
    def _heading(self, event: LiveTable.HeadingClicked) -> None:
        by: dict[str, Order] = {"seconds": "cost", "worth": "saves"}
        self.order = by.get(event.column, "stage")

    def action_internal(self) -> None:
        """Show the builder's own short steps, or no longer."""
        self.internal = not self.internal
        self.workbench.say(f"the builder's own short steps are {'shown' if self.internal else 'left out'}")

    def action_view(self) -> None:
        """The next view."""
        views = self.views
        self.view_name = views[(views.index(self.view_name) + 1) % len(views)]
        self._show_view()

    def _show_view(self) -> None:
        for pane in self.query(BuildPane):
            pane.display = pane.VIEW in ("", self.view_name)
        self.refresh_bindings()
        self.focus_main()

    def focus_main(self) -> None:
        """Put the focus on the main thing of the view."""
        main = next((pane.MAIN for pane in self.query(BuildPane) if self.view_name == pane.VIEW and pane.MAIN), "")
        if main:
            self.set_focus(self.query(main).first())

    @property
    def _part(self) -> BuildPane | None:
        """The pane that has the focus."""
        inside = self.focused.ancestors_with_self if self.focused else ()
        return next((each for each in inside if isinstance(each, BuildPane)), None)

    @on(CursorRows.Opened)
    def action_open(self) -> None:
        """Everything about what the cursor is on."""
        if self._part is not None and (told := self._part.to_read()) is not None:
            self.app.push_screen(TextScreen(*told))

    def action_pane(self) -> None:
        """Go to the log of the step, and back."""
        self.app.action_focus_next()

    def action_newest(self) -> None:
        """Go to the end of the log and follow it."""
        self.query_one(StepLogPane).newest()

    def action_copy(self) -> None:
        """Copy what the cursor is on."""
        if self._part is not None:
            self.copy(*self._part.to_copy())

    # --- leaving ---------------------------------------------------------------------------------------------------

    def leave_level(self) -> bool:
        """Back to the steps; cancel what runs, after a question; else back to where it was opened."""
        if self.view_name != "steps":
            self.view_name = "steps"
            self._show_view()
        elif self.shown.running and not self.shown.stopping:
            self._ask_to_cancel()
        else:
            if self.shown.running:
                self.workbench.say("the build stops by itself, and is kept among the runs", NOTE_SECONDS)
            self.app.pop_screen()
        return True

    def can_go_back(self) -> bool:
        """There is always something under it."""
        return True

    def _ask_to_cancel(self) -> None:
        def answered(yes: bool | None) -> None:
            if yes and self.shown.running and self._live is not None:
                self._live.stop()
                self.shown = replace(self.shown, stopping=True)

        ran = duration(self.shown.now)
        question = f"Cancel the build of {self.shown.name}?\nIt has run for {ran}; what it made is removed."
        self.app.push_screen(ConfirmScreen(question, "cancel the build"), answered)
