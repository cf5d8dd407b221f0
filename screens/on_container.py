"""What can be done to the container under the cursor, wherever there is one: logs, shell, verdicts, start and stop."""

import subprocess
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from screens.choose import Choice, ChooseScreen, ConfirmScreen
from screens.live import LiveScreen
from screens.profile.draft import Draft
from screens.text_screen import TextScreen
from screens.verdicts import page
from workbench.model.actions import Action
from workbench.model.containers import Container
from workbench.model.reading import Missing, Reading
from workbench.model.wish import Wish

if TYPE_CHECKING:
    from workbench.profiling import Opened

_READ_ONLY = "read-only session"
_RECORDED = "a recording cannot be profiled: open the engine that it was recorded on"
_RUNNING = frozenset({"running", "paused", "restarting"})
_KEYS: tuple[tuple[Action, str, str], ...] = (
    ("start", "s", "run it again, as it was made"),
    ("stop", "o", "SIGTERM, after its grace period SIGKILL"),
    ("restart", "r", "stop and start"),
    ("pause", "p", "freeze all its processes"),
    ("unpause", "u", "let them go on"),
    ("kill", "k", "SIGKILL at once"),
    ("remove", "d", "its files are lost; volumes stay"),
)
_LOST = {
    "stop": "Its processes end and its connections are cut.",
    "restart": "Its processes end and its connections are cut.",
    "kill": "Its processes end at once and cannot clean up.",
    "remove": "What it wrote outside of volumes is gone for good.",
}
"""What is lost by an action; one without an entry is done at once."""
_DOING = {
    "start": ("starting", "started"),
    "stop": ("stopping", "stopped"),
    "restart": ("restarting", "restarted"),
    "pause": ("pausing", "paused"),
    "unpause": ("unpausing", "unpaused"),
    "kill": ("killing", "killed"),
    "remove": ("removing", "removed"),
}


def choices(container: Container, *, read_only: bool) -> list[Choice]:
    """Every action with its key, and why it cannot be done now."""
    running, paused = container.state in _RUNNING, container.state == "paused"
    refused: dict[Action, str] = {
        "start": "it runs" if running else "",
        "stop": "" if running else "it does not run",
        "restart": "",
        "pause": "it is paused" if paused else "" if running else "it does not run",
        "unpause": "" if paused else "it is not paused",
        "kill": "" if running else "it does not run",
        "remove": "it runs: stop it first" if running else "",
    }
    return [
        Choice(action, key, action, note, _READ_ONLY if read_only else refused[action]) for action, key, note in _KEYS
    ]


class OnContainer(LiveScreen):
    """A mode with a container to act on."""

    def _nothing_chosen(self) -> None:
        self.workbench.say("no container is chosen")

    def action_logs(self) -> None:
        """Read its log."""
        from screens.logs.screen import LogsScreen

        if container := self.concerned():
            self.app.push_screen(LogsScreen(container.id, container.name, self.mode))
        else:
            self._nothing_chosen()

    def action_why(self) -> None:
        """Read all its verdicts."""
        if container := self.concerned():
            judge = self.workbench.judge
            verdicts = judge.verdicts(container.id) if judge else ()
            self.app.push_screen(TextScreen(f"Why {container.name} is as it is", page(verdicts)))
        else:
            self._nothing_chosen()

    def action_actions(self) -> None:
        """Choose what to do to it."""
        container = self.concerned()
        if container is None:
            self._nothing_chosen()
            return
        session = self.workbench.session
        listed = choices(container, read_only=session.settings.read_only or session.world.recorded)

        def taken(action: str | None) -> None:
            if action is not None:
                self._confirm(container, action)

        self.app.push_screen(ChooseScreen(f"{container.name} · {container.status or container.state}", listed), taken)

    def _confirm(self, container: Container, name: str) -> None:
        action: Action = next(action for action, _, _ in _KEYS if action == name)
        if action not in _LOST:
            self._act(container, action)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._act(container, action)

        question = f"{action.capitalize()} {container.name}?\n{_LOST[action]}"
        self.app.push_screen(ConfirmScreen(question, f"{action} it"), answered)

    def _act(self, container: Container, action: Action) -> None:
        app = self.workbench
        doing, done = _DOING[action]
        app.doing = f"{doing} {container.name}"

        def finished(reading: Reading[None]) -> None:
            app.doing = ""
            failed = isinstance(reading, Missing)
            app.say(reading.in_one_line if isinstance(reading, Missing) else f"{done} {container.name}")
            if not failed:
                app.session.fleet.refresh()

        app.session.act(container.id, action, lambda reading: app.deliver(partial(finished, reading)))

    def process_concerned(self) -> int | None:
        """The process under the cursor, by its id in the container; `None` is the whole container."""
        return None

    def action_profile(self, profiler: str) -> None:
        """Ask how it is to be profiled; a look at all stacks needs no question."""
        from screens.profile.form import Begin, OpenKept, ProfileForm
        from screens.profile.opening import open_kept

        container, app = self.concerned(), self.workbench
        if container is None:
            self._nothing_chosen()
            return
        profiles = app.session.profiles
        if profiler not in profiles.names:
            app.say(f"there is no profiler {profiler} here")
            return
        draft = Draft(profiler, replace(profiles.wish(profiler, container.id), pid=self.process_concerned()))
        refused = _RECORDED if app.session.world.recorded else ""
        if profiler == "dump":
            if refused:
                app.say(refused)
            else:
                self._record(container, profiler, draft.wish)
            return

        def answered(answer: "Begin | OpenKept | None") -> None:
            match answer:
                case Begin(chosen, wish):
                    profiles.remember(chosen.profiler, container.id, chosen.wish)
                    self._record(container, chosen.profiler, wish)
                case OpenKept(run):
                    open_kept(app, run)

        app.push_screen(ProfileForm(container.id, container.name, draft, refused), answered)

    def _record(self, container: Container, profiler: str, wish: Wish) -> None:
        from screens.profile.opening import show_profile
        from screens.profile.recording import RecordingScreen

        app = self.workbench

        def recorded(opened: "Opened | None") -> None:
            if opened is not None:
                show_profile(app, opened)

        app.push_screen(RecordingScreen(container.id, container.name, profiler, wish), recorded)

    def action_shell(self) -> None:
        """Open a shell in it, on this terminal."""
        container, app = self.concerned(), self.workbench
        if container is None:
            self._nothing_chosen()
            return

        def ready(reading: Reading[tuple[tuple[str, ...], dict[str, str]]]) -> None:
            if isinstance(reading, Missing):
                app.say(reading.in_one_line)
            else:
                app.open_on_terminal(*reading.value, f"shell in {container.name}: exit or Ctrl-D comes back")

        app.session.open_shell(container.id, lambda reading: app.deliver(partial(ready, reading)))


def run_on_terminal(argv: tuple[str, ...], environment: dict[str, str]) -> int:
    """Run a program on the terminal until it ends, and give its exit code.

    Raises:
        OSError: when it cannot be run.
    """
    return subprocess.run(argv, env=environment, check=False).returncode
