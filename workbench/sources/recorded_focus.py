"""Recorded processes: those of one container, when that is the one which was looked at while it was recorded."""

from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.model.processes import FocusSnapshot
from workbench.sources.base import NOTHING_LOOKED_AT

if TYPE_CHECKING:
    from workbench.sources.recording import RecordedSource


class RecordedFocus:
    """Tells what was recorded of the container that is looked at now.

    Args:
        recorded: What was recorded, of whichever container was looked at then.
    """

    def __init__(self, recorded: "RecordedSource[FocusSnapshot]") -> None:
        self._recorded = recorded
        self._chosen: str | None = None

    def look_at(self, container_id: str | None) -> None:
        """Tell of this container from now on, `None` for none. Callable from any thread."""
        self._chosen = container_id

    def read(self) -> FocusSnapshot:
        """The processes at this moment of the recording.

        Raises:
            WorkbenchError: when no container is looked at, or another one was at this moment, or none.
        """
        chosen = self._chosen
        if chosen is None:
            raise WorkbenchError(NOTHING_LOOKED_AT)
        snapshot = self._recorded.read()
        if snapshot.container_id != chosen:
            raise WorkbenchError("the processes of this container were not recorded at this moment")
        return snapshot

    def age(self) -> float:
        """Seconds, in the recorded session, since the newest value was taken."""
        return self._recorded.age()

    def close(self) -> None:
        """Nothing is held."""
