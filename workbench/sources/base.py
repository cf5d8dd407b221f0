"""What every source of readings looks like, live or recorded."""

from collections.abc import Callable, Iterator, Sequence
from threading import Event
from typing import Protocol, TypeVar, runtime_checkable

from workbench.model.acquired import AcquiredImage, AcquireProgress
from workbench.model.actions import Action
from workbench.model.containers import ContainerDetail, FleetSnapshot
from workbench.model.gpu import GpuSnapshot
from workbench.model.host import HostSnapshot
from workbench.model.images import ImageDetail, ImageSummary
from workbench.model.logs import LogLine
from workbench.model.processes import FocusSnapshot

T_co = TypeVar("T_co", covariant=True)

Clock = Callable[[], float]
"""Seconds that only go forward, `time.monotonic` unless a test holds it still."""

NOTHING_LOOKED_AT = "no container is looked at"
"""Why there are no processes."""


class Source(Protocol[T_co]):
    """Something that can be read again and again, on one thread of its own."""

    def read(self) -> T_co:
        """Read once; may block.

        Raises:
            WorkbenchError: with the reason why there is nothing to read; a later call may succeed.
        """
        ...

    def close(self) -> None:
        """Let go of everything, at once. Callable from another thread, and twice."""
        ...


@runtime_checkable
class Replayed(Protocol):
    """A source that gives what was read earlier can say how old that is; every other source reads now."""

    def age(self) -> float:
        """Seconds between the moment the newest value was taken and the moment it stands for."""
        ...


@runtime_checkable
class Rewindable(Protocol):
    """A world that can show any of its moments: a recording."""

    def span(self) -> tuple[float, float] | None:
        """From when to when it goes, Unix time in seconds; `None` when nothing is in it."""
        ...

    def value_at(self, name: str, at: float) -> object:
        """What the source of this name gave at a moment, Unix time in seconds.

        Raises:
            WorkbenchError: what was recorded instead of a value, or that nothing was.
        """
        ...

    def readings(self) -> Iterator[tuple[str, float, object]]:
        """Every value of it in the order of time: the source's name, Unix time in seconds, and the value.

        Raises:
            WorkbenchError: when it cannot be read any more.
        """
        ...


@runtime_checkable
class MeasuresPcie(Protocol):
    """A source of GPUs that can measure what goes over PCIe, for 40 ms per GPU and reading; recordings cannot."""

    measure_pcie: bool


class Details(Protocol):
    """Answers single questions about what the readings name."""

    name: str
    """How the title bar calls it: `local`, a context's name, `recording of …`."""

    def image(self, reference: str) -> ImageDetail:
        """Inspect and history of one image, by id or reference.

        Raises:
            WorkbenchError: when it is gone or cannot be read.
        """
        ...

    def container(self, container_id: str) -> ContainerDetail:
        """Inspect one container.

        Raises:
            WorkbenchError: when it is gone or cannot be read.
        """
        ...


class World(Details, Protocol):
    """All that can be looked at: a live engine and its machine, or a recorded session."""

    recorded: bool
    """Whether this is a recording; `False` for the world as it is now."""

    @property
    def fleet(self) -> Source[FleetSnapshot]:
        """The engine's containers."""
        ...

    @property
    def host(self) -> Source[HostSnapshot]:
        """This machine's CPU and memory."""
        ...

    @property
    def gpu(self) -> Source[GpuSnapshot]:
        """This machine's GPUs."""
        ...

    @property
    def images(self) -> Source[tuple[ImageSummary, ...]]:
        """The engine's images."""
        ...

    @property
    def focus(self) -> Source[FocusSnapshot]:
        """The processes of the container that is looked at."""
        ...

    def look_at(self, container_id: str | None) -> None:
        """Choose the container that `focus` reads, `None` for none. At once, and callable from any thread."""
        ...

    def logs(
        self, container_id: str, *, tail: int, since: float | None, follow: bool, stop: Event
    ) -> Iterator[LogLine]:
        """A container's log, the oldest line first.

        Args:
            container_id: Id or name.
            tail: How many of the lines that are there; below 0 for all.
            since: Only lines from this moment on, Unix time in seconds.
            follow: Whether to wait for more, as long as the container runs.
            stop: Set to end at once, from any thread.

        Raises:
            WorkbenchError: when there is no log, or it cannot be read.
        """
        ...

    def container_file(self, container_id: str, path: str, most_bytes: int) -> bytes:
        """One regular file of a container.

        Raises:
            WorkbenchError: when there is none, it is larger, or it cannot be read.
        """
        ...

    def act(self, container_id: str, action: Action) -> None:
        """Do something to a container, and wait until it is done.

        Raises:
            WorkbenchError: when it cannot be done.
        """
        ...

    def shell_command(self, container_id: str) -> tuple[tuple[str, ...], dict[str, str]]:
        """Arguments of a program that opens a shell in a container in this terminal, and additions to its environment.

        Raises:
            WorkbenchError: when there can be none.
        """
        ...

    def now(self) -> float:
        """The moment that the world is at, Unix time in seconds: a recording's own, whenever it is played."""
        ...

    def acquire(self, reference: str, progress: Callable[[AcquireProgress], object], stop: Event) -> AcquiredImage:
        """Every entry of every layer of one image, by id or reference.

        Args:
            reference: Id or name.
            progress: Told how far it is, on this thread; must not block.
            stop: Set to give up, from any thread.

        Raises:
            Stopped: as soon as `stop` is set.
            WorkbenchError: when it is gone or cannot be read.
        """
        ...

    def image_stacks(self) -> Sequence[tuple[str, Sequence[str]]]:
        """Name and diff ids, base first, of every image at hand: what tells where another one's base ends.

        Raises:
            WorkbenchError: when they cannot be listed.
        """
        ...

    def tidy(self) -> None:
        """Remove what a workbench that was killed left in the engine.

        Raises:
            WorkbenchError: when the engine cannot be asked.
        """
        ...

    def close(self) -> None:
        """Close every source. Callable from another thread, and twice."""
        ...
