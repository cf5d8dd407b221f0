"""A started session from which a verb takes readings until it has enough, and how it finds a container in them."""

import argparse
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Condition
from typing import Any

from workbench.errors import EngineTimeout, NotFound, UsageError, WorkbenchError
from workbench.measure.text import printable
from workbench.model.containers import Container, FleetSnapshot
from workbench.model.reading import Fresh, Missing, Reading
from workbench.session import Session

FIRST_ANSWER_SECONDS = 15.0
"""For the first reading: a connection's three seconds and an answer's ten, and some."""
_MOST_NAMED = 5


def length_of_time(text: str) -> float:
    """A length of time on the command line.

    Raises:
        argparse.ArgumentTypeError: when it is no number above 0.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


class Readings:
    """The newest reading of each feed.

    Args:
        session: Not started yet.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._news = Condition()
        self._newest: dict[str, Reading[Any]] = {}
        self._count = 0
        """Readings of the fleet so far, and how many of them were given."""
        self._given = 0
        session.listen(self._hear)

    def _hear(self, name: str, reading: Reading[Any]) -> None:
        with self._news:
            self._newest[name] = reading
            self._count += name == "fleet"
            self._news.notify_all()

    def value(self, name: str) -> Any:  # noqa: ANN401  each feed has a type of its own
        """What a feed read last; `None` when it has not read yet or found nothing."""
        with self._news:
            reading = self._newest.get(name)
        return reading.value if isinstance(reading, Fresh) else None

    def has_read(self, *names: str) -> bool:
        """Whether each of these feeds has read, whatever came of it."""
        with self._news:
            return all(name in self._newest for name in names)

    def next_fleet(self, patience: float = FIRST_ANSWER_SECONDS) -> Fresh[FleetSnapshot]:
        """Wait for the reading after the one that was given last.

        Raises:
            WorkbenchError: what the source says is missing, or that nothing came in time.
        """
        with self._news:
            if not self._news.wait_for(lambda: self._count > self._given, patience):
                raise EngineTimeout("the engine was not read in time", "see workbench doctor")
            self._given = self._count
            reading = self._newest["fleet"]
        if isinstance(reading, Missing):
            raise WorkbenchError(reading.reason, reading.hint)
        return reading

    def unix_time(self, reading: Fresh[Any]) -> float:
        """When it was taken, in seconds."""
        return self.session.world.now() - (self.session.clock() - reading.taken_at)


@contextmanager
def started(session: Session) -> Iterator[Readings]:
    """Readings of a session that is started now and closed in the end."""
    try:
        readings = Readings(session)
        session.start(lambda _: None)
        yield readings
    finally:
        session.close()


def find(containers: Sequence[Container], wanted: str) -> Container:
    """The container of that name or id, or the only one whose name or id begins so.

    Raises:
        NotFound: when there is none.
        UsageError: when several begin so.
    """
    for container in containers:
        if wanted in (container.name, container.id):
            return container
    begin = [each for each in containers if wanted and (each.name.startswith(wanted) or each.id.startswith(wanted))]
    if not begin:
        raise NotFound(f"there is no container {printable(wanted)}", "workbench stats --all lists them")
    if len(begin) > 1:
        some = ", ".join(printable(each.name) for each in begin[:_MOST_NAMED])
        more = f" and {len(begin) - _MOST_NAMED} more" if len(begin) > _MOST_NAMED else ""
        raise UsageError(f"several containers begin with {printable(wanted)}: {some}{more}", "give more of its name")
    return begin[0]
