"""What sets itself up only when there is something to set up."""

from typing import TYPE_CHECKING

from textual import events

if TYPE_CHECKING:
    from textual.widget import Widget
else:
    Widget = object  # of a first base that is a widget Textual takes the style, and of no other


class LaidOut(Widget):
    """Mixed in by what composes others and looks for them as it is mounted.

    In a screen that is closed as it is opened, and in all of them as the app ends, Textual composes only some or none,
    and tells of the mounting all the same.
    """

    @property
    def is_there(self) -> bool:
        """Whether its parts can be asked for: what comes late finds none in a screen that was left."""
        return self.is_mounted and self.is_attached and not self._pruning

    async def on_event(self, event: events.Event) -> None:
        """Pass over the mounting of nothing."""
        if not isinstance(event, events.Mount) or (self.children and not self._pruning):
            await super().on_event(event)
