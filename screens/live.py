"""What the modes with figures that move have in common: time travel, notes and marks, recordings and bundles."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.binding import BindingType

from screens.ask import AskScreen
from screens.commands.table import bindings_for
from screens.mode import ModeScreen
from workbench.errors import WorkbenchError
from workbench.measure.text import encodable, printable
from workbench.measure.units import duration, quantity
from workbench.model.containers import Container
from workbench.model.reading import Fresh, Missing, Reading

if TYPE_CHECKING:
    from workbench.bundle import Bundle
    from workbench.session_recording import Recorded

_SIDES = {"A": "before", "B": "after"}
LONG_NOTE_SECONDS = 12.0
"""How long a note with a path in it stays."""


class LiveScreen(ModeScreen):
    """A mode that shows a moment: the newest, or one that has passed."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("live")]

    def concerned(self) -> Container | None:
        """The container that a mark or a bundle is about."""
        fleet = self.workbench.fleet
        wanted = self.workbench.container_id
        if not isinstance(fleet, Fresh):
            return None
        return next((container for container in fleet.value.containers if container.id == wanted), None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The way back to now is offered in the past alone; a recording of a recording is none."""
        if action == "now":
            return self.workbench.moment is not None
        if action == "record":
            return not self.workbench.session.world.recorded
        return super().check_action(action, parameters)

    # --- time ------------------------------------------------------------------------------------------------------

    def action_travel(self, seconds: int) -> None:
        """Go back in time, or forward."""
        app = self.workbench
        history = app.session.history
        span = history.span()
        if span is None:
            app.say("nothing is kept yet")
            return
        here = app.moment
        if here is None:
            here = float(int(history.now()))
        to = here + seconds
        if to >= span[1] and (seconds > 0 or app.moment is not None):
            if app.moment is None:
                app.say("there is nothing newer")
            app.show_moment(None)
        elif to < span[0] and app.moment is not None and here <= span[0]:
            app.say("nothing older is kept")
        else:
            app.show_moment(min(max(to, span[0]), span[1]))

    def action_now(self) -> None:
        """Leave the past."""
        self.workbench.show_moment(None)

    def action_mark(self, label: Literal["A", "B"]) -> None:
        """Mark this moment as one side of a comparison."""
        app = self.workbench
        about = self.concerned()
        event = app.session.history.mark(
            label, about.id if about else "", at=app.moment, name=about.name if about else ""
        )
        other = {"A": "B", "B": "A"}[label]
        both = other in app.session.history.marks()
        then = "6 compares before A with after B" if both else f"{other} marks {_SIDES[other]}"
        name = f", {printable(about.name)}" if about else ""
        app.say(f"marked {label} at {app.time_of(event.at)}{name} · {then}", LONG_NOTE_SECONDS)

    def action_write_note(self) -> None:
        """Ask for words and put them on the axis of time."""
        app = self.workbench
        history = app.session.history
        at = history.now() if app.moment is None else app.moment

        def write(text: str | None) -> None:
            if text and text.strip():
                history.note(text.strip(), at)
                app.say(f"noted at {app.time_of(at)}")

        app.push_screen(AskScreen(f"Note at {app.time_of(at)}"), write)

    # --- files -----------------------------------------------------------------------------------------------------

    def action_record(self) -> None:
        """Begin to record the session, or end it."""
        app = self.workbench
        session = app.session
        if session.recording is None:
            try:
                recording = session.start_recording()
            except WorkbenchError as error:
                app.say(error.reason)
            else:
                app.say(f"recording into {_short(recording.path)}", LONG_NOTE_SECONDS)
            return

        def ended(reading: "Reading[Recorded]") -> None:
            app.deliver(lambda: app.say(_recorded(reading), LONG_NOTE_SECONDS))

        session.stop_recording(ended)
        app.say("the recording is being kept")

    def action_bundle(self) -> None:
        """Write what is known of this container into one file."""
        app = self.workbench
        about = self.concerned()
        if about is None:
            app.say("no container is chosen: there is nothing to bundle")
            return
        if app.doing:
            app.say("wait until this is done")
            return
        doing = app.doing = f"writing an incident bundle of {about.name}"

        def written(reading: "Reading[Bundle]") -> None:
            def show() -> None:
                if app.doing == doing:
                    app.doing = ""
                if isinstance(reading, Fresh):
                    app.copy_to_clipboard(encodable(f"workbench open {shlex.quote(str(reading.value.path))}"))
                app.say(_bundled(reading), LONG_NOTE_SECONDS)

            app.deliver(show)

        app.session.write_bundle(about, written, until=app.moment)


def _short(path: Path) -> str:
    """A path as a shell takes it: below the home directory with `~`."""
    try:
        return printable(f"~/{path.relative_to(Path.home())}")
    except (ValueError, RuntimeError):
        return printable(str(path))


def _recorded(reading: "Reading[Recorded]") -> str:
    if isinstance(reading, Missing):
        return reading.reason
    done = reading.value
    kept = f"run {done.run}" if done.run is not None else done.problem
    size = quantity(done.bytes_written, "B")
    return f"recorded {duration(done.seconds)}, {size}, {kept}: {_short(done.path)}"


def _bundled(reading: "Reading[Bundle]") -> str:
    if isinstance(reading, Missing):
        return reading.reason
    return f"{quantity(reading.value.bytes_written, 'B')}, copied: workbench open {_short(reading.value.path)}"
