"""The row above the keys: what the program is doing, where its numbers come from and how old they are."""

from itertools import chain
from typing import TYPE_CHECKING, cast

from screens.commands.command import LIVE
from screens.past import words
from screens.widgets.line import Line, Part
from workbench.measure.units import duration, percent, quantity
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.app import WorkbenchApp


USUAL_INTERVAL = 1.0
"""Seconds between two readings that need not be told."""
ROOM_FOR_ENGINE = 100
"""Columns from which on the engine's cost is told, too."""
LONG_NOTE = 45
"""Characters from which on a note takes the whole row for its while."""


class StatusLine(Line):
    """One sentence. A note of the app (something copied, say) stands at its right end for a while."""

    def on_mount(self) -> None:
        """Follow the fleet, the app's notes, and time itself: a value that does not come grows old."""
        self.watch(self.app, "fleet", self._show)
        self.watch(self.app, "moment", self._show, init=False)
        self.watch(self.app, "note", self._show, init=False)
        self.watch(self.app, "doing", self._show, init=False)
        self.watch(self.app, "cost", self._show, init=False)
        self.watch(self.app, "beat", self._show, init=False)

    def _show(self) -> None:
        app = cast("WorkbenchApp", self.app)
        note = [Part(f"{app.note} ", "accent")] if app.note else []
        if len(app.note) > LONG_NOTE:
            self.show([Part(" "), *(_sentence(app)[:1] if app.moment is not None else []), Part(" "), *note])
        else:
            past, recording = app.moment is not None, _recording(app)
            between = [Part(" · ")] if recording else []
            told = [_sentence(app), between, recording]
            self.show([Part(" "), *chain.from_iterable(told if past else reversed(told))], note)


def _recording(app: "WorkbenchApp") -> list[Part]:
    recording = app.session.recording
    if recording is None:
        return []
    if recording.failure:
        return [Part(f"nothing more is recorded: {recording.failure.reason}", "act")]
    size = quantity(recording.bytes_written, "B")
    return [Part(f"recording, {duration(recording.seconds)}, {size}", "accent")]


def _sentence(app: "WorkbenchApp") -> list[Part]:
    if app.doing:
        return [Part(app.doing, "accent")]
    if app.moment is not None:
        back = "space returns to now" if app.place in LIVE else "1 and space return to now"
        return [Part(f" {words(app.session, app.moment)} · {back} ", "past")]
    if isinstance(app.fleet, Missing):
        return [Part(app.fleet.reason, "act"), Part(" · trying again by itself", "dim")]
    if not isinstance(app.fleet, Fresh):
        return [Part(f"asking {app.session.world.name}", "dim")]
    age = app.session.clock() - app.fleet.taken_at
    source = app.fleet.value.measured_from or app.fleet.value.engine.endpoint
    if app.is_old(app.fleet):
        return [
            Part(f"no new sample for {duration(age)}", "watch"),
            Part(f" from {source} · figures are old", "dim"),
        ]
    told = ["recorded" if app.session.world.recorded else "live", f"{duration(max(1, age))} ago from {source}"]
    if app.pace.interval != USUAL_INTERVAL:
        told.append(f"every {app.pace.interval:g} s{', calm' if app.calm else ''}")
    if app.cost:
        told.append(app.cost)
    cost = app.fleet.value.engine_cost_percent
    if cost is not None and app.cost and app.size.width >= ROOM_FOR_ENGINE:
        told.append(f"engine {percent(cost)}")
    return [Part(" · ".join(told), "dim")]
