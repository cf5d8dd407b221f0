"""`workbench compare container:A container:B`: both are watched for a while."""

from typing import TYPE_CHECKING

from workbench.cli import talk
from workbench.cli.giving_up import until_told
from workbench.cli.readings import find, started
from workbench.cli.verb import Call
from workbench.measure.text import printable
from workbench.measure.units import duration
from workbench.session import Session

if TYPE_CHECKING:
    from workbench.model.comparison import Comparison

USUAL_SECONDS = 60.0
_RUNNING = "running"


def watch(call: Call, before: str, after: str) -> "tuple[Comparison, bool]":
    """Watch both, and say whether it was stopped: then it is of the seconds until then."""
    from workbench.comparing.containers import compare_containers

    replay = call.arguments.replay
    session = Session.replay(replay, call.settings) if replay else Session.live(call.settings)
    history = session.history
    with until_told(keeps=True) as stop, started(session) as readings:
        containers = readings.next_fleet().value.containers
        old, new = (find(containers, name) for name in (before, after))
        began = history.now()
        until = began + (call.arguments.seconds or USUAL_SECONDS)
        if history.ended and (span := history.span()) is not None:
            until = min(until, span[1])
        try:
            while (left := until - history.now()) > 0 and not stop.is_set():
                talk.progress(f"watching {printable(old.name)} and {printable(new.name)}: {duration(left)} left")
                states = {each.id: each.state for each in readings.next_fleet().value.containers}
                if any(states.get(each.id) != _RUNNING for each in (old, new)):
                    break
        finally:
            talk.end_progress()
        last = (history.span() or (0.0, began))[1]
        return compare_containers(history, old, new, (began, min(last, history.now()))), stop.is_set()
