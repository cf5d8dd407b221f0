"""Two images side by side: what differs by layer, package and directory, and in configuration and history."""

from threading import Event
from types import ModuleType
from typing import ClassVar, Literal

from textual import on
from textual.reactive import var

from screens.anatomy.progress import sentence
from screens.commands.table import bindings_for
from screens.image_comparison import panes
from screens.image_comparison.delta_pane import DeltaPane
from screens.mode import ModeScreen
from screens.text_screen import TextScreen
from screens.widgets.live_table import LiveTable
from workbench.model.acquired import AcquireProgress
from workbench.model.image_comparison import ImageComparison
from workbench.model.images import ImageSource
from workbench.model.reading import Fresh, Missing, Reading

View = Literal["layers", "settings"]
"""Called as the first table of each."""
STOPPED = Missing("stopped")
READING = "reading the layers of both · Esc stops it"


class ImageComparisonScreen(ModeScreen):
    """Tables of differences in two views.

    Args:
        before: Id or archive, and name, of the image to compare with.
        after: Id or archive, and name, of the image that may be fatter.
        mode: The mode that it lies on.
    """

    MODE: ClassVar[str] = "image"
    PLACE: ClassVar[str] = "image_comparison"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#layers"
    BINDINGS = bindings_for("image_comparison")  # type: ignore[assignment]

    comparison: var[Reading[ImageComparison] | None] = var(None)
    by_change: var[bool] = var(False)
    """Whether the largest change is first, in every table."""
    words: var[str] = var("")
    about: var[str] = var("")
    view: var[View] = var("layers")

    def __init__(self, before: tuple[ImageSource, str], after: tuple[ImageSource, str], mode: str = "image") -> None:
        super().__init__()
        self._mode = mode
        self._sources = (before[0], after[0])
        self.names = (before[1], after[1])
        self._stop = Event()
        self._session: object = None
        self._told = ""
        """What it has said last of its reading."""

    @property
    def mode(self) -> str:
        """Where it was opened."""
        return self._mode

    def on_mount(self) -> None:
        """Begin to read both."""
        super().on_mount()
        self._view_shown()
        self._session = self.workbench.session
        app = self.workbench
        self._tell_reading(READING)

        def told(progress: AcquireProgress) -> None:
            app.deliver(lambda: self._progress(progress))

        def done(reading: Reading[ImageComparison]) -> None:
            app.deliver(lambda: self._done(reading))

        app.session.image_jobs.compare(*self._sources, told, done, self._stop)

    def on_unmount(self) -> None:
        """Nobody is left to look at what is being read."""
        self._stop.set()

    def on_screen_suspend(self) -> None:
        """What it reads is not told behind another screen."""
        if self.workbench.doing == self._told:
            self.workbench.doing = ""

    def on_screen_resume(self) -> None:
        """Another session has other images."""
        if self._session is not None and self._session is not self.workbench.session:
            self.app.pop_screen()
        elif self.comparison is None:
            self._tell_reading(READING)

    def _progress(self, progress: AcquireProgress) -> None:
        if self.is_there and self.comparison is None:
            self._tell_reading(sentence(progress))

    def _done(self, reading: Reading[ImageComparison]) -> None:
        if self.is_there and self.comparison is None:
            self._tell_reading("")
            self.comparison = reading
            self._tell_about()

    def _tell_reading(self, words: str) -> None:
        """Only where Esc stops it."""
        if self.is_current:
            self._told = self.workbench.doing = words

    # --- what the cursor is on -------------------------------------------------------------------------------------

    def _pane(self) -> DeltaPane:
        here = self.focused.id if self.focused is not None else None
        found = {pane.TABLE: pane for pane in self.query(DeltaPane)}
        return found.get(here or "", found[self.view])

    def _text(self) -> str:
        pane = self._pane()
        place = pane.current()
        if place is None or not isinstance(self.comparison, Fresh):
            return ""
        return pane.text(self.comparison.value, place)

    @on(LiveTable.Highlighted)
    def _tell_about(self) -> None:
        if self.is_there:
            self.about = self._text()

    def on_descendant_focus(self) -> None:
        """What is told is of the pane that has the focus."""
        self._tell_about()

    # --- commands --------------------------------------------------------------------------------------------------

    def action_view(self, view: View) -> None:
        """Show the bytes, or the settings and the history."""
        self.clear_filter()
        self.view = view
        self._view_shown()
        self.focus_main()
        self._tell_about()

    def action_next_view(self) -> None:
        """Show the other view."""
        self.action_view("settings" if self.view == "layers" else "layers")

    def _view_shown(self) -> None:
        self.set_class(self.view == "settings", "-view-settings")
        self.refresh_bindings()

    def focus_main(self) -> None:
        """Put the focus on the first table of the view."""
        self.query_one(f"#{self.view}").focus()

    def apply_filter(self, words: str) -> None:
        """Show only differences that contain these words."""
        self.words = words

    @on(LiveTable.Opened)
    def action_open(self) -> None:
        """The whole difference."""
        if text := self._text():
            self.app.push_screen(TextScreen("Difference", text))

    def action_sort(self) -> None:
        """In the order of the images, or the largest change first."""
        self.by_change = not self.by_change

    @on(LiveTable.HeadingClicked)
    def _heading(self, event: LiveTable.HeadingClicked) -> None:
        self.by_change = event.column in ("delta", "before", "after")

    def action_copy(self) -> None:
        """What is told of the row."""
        self.copy(self._text(), "the difference")

    def leave_level(self) -> bool:
        """Stop reading; then to the layers; then to the list."""
        if self.comparison is None:
            self._stop.set()
            self.workbench.doing = ""
            self.comparison = STOPPED
        elif self.view != "layers":
            self.action_view("layers")
        else:
            self.app.pop_screen()
        return True

    def can_go_back(self) -> bool:
        """There is always the list."""
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key line names the view that is not shown."""
        if action == "view":
            return parameters != (self.view,)
        return super().check_action(action, parameters)
