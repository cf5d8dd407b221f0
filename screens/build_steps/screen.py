"""What lies behind a comparison's build times: the steps of both builds beside each other."""

from types import ModuleType
from typing import ClassVar

from textual import on
from textual.reactive import var

from screens.build_steps import panes
from screens.build_steps.rows import change_words, page, told, words_of
from screens.commands.table import bindings_for
from screens.compare.behind import BehindScreen
from screens.text_screen import TextScreen
from screens.widgets.live_table import LiveTable
from workbench.model.behind import BuildsBehind, StepPair
from workbench.model.reading import Fresh, Reading


class BuildStepsScreen(BehindScreen):
    """One table."""

    PLACE: ClassVar[str] = "build_steps"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#steps"
    BINDINGS = bindings_for("build_steps")  # type: ignore[assignment]

    builds: var[Reading[BuildsBehind] | None] = var(None)
    """`None` until they are read."""
    by_change: var[bool] = var(False)
    """Whether the largest change is on top."""
    words: var[str] = var("")

    def on_mount(self) -> None:
        """Read the steps, on a thread."""
        super().on_mount()

        def work() -> BuildsBehind:
            from workbench.comparing.behind import builds_behind  # the store, which only this needs

            return builds_behind(self.comparison, self.metric)

        def come(reading: Reading[BuildsBehind]) -> None:
            self.builds = reading

        self.work_out(work, come)

    def _pair(self) -> StepPair | None:
        key = self.query_one("#steps", LiveTable).current
        return self.builds.value.steps[int(key)] if key is not None and isinstance(self.builds, Fresh) else None

    def apply_filter(self, words: str) -> None:
        """Show only steps with these words."""
        self.words = words

    def action_order(self) -> None:
        """The largest change on top, or the order of the build again."""
        self.by_change = not self.by_change

    @on(LiveTable.Opened, "#steps")
    def action_open(self) -> None:
        """Read both instructions in full."""
        if pair := self._pair():
            self.app.push_screen(TextScreen("Step", page(pair)))

    def action_copy(self) -> None:
        """The step under the cursor."""
        if pair := self._pair():
            change = change_words(pair.change_seconds)
            self.copy(f"{words_of(pair)}: {told(pair.before)} → {told(pair.after)}, {change}")
