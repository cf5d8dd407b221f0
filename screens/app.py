"""The app: a session in, readings out. Panes watch the readings; nothing here draws."""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import constants, events, on
from textual.app import App, ScreenStackError, SuspendNotSupported, SystemCommand
from textual.driver import Driver
from textual.filter import LineFilter
from textual.message import Message
from textual.reactive import var
from textual.screen import Screen

from screens.arrivals import Arrivals
from screens.commands.command import Command
from screens.commands.keymap import check_keymap
from screens.commands.table import COMMANDS, bindings_for, places_of
from screens.few_colours import FewColours
from screens.garbage import GarbageTimes
from screens.mode import ModeScreen
from screens.modes import MODES
from screens.own_cost import OwnCost
from screens.past import KEPT, reading_at, time_at
from screens.slow_link import Pace
from screens.terminal import MeteredDriver, Written
from screens.themes import THEMES, WORKBENCH_DARK
from screens.title_bar import local_time
from workbench.errors import SettingsError, WorkbenchError
from workbench.measure.text import printable
from workbench.model.containers import FleetSnapshot
from workbench.model.gpu import GpuSnapshot
from workbench.model.host import HostSnapshot
from workbench.model.images import ImageSource, ImageSummary
from workbench.model.processes import FocusSnapshot
from workbench.model.reading import Fresh, Missing, Reading
from workbench.session import Session
from workbench.settings import CALM_INTERVAL

if TYPE_CHECKING:
    from screens.compare.subject import Subject
    from workbench.judgement import Judge
    from workbench.model.opened_build import OpenedBuild
    from workbench.profiling import Opened

NOTE_SECONDS = 4.0
"""How long a note such as `copied api` stays: long enough to read twice."""
OLD_SECONDS = 6.0
"""Figures are old after this, or three intervals: longer than the time between two samples of a polled container."""


class News(Message):
    """A feed has a reading nobody has looked at. Posted from the feed's thread."""

    def __init__(self, feed: str, session: Session) -> None:
        self.feed = feed
        self.session = session
        super().__init__()


class Deliver(Message):
    """Work done on another thread, handed over to the app's own."""

    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback = callback
        super().__init__()


class WorkbenchApp(App[int]):
    """The workbench on a terminal.

    Args:
        session: Opened by the caller; closed by the app.
        still: Nothing moves by itself: no clock, no ageing. For pictures.
    """

    TITLE = "workbench"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {**MODES}
    DEFAULT_MODE = "fleet"
    BINDINGS = bindings_for("everywhere")  # type: ignore[assignment]

    fleet: var[Reading[FleetSnapshot] | None] = var(None)
    host: var[Reading[HostSnapshot] | None] = var(None)
    gpu: var[Reading[GpuSnapshot] | None] = var(None)
    focus: var[Reading[FocusSnapshot] | None] = var(None)
    """The processes of the container that is looked at."""
    images: var[Reading[tuple[ImageSummary, ...]] | None] = var(None)
    container_id: var[str | None] = var(None)
    """The container that the container mode shows."""
    image_reference: var[str | None] = var(None)
    """The image that the image mode shows."""
    marked_image: var[tuple[ImageSource, str] | None] = var(None)
    """Id or archive, and name, of the image that another one is to be compared with."""
    compared: var["Subject | None"] = var(None)
    """The runs or images that the compare mode shows, before and after; `None` is the marks A and B."""
    doing: var[str] = var("")
    """What the program is doing just now that takes its time; empty for nothing."""
    moment: var[float | None] = var(None)
    """The moment that is shown, Unix time in seconds; `None` is now."""
    past_judge: var["Judge | None"] = var(None)
    """Who says why a container was slow at the moment that is shown; `None` now, and until it is worked out."""
    calm: var[bool] = var(False)
    """Whether the terminal is slow: fewer updates, nothing moves by itself that need not."""
    cost: var[str] = var("")
    """What the workbench itself costs: its CPU and what it sends to the terminal; empty before it is known."""
    beat: var[int] = var(0)
    """Counts seconds while the fleet does not come: what tells the time, or an age, goes by it then."""
    note: var[str] = var("")
    """A short word on what just happened, for the status line."""

    def __init__(self, session: Session, *, still: bool = False) -> None:
        super().__init__()
        self.session = session
        self.still = still
        self._cost = OwnCost()
        self.pace = Pace(max(session.settings.interval, CALM_INTERVAL if session.settings.calm else 0.0))
        """How often what moves is painted."""
        self._arrivals = Arrivals(self.pace, time.monotonic)
        self._came_from: list[str] = []
        self._leaves_after_build = False
        """Whether the user quits, and only what a build made is still being removed."""
        self._note_timer = 0
        self._garbage: GarbageTimes | None = None
        """On a terminal of our own; else Python's own collector does what it does."""

    # --- life ------------------------------------------------------------------------------------------------------

    def run_until_quit(self) -> int:
        """Open on the terminal; return the exit code when the user has quit."""
        try:
            self.check_settings()
            self._garbage = GarbageTimes()
            code = self.run()
            return self.return_code or code or 0
        finally:
            self.session.close()
            if getattr(self._driver, "abandoned", False):
                os._exit(self.return_code or 0)  # Python itself would wait for the terminal

    def check_settings(self) -> None:
        """Refuse settings that only the screens can judge.

        Raises:
            SettingsError: for a command or theme that does not exist.
        """
        settings = self.session.settings
        check_keymap(settings.keys)
        names = {*self.available_themes, *(theme.name for theme in THEMES)}
        if settings.theme and settings.theme not in names:
            raise SettingsError(f"there is no theme {settings.theme}", f"themes: {', '.join(sorted(names))}")

    def on_mount(self) -> None:
        """Apply the settings and begin to read."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.session.settings.theme or WORKBENCH_DARK.name
        self.set_keymap(self.session.settings.keys)
        self.calm = self.session.settings.calm
        if not self.still:
            self.set_interval(1.0, self._each_second)
        # After `fg` the terminal is blank and Textual paints only what changes.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self._start_session()

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver for this system, with a meter where we have one."""
        driver = super().get_driver_class()
        if driver.__name__ != "LinuxDriver":
            return driver
        return MeteredDriver

    @property
    def _background_screens(self) -> list[Screen[object]]:
        """Screens that show through the one on top.

        Textual counts the one under an opaque screen too, and paints all that lies over it again whenever it changes.
        """
        return super()._background_screens if self.screen.styles.background.a < 1 else []

    def _each_second(self) -> None:
        """Does the fleet come, is the terminal slow, and what do we cost?"""
        if not self._arrivals.fleet_comes_often:
            self.beat += 1
        now = self._cost.look(getattr(self._driver, "written", Written(0, 0.0)))
        if now is not None:
            self.cost = now
        before = self.pace.interval
        if self.pace.look(time.monotonic(), slow=self._cost.link.slow):
            self.calm = self.session.settings.calm or self.pace.interval > self.pace.usual
            every = f"updates every {self.pace.interval:g} s"
            if self.pace.interval > before:
                self.say(f"the terminal is slow: calm mode, {every}", 12.0)
            else:
                self.say(f"the terminal keeps up: {every}")
        if self._garbage:
            self._garbage.look()

    def watch_calm(self, calm: bool) -> None:
        """Send less, or as much as is set."""
        self.animation_level = "none" if calm else constants.TEXTUAL_ANIMATIONS
        self.session.calm(wanted=calm)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and fewer colours on a terminal that is slow."""
        few = self.calm and not self.session.settings.colours
        return [*super().get_line_filters(), *([FewColours()] if few else [])]

    def on_unmount(self) -> None:
        """Let go of the world, without waiting for what hangs."""
        self.session.close()

    def _start_session(self) -> None:
        session = self.session
        if session.about:
            self.container_id = session.about
        session.calm(wanted=self.calm)
        _ = session.judge  # hears from the first reading on
        session.start(lambda feed: self.post_message(News(feed, session)))
        if session.profiles.first is not None:
            self.call_after_refresh(self._show_first, session.profiles.first)
        if (build := session.builds.first) is not None:
            self.call_after_refresh(self._show_first_build, build)

    def _show_first(self, profile: "Opened") -> None:
        from screens.profile.opening import show_profile

        show_profile(self, profile)

    def _show_first_build(self, build: "OpenedBuild") -> None:
        from screens.build_view.screen import BuildViewScreen

        self.mode("build")
        self.push_screen(BuildViewScreen(build))

    def open_session(self, session: Session) -> None:
        """Leave the session that is open for another one."""
        self.session.close()
        self.session = session
        self.fleet = self.host = self.gpu = self.focus = self.images = None
        self.container_id = self.image_reference = self.marked_image = self.moment = self.compared = None
        self._start_session()
        self.mode("fleet")
        self.refresh_bindings()

    @on(News)
    def _news(self, message: News) -> None:
        if message.session is self.session:
            if self.moment is not None and message.feed in KEPT:
                self.session.feeds[message.feed].take()  # it is kept, and shown when the past is left
                return
            if self._arrivals.is_early(message.feed, self.session.interval):
                self.session.feeds[message.feed].take()  # the next one is shown
                return
            had_engine = isinstance(self.fleet, Fresh)
            if message.feed == "fleet":
                self._arrivals.fleet_came()
                self.host = self.session.host.newest()
            elif message.feed == "host" and self._arrivals.fleet_is_near:
                self.session.host.take()
                return  # it is shown with the fleet's, in one paint
            setattr(self, message.feed, self.session.feeds[message.feed].take())
            if isinstance(self.fleet, Fresh) != had_engine:
                self.refresh_bindings()
                if isinstance(self.fleet, Fresh):
                    self.session.images.refresh()

    async def on_event(self, event: events.Event) -> None:
        """Between two modes there is no screen for a moment: a key that comes then has no receiver."""
        if self._garbage and isinstance(event, events.InputEvent):
            self._garbage.typed()
        try:
            await super().on_event(event)
        except ScreenStackError:
            if not isinstance(event, events.InputEvent):
                raise

    def deliver(self, callback: Callable[[], object]) -> None:
        """Run `callback` on the app's thread. Callable from any thread; never blocks."""
        self.post_message(Deliver(callback))

    @on(Deliver)
    def _deliver(self, message: Deliver) -> None:
        message.callback()

    # --- what the screens ask --------------------------------------------------------------------------------------

    def is_old(self, reading: Fresh[FleetSnapshot] | Fresh[GpuSnapshot]) -> bool:
        """Whether a reading is so old that its figures must look it."""
        if self.still or self.session.world.recorded or self.moment is not None:
            return False
        return self.session.clock() - reading.taken_at > self.old_after

    @property
    def old_after(self) -> float:
        """Seconds after which figures must look old."""
        return max(OLD_SECONDS, 3 * self.pace.interval)

    def time_of_day(self) -> str:
        """What the clock in the title bar shows: the moment that is shown, in a recording the moment that is played."""
        if self.moment is not None:
            return self.time_of(self.moment)[-8:]
        if self.still:
            return "14:03:22"
        return self.time_of(self.session.history.now())[-8:] if self.session.world.recorded else local_time()

    def time_of(self, moment: float) -> str:
        """The time of day of a moment, with the date when that is not today."""
        return time_at(moment)

    @property
    def moment_shown(self) -> float:
        """Where the time axis of every chart ends: the moment that is looked at, or now. Unix time in seconds."""
        return self.session.history.now() if self.moment is None else self.moment

    @property
    def judge(self) -> "Judge | None":
        """Who says why a container is slow, or was at the moment that is shown."""
        return self.session.judge if self.moment is None else self.past_judge

    def _judge_past(self) -> None:
        """Work out the verdicts of the moment that is shown."""
        moment, session = self.moment, self.session
        self.past_judge = None
        if moment is None:
            return

        def done(reading: "Reading[Judge]") -> None:
            if moment == self.moment and session is self.session and isinstance(reading, Fresh):
                self.past_judge = reading.value

        session.judge_past(moment, self.container_id, lambda reading: self.deliver(lambda: done(reading)))

    def show_moment(self, moment: float | None) -> None:
        """Let every pane show a moment that has passed, or what is now with `None`."""
        self.moment = moment
        self._judge_past()
        for name in self.session.feeds:
            if name in KEPT:
                self._show(name)
        self.refresh_bindings()

    def _show(self, name: str) -> None:
        """Set a feed's reactive to what it said at the moment that is shown."""
        session, moment = self.session, self.moment
        then = None if moment is None else reading_at(session, name, moment, self.container_id)
        setattr(self, name, session.feeds[name].newest() if moment is None else then)

    def watch_container_id(self, container_id: str | None) -> None:
        """Keep more of the container that is looked at, and show its processes at the moment that is shown."""
        self._arrivals.hurry()
        self.session.history.choose(container_id)
        if self.moment is not None and "focus" in self.session.feeds:
            self._show("focus")

    def say(self, note: str, seconds: float = NOTE_SECONDS) -> None:
        """Put a short note on the status line for a few seconds."""
        self.note = note
        self._note_timer += 1
        turn = self._note_timer

        def clear() -> None:
            if turn == self._note_timer:
                self.note = ""

        self.set_timer(seconds, clear)

    def open_container(self, container_id: str) -> None:
        """Show one container."""
        self.container_id = container_id
        self.mode("container")

    def open_image(self, reference: str) -> None:
        """Show one image in the list of them."""
        self.mode_itself("image")
        self.image_reference = reference

    def open_on_terminal(self, argv: tuple[str, ...], environment: dict[str, str], note: str) -> None:
        """Give the terminal to another program until it ends."""
        from screens.on_container import run_on_terminal

        try:
            with self.suspend():
                print(f"\n{printable(note)}\n", flush=True)  # noqa: T201  the terminal is ours to give
                code = run_on_terminal(argv, environment)
        except SuspendNotSupported:
            self.say("this terminal cannot be shared with another program")
        except OSError as error:
            self.say(f"{argv[0]} cannot be run: {error.strerror}")
        else:
            self.say(f"{argv[0]} ended with exit code {code}" if code else "back from the shell")

    # --- commands --------------------------------------------------------------------------------------------------

    def mode(self, name: str) -> None:
        """Switch modes and remember where we came from."""
        if name == self.current_mode:
            return
        self._arrivals.hurry()
        if name in self._came_from:
            self._came_from.remove(name)
        self._came_from.append(self.current_mode)
        self.switch_mode(name)

    def mode_itself(self, name: str) -> None:
        """Switch to a mode's own screen: what was opened on top of it is left."""
        self.mode(name)
        while len(self.screen_stack) > 1:
            self.pop_screen()

    @property
    def came_from_somewhere(self) -> bool:
        """Whether there is a mode to go back to."""
        return bool(self._came_from)

    @property
    def place(self) -> str:
        """The name that the commands of the screen that is open, or is under a message, have in the table."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, ModeScreen):
                return screen.place
        return self.current_mode

    def go_back(self) -> None:
        """Switch to the mode we came from, if any."""
        if self._came_from:
            self.switch_mode(self._came_from.pop())

    def action_mode(self, name: str) -> None:
        """The number keys."""
        self.mode(name)

    def action_refresh_feeds(self) -> None:
        """Read everything now."""
        for feed in self.session.feeds.values():
            feed.refresh()

    def action_help(self) -> None:
        """All keys and what they do here."""
        from screens.help import HelpScreen

        self.push_screen(HelpScreen(self.place))

    def action_demo(self) -> None:
        """Play the shipped recording."""
        try:
            self.open_session(Session.demo(self.session.settings))
        except WorkbenchError as error:
            self.say(error.reason)

    async def action_quit(self) -> None:
        """Leave at once, whatever hangs; a build that runs is cancelled first, after a question."""
        builds = self.session.builds
        if not builds.is_running or self._leaves_after_build:
            self._leave()
        elif builds.is_stopping:
            self._quit_from_build(yes=True)
        else:
            from screens.choose import ConfirmScreen

            question = "Quit while a build runs?\nIt is cancelled; what it made in the engine is removed."
            self.push_screen(ConfirmScreen(question, "cancel it and quit"), self._quit_from_build)

    def _quit_from_build(self, yes: bool | None) -> None:
        if yes:
            self._leaves_after_build = True
            self.doing = "cancelling the build; q leaves at once"
            self.session.builds.stop(lambda: self.deliver(self._leave))

    def _leave(self) -> None:
        self.session.close()
        self.exit(0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The demo is offered while there is no engine."""
        if action == "demo":
            return isinstance(self.fleet, Missing) and not self.session.world.recorded
        return super().check_action(action, parameters)

    def offers(self, command: Command) -> bool:
        """Whether a command means something in the mode on screen, now."""
        if self.place not in places_of(command.where):
            return False
        return command.id != "demo" or bool(self.check_action("demo", ()))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: the command table, and Textual's themes."""
        for command in COMMANDS:
            if self.offers(command) and command.id not in ("palette", "back"):

                async def run(action: str = command.action) -> None:
                    await self.run_action(action, screen, {"screen": screen})

                yield SystemCommand(
                    f"{command.title[:1].upper()}{command.title[1:]} · {command.key.split(',')[0]}",
                    command.help,
                    run,
                )
        yield SystemCommand("Theme", "Choose the colours, light ones among them", self.action_change_theme)
