"""Looking at a moment that has passed: what the readings were then, and the words for it."""

import time
from typing import TYPE_CHECKING

from workbench.measure.units import duration
from workbench.model.reading import Fresh, Missing, Reading

if TYPE_CHECKING:
    from workbench.session import Session

KEPT = ("fleet", "host", "gpu", "focus")
"""The feeds whose readings follow the moment that is looked at."""


def reading_at(session: "Session", name: str, moment: float, container_id: str | None) -> Reading[object] | None:
    """What a feed said at a moment; why it had nothing to say, where that is so now; else that nothing is kept.

    Args:
        session: With its history.
        name: The feed's.
        moment: Unix time in seconds.
        container_id: Whose processes are looked at.
    """
    value = session.history.at(name, moment, container_id)
    if value is not None:
        return Fresh(value, session.clock() - (session.history.now() - moment))
    if name == "focus":
        return None
    newest = session.feeds[name].newest()
    return newest if isinstance(newest, Missing) else Missing("nothing is kept of this moment", "space returns to now")


def time_at(moment: float) -> str:
    """The time of day of a moment on this machine, with the date when that is not today: `14:03:22`."""
    then = time.localtime(moment)
    today = time.localtime()[:3] == then[:3]
    return time.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S", then)


def words(session: "Session", moment: float) -> str:
    """Where in time one is: `10:32:10 · 2 min 10 s ago`; in a recording, how far into it."""
    span = session.history.span()
    if session.world.recorded and span is not None:
        place = f"{duration(moment - span[0])} of {duration(span[1] - span[0])} of the recording"
    else:
        place = f"{duration(session.history.now() - moment)} ago"
    return f"{time_at(moment)} · {place}"
