"""A program for the byte budget: the real app on a world that takes one step for every byte it is sent.

Arguments: containers, how many of them change per step, the descriptor the steps come from, then `still` and `calm`
or neither.
"""

import os
import sys
import time
from threading import Condition, Thread
from typing import Generic, TypeVar

from screens.app import WorkbenchApp
from tests.screens.worlds import ENGINE, PlainWorld, Told, container
from workbench.model.containers import Container, ContainerUsage, FleetSnapshot, Pressure
from workbench.model.host import HostSnapshot
from workbench.model.processes import FocusSnapshot, Process
from workbench.session import Session
from workbench.settings import CALM_INTERVAL, Settings

T = TypeVar("T")
MARK = "aa-step-{:04d}"
"""Name of the first container, which says the step that is on screen."""


class Steps:
    """Counts the bytes that come in."""

    def __init__(self) -> None:
        self.now = 0
        self.changed = Condition()

    def follow(self, descriptor: int) -> None:
        while os.read(descriptor, 1):
            with self.changed:
                self.now += 1
                self.changed.notify_all()


class Stepped(Told[T], Generic[T]):
    """A source that answers once per step."""

    def __init__(self, steps: Steps, values: "list[T]") -> None:
        super().__init__(values[0])
        self._steps = steps
        self._values = values
        self._given = -1

    def read(self) -> T:
        with self._steps.changed:
            self._steps.changed.wait_for(lambda: self._steps.now > self._given)
            self._given = self._steps.now
        return self._values[self._given % len(self._values)]


def figures(number: int, step: int) -> ContainerUsage:
    """Figures that differ from one step to the next in every column."""
    turn = (number * 7 + step * 13) % 97
    return ContainerUsage(
        1.0,
        8.0 * turn + 1,
        300_000_000 * turn + 1_000_000,
        33_600_000_000,
        1000.0 * turn,
        9000.0 * turn,
        1e6 * turn,
        2e6 * turn,
        turn,
        None,
        throttled_percent=float(turn),
        pressure=Pressure(cpu_some=float(turn), memory_some=0.0, io_some=turn / 10),
    )


def fleet(count: int, changing: int, step: int) -> FleetSnapshot:
    """Containers of which the first `changing` have other figures in every step."""
    rows: list[Container] = []
    for number in range(count):
        name = MARK.format(step) if number == 0 else f"service-{number:02d}"
        rows.append(container(name, number, usage=figures(number, step if number < changing else 0)))
    return FleetSnapshot(ENGINE, tuple(rows))


def swap(step: int) -> int:
    """Bytes that are written quite differently from those of the step before, so that all of it is sent."""
    return step * (1_000 if step % 2 else 1_000_000)


def host(step: int) -> HostSnapshot:
    """A host that is busier or idler in every step; its swap says the step."""
    return HostSnapshot(
        float((step * 17) % 100), 8, 4.2, (step * 900_000_000) % 31_000_000_000, 31_300_000_000, swap(step), 10**9
    )


def focus(step: int) -> FocusSnapshot:
    """The first container's processes, of which a third have other figures in every step."""
    rows = [
        Process(
            1000 + number,
            1000,
            "python3",
            number + 1,
            f"python3 -m service --worker {number}",
            state="S",
            threads=4,
            cpu_percent=float((number * 7 + (step if number % 3 == 0 else 0) * 13) % 97),
            memory_bytes=10_000_000 * (1 + (number + (step if number % 3 == 0 else 0)) % 9),
        )
        for number in range(12)
    ]
    return FocusSnapshot(container("", 0).id, tuple(rows), shm_used_bytes=0, shm_size_bytes=67_108_864)


def main() -> None:
    count, changing, descriptor = (int(argument) for argument in sys.argv[1:4])
    how = sys.argv[4:]
    steps = Steps()
    world = PlainWorld()
    if changing:
        world.fleet = Stepped(steps, [fleet(count, changing, step) for step in range(100)])
        world.host = Stepped(steps, [host(step) for step in range(100)])
        world.focus = Stepped(steps, [focus(step) for step in range(100)])
        Thread(target=steps.follow, args=(descriptor,), daemon=True).start()
    else:
        world.fleet.value = fleet(count, 0, 0)
    # The steps come from the test, so nothing is gained by waiting in between.
    settings = Settings(interval=0.01 if changing else 1.0, calm="calm" in how)
    # A step is an interval, so that charts move as they do in the world.
    interval = CALM_INTERVAL if "calm" in how else 1.0
    clock = (lambda: 1000.0 + steps.now * interval) if "still" in how else time.monotonic
    sys.exit(WorkbenchApp(Session(world, settings, clock), still="still" in how).run_until_quit())


if __name__ == "__main__":
    main()
