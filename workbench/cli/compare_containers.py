"""`workbench compare container:A container:B`: both are watched for a while."""

from typing import TYPE_CHECKING

from workbench.cli import talk
from workbench.cli.compare_gates import judge
from workbench.cli.giving_up import until_told
from workbench.cli.readings import FIRST_ANSWER_SECONDS, find, started
from workbench.cli.verb import Call
from workbench.errors import UsageError
from workbench.measure.text import printable
from workbench.measure.units import duration
from workbench.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.measure.compare.gates import Gate
    from workbench.model.comparison import Comparison

USUAL_SECONDS = 60.0
_RUNNING = "running"


def watch(call: Call, names: tuple[str, str], gates: "Sequence[Gate]") -> "tuple[Comparison, bool]":
    """Watch both, and say whether it was stopped: then it is of the seconds until then."""
    from workbench.comparing.containers import compare_containers
    from workbench.measure.compare.windows import known_rows

    judge(gates, known_rows())  # what can never be is refused before a minute of watching, not after
    replay = call.arguments.replay
    session = Session.replay(replay, call.settings) if replay else Session.live(call.settings)
    history = session.history
    patience = FIRST_ANSWER_SECONDS + session.settings.interval
    with until_told(keeps=True) as stop, started(session) as readings:
        containers = readings.next_fleet().value.containers
        old, new = (find(containers, name) for name in names)
        if old.id == new.id:
            raise UsageError(f"{printable(old.name)} is on both sides", "name another container for one of them")
        for one in (old, new):
            if one.state != _RUNNING:
                raise UsageError(f"{printable(one.name)} does not run: it is {one.state}", "start it, or name another")
        began = history.now()
        until = began + (call.arguments.seconds or USUAL_SECONDS)
        if history.ended and (span := history.span()) is not None:
            until = min(until, span[1])
        gone = ""
        try:
            while (left := until - history.now()) > 0 and not stop.is_set() and not gone:
                talk.progress(f"watching {printable(old.name)} and {printable(new.name)}: {duration(left)} left")
                states = {each.id: each.state for each in readings.next_fleet(patience).value.containers}
                gone = next((each.name for each in (old, new) if states.get(each.id) != _RUNNING), "")
        finally:
            talk.end_progress()
        if gone:
            talk.say(f"{printable(gone)} ended after {duration(history.now() - began)}: it is compared until then")
        last = (history.span() or (0.0, began))[1]
        return compare_containers(history, old, new, (began, min(last, history.now()))), stop.is_set()
