"""The logs of real containers."""

from collections.abc import Sequence
from itertools import pairwise
from threading import Event, Thread

import pytest

from tests.live.conftest import ContainerFactory
from workbench.errors import NotFound, WorkbenchError
from workbench.measure.log_frames import LONGEST_LINE
from workbench.measure.secrets import MASK
from workbench.model.logs import LogLine
from workbench.model.reading import Fresh, Reading
from workbench.session import Session
from workbench.settings import Settings
from workbench.sources.live import LiveWorld

LINES = 10_000
MANY = f"i=0; while [ $i -lt {LINES} ]; do echo line $i; i=$((i+1)); done; echo done >&2; sleep 3600"


def read(world: LiveWorld, container_id: str, *, tail: int = -1, since: float | None = None) -> list[LogLine]:
    return list(world.logs(container_id, tail=tail, since=since, follow=False, stop=Event()))


def test_ten_thousand_lines_then_silence_then_stop(
    world: LiveWorld, base_image: str, container_factory: ContainerFactory
) -> None:
    container = container_factory(base_image, ["sh", "-c", MANY])
    assert container.id
    stop, all_came, ended = Event(), Event(), Event()
    lines: list[LogLine] = []
    batches = 0
    ends: list[Reading[None]] = []

    def came(batch: Sequence[LogLine]) -> None:
        nonlocal batches
        batches += 1
        lines.extend(batch)
        if len(lines) > LINES:
            all_came.set()

    def done(reading: Reading[None]) -> None:
        ends.append(reading)
        ended.set()

    Session(world, Settings()).follow_logs(container.id, came, done, stop, tail=-1)
    all_came.wait()
    assert not ended.is_set()
    stop.set()
    ended.wait()
    assert isinstance(ends[0], Fresh)
    outs = [line for line in lines if line.stream == "stdout"]
    assert [line.text for line in outs] == [f"line {number}" for number in range(LINES)]
    assert [line.text for line in lines if line.stream == "stderr"] == ["done"]
    assert all(one.at <= other.at for one, other in pairwise(outs))
    assert batches < LINES / 4
    assert read(world, container.id, tail=2) == sorted(lines, key=lambda line: line.at)[-2:]
    assert read(world, container.id, tail=0) == []
    middle = outs[LINES // 2]
    later = read(world, container.id, since=middle.at + 1e-6)
    assert later
    assert all(line.at > middle.at for line in later)


@pytest.mark.parametrize("tty", [False, True])
def test_every_kind_of_line(world: LiveWorld, base_image: str, container_factory: ContainerFactory, tty: bool) -> None:
    script = (
        r"printf '\033[31mred\n'; printf 'bad \377 byte\n'; echo DB_PASSWORD=hunter2;"
        r" head -c 40000 /dev/zero | tr '\0' x; echo; printf 'one\rtwo\n'; printf '\n'; echo end"
    )
    container = container_factory(base_image, ["sh", "-c", script], tty=tty)
    assert container.id
    container.wait()
    lines = read(world, container.id)
    assert [line.text for line in lines] == [
        "\x1b[31mred",
        "bad � byte",
        f"DB_PASSWORD={MASK}",
        "x" * (LONGEST_LINE - 1) + "…",
        "one\rtwo",
        "",
        "end",
    ]
    assert all(line.at == pytest.approx(world.now(), abs=600) for line in lines)


def test_following_ends_with_the_container(
    world: LiveWorld, base_image: str, container_factory: ContainerFactory
) -> None:
    container = container_factory(base_image, ["sh", "-c", "echo one; read wait; echo two"], stdin_open=True)
    assert container.id
    lines: list[str] = []
    first = Event()

    def follow() -> None:
        for line in world.logs(str(container.id), tail=10, since=None, follow=True, stop=Event()):
            lines.append(line.text)
            first.set()

    thread = Thread(target=follow)
    thread.start()
    first.wait()
    container.kill()
    thread.join()
    assert lines == ["one"]


def test_a_driver_that_keeps_nothing(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, ["echo", "hello"], log_config={"type": "none", "config": {}})
    assert container.id
    assert world.container(container.id).log_driver == "none"
    with pytest.raises(WorkbenchError, match="cannot be read back: its log driver is none") as caught:
        read(world, container.id)
    assert "--log-driver" in caught.value.hint


def test_no_such_container(world: LiveWorld) -> None:
    with pytest.raises(NotFound):
        read(world, "no-such-container")
