"""The row above the keys: what the program is doing, where its numbers come from and how old they are."""

from typing import TYPE_CHECKING, cast

from screens.widgets.line import Line, Part
from workbench.measure.units import duration
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.app import WorkbenchApp


class StatusLine(Line):
    """One sentence. A note of the app (something copied, say) stands at its right end for a while."""

    def on_mount(self) -> None:
        """Follow the fleet, the app's notes, and time itself: a value that does not come grows old."""
        self.watch(self.app, "fleet", self._show)
        self.watch(self.app, "note", self._show, init=False)
        self.watch(self.app, "doing", self._show, init=False)
        if not cast("WorkbenchApp", self.app).still:
            self.set_interval(1.0, self._show)

    def _show(self) -> None:
        app = cast("WorkbenchApp", self.app)
        right = [Part(f"{app.note} ", "accent")] if app.note else []
        self.show([Part(" "), *_sentence(app)], right)


def _sentence(app: "WorkbenchApp") -> list[Part]:
    if app.doing:
        return [Part(app.doing, "accent")]
    if isinstance(app.fleet, Missing):
        return [Part(app.fleet.reason, "act"), Part(" · trying again by itself", "dim")]
    if not isinstance(app.fleet, Fresh):
        return [Part(f"asking {app.session.world.name}", "dim")]
    age = app.session.clock() - app.fleet.taken_at
    source = app.fleet.value.engine.endpoint
    if app.is_old(app.fleet):
        return [
            Part(f"no new sample for {duration(age)}", "watch"),
            Part(f" from {source} · figures are old", "dim"),
        ]
    kind = "recorded" if app.session.world.recorded else "live"
    return [
        Part(
            f"sampled {duration(max(1, age))} ago from {source} · every {app.session.settings.interval:g} s · {kind}",
            "dim",
        )
    ]
