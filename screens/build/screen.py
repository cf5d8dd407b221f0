"""The mode of builds: a form of what is to be built, and below it the builds that are kept."""

import shlex
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.reactive import var

from screens.ask import AskScreen
from screens.ask_with_completion import AskWithCompletion
from screens.build import panes
from screens.build.fields import QUESTIONS, Field, changed, typed_of
from screens.build.panes.kept import KeptPane
from screens.build_view.opening import show_kept_build
from screens.build_view.screen import BuildViewScreen
from screens.commands.table import bindings_for
from screens.mode import ModeScreen
from screens.widgets.live_table import LiveTable
from workbench.model.build import BuildWish
from workbench.model.reading import Fresh, Missing, Reading
from workbench.model.runs import RunSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KIND = "build"
NOTE_SECONDS = 8.0


class BuildScreen(ModeScreen):
    """The form and the list."""

    MODE: ClassVar[str] = "build"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#fields"
    BINDINGS = bindings_for("build")  # type: ignore[assignment]

    wish: var[BuildWish] = var(BuildWish(""))
    """What is to be built."""
    problem: var[str] = var("")
    """Why it cannot be built; empty when nothing is known against it."""
    kept: var[Reading[tuple[RunSummary, ...]] | None] = var(None)
    """The builds that are kept, newest first; `None` until they are read."""

    def on_mount(self) -> None:
        """What was built last, or the working folder."""
        super().on_mount()
        self._take_session()

    def on_screen_resume(self) -> None:
        """Perhaps there are more builds, or it is another session."""
        if self._session is not self.workbench.session:
            self._take_session()
        self._read()

    def _take_session(self) -> None:
        self._session = self.workbench.session
        builds = self.workbench.session.builds
        self.wish, self.problem = builds.wish, builds.refused

    def _read(self) -> None:
        def come(reading: Reading[tuple[RunSummary, ...]]) -> None:
            if isinstance(reading, Fresh):
                builds = tuple(run for run in reading.value if run.kind == KIND)
                reading = replace(reading, value=builds)
            self.kept = reading
            self.refresh_bindings()

        self.work_out(lambda: self.workbench.session.runs.runs(), come)

    @property
    def _in_list(self) -> bool:
        # Not `has_focus`, which the table hears of later than of an Enter that came in one packet with the Tab
        return self.is_mounted and self.focused is self.query_one("#builds", LiveTable)

    def apply_filter(self, words: str) -> None:
        """Show only builds that contain these words."""
        self.query_one(KeptPane).words = words

    # --- commands --------------------------------------------------------------------------------------------------

    @on(LiveTable.Opened)
    def action_open(self) -> None:
        """Change the field, or open the build, under the cursor."""
        if self._in_list:
            key = self.query_one("#builds", LiveTable).current
            if key is not None:
                show_kept_build(self.workbench, int(key), self.MODE, self._not_opened)
        elif (field := self.query_one("#fields", LiveTable).current) is not None:
            self._change(cast("Field", field))

    def _not_opened(self, missing: Missing) -> None:
        self.workbench.say(missing.in_one_line, NOTE_SECONDS)

    def _change(self, field: Field) -> None:
        if field == "cache":
            self.action_cache()
            return

        def answered(typed: str | None) -> None:
            if typed is None:
                return
            try:
                self._wish_for(changed(self.wish, field, typed))
            except ValueError as error:
                self.problem = str(error)

        builds, wish = self.workbench.session.builds, self.wish
        offers: dict[Field, Callable[[str], Sequence[str]]] = {
            "folder": builds.folders,
            "dockerfile": lambda typed: builds.dockerfiles(wish, typed),
            "target": lambda typed: builds.stages(wish, typed),
        }
        question, answer = QUESTIONS[field], typed_of(self.wish, field)
        if (complete := offers.get(field)) is not None:
            self.app.push_screen(AskWithCompletion(question, answer, complete), answered)
        else:
            self.app.push_screen(AskScreen(question, answer), answered)

    def _wish_for(self, wish: BuildWish) -> None:
        self.wish, self.problem = wish, self.workbench.session.builds.refused

    def action_cache(self) -> None:
        """Use the cache, or run every step."""
        self._wish_for(changed(self.wish, "cache", ""))

    def action_build(self) -> None:
        """Build it, if there is something to build."""
        wish, app = self.wish, self.workbench

        def looked(reading: Reading[None]) -> None:
            if not self.is_current:
                return
            if isinstance(reading, Missing):
                self.problem = ": ".join(text for text in (reading.reason, reading.hint) if text)
            else:
                self.problem = ""
                self.app.push_screen(BuildViewScreen(wish, on_ended=self._read))

        app.session.builds.check(wish, lambda reading: app.deliver(lambda: looked(reading)))

    def action_copy(self) -> None:
        """Copy the command that does the same: that shows the build, or that builds."""
        key = self.query_one("#builds", LiveTable).current
        self.copy(f"workbench runs show {key}" if self._in_list and key else command(self.wish))


def command(wish: BuildWish) -> str:
    """What builds the same without the screens. Build arguments are left to the user: they may be secret."""
    words = ["workbench", "build", wish.folder or "DIR"]
    words += ["--file", wish.dockerfile] if wish.dockerfile else []
    words += ["--target", wish.target] if wish.target else []
    words += [part for name, _ in wish.arguments for part in ("--build-arg", f"{name}=…")]
    return shlex.join([*words, *([] if wish.uses_cache else ["--no-cache"])])
