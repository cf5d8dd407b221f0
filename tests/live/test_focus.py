"""The processes of real containers, read from this machine's /proc and asked of the engine."""

import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from time import sleep

import pytest

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from workbench.errors import NotFound, WorkbenchError
from workbench.measure.secrets import MASK
from workbench.model.processes import FocusSnapshot, Process
from workbench.sources import processes
from workbench.sources.base import Source
from workbench.sources.endpoint import resolve
from workbench.sources.engine import Engine as OurEngine
from workbench.sources.live import LiveWorld
from workbench.sources.processes import FocusSource

BUSY = "while True: pass"
# A parent that waits for the child of a vfork waits uninterruptibly, on every kernel and without a disk
WAIT = """
import ctypes, platform, threading, time
clone = {"x86_64": 56, "aarch64": 220}[platform.machine()]
vfork, child_ended = 0x4000, 17
def wait():
    ctypes.CDLL(None).syscall(clone, vfork | child_ended, 0, 0, 0, 0)
    time.sleep(3600)  # the child's, as a copy of this very thread
threads = [threading.Thread(target=wait), *(threading.Thread(target=time.sleep, args=(3600,)) for _ in range(3))]
for thread in threads: thread.start()
"""
SLEEP = ["sleep", "3600"]


def python(program: str) -> list[str]:
    return ["python3", "-c", textwrap.dedent(program)]


def wait_for(source: Source[FocusSnapshot], fact: Callable[[Sequence[Process]], object]) -> FocusSnapshot:
    """Read until the processes show a fact; the test's timeout is the only limit."""
    while True:
        snapshot = source.read()
        if fact(snapshot.processes):
            return snapshot
        sleep(0.25)


def test_a_tree_of_processes(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    script = "sleep 3600 & setpriv --reuid=33 sh -c 'sleep 3601; true' & python3 -c 'import time; time.sleep(3600)' \
        --password hunter2 & wait"
    container = container_factory(base_image, ["sh", "-c", script])
    assert container.id
    world.look_at(container.id)
    named = {"sh", "sleep", "python3"}

    def all_sleep(found: Sequence[Process]) -> bool:
        return len(found) == 5 and {each.name for each in found} == named and all(each.waits_in for each in found)

    snapshot = wait_for(world.focus, all_sleep)
    assert (snapshot.container_id, snapshot.left_out) == (container.id, 0)
    first, *others = snapshot.processes
    assert (first.inner_pid, first.pid) == (1, world.container(container.id).pid)
    assert first.pid != 1
    parents = {each.pid: each for each in snapshot.processes}
    for index, process in enumerate(snapshot.processes):
        assert process.pid == first.pid or parents[process.parent_pid] in snapshot.processes[:index]
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert f"NSpid:\t{process.pid}\t{process.inner_pid}\n" in status
    assert {each.user_id for each in others} == {0, 33}
    assert all(each.state == "S" and each.memory_bytes for each in snapshot.processes)
    assert f"--password {MASK}" in " ".join(each.command for each in snapshot.processes)
    assert "hunter2" not in repr(snapshot)
    rated = wait_for(world.focus, lambda found: found[0].cpu_percent is not None)
    assert all(each.cpu_percent is not None and each.cpu_percent < 20 for each in rated.processes)
    assert all(each.written_bytes_per_second is not None for each in rated.processes)


def test_a_busy_thread_among_idle_ones(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    program = f"""
    import threading, time
    for _ in range(20): threading.Thread(target=time.sleep, args=(3600,)).start()
    {BUSY}
    """
    container = container_factory(base_image, python(program))
    assert container.id
    world.look_at(container.id)

    def had_its_second_a_second(found: Sequence[Process]) -> bool:
        """What the one thread did not run it had to wait, however busy this machine is."""
        ran, waited = found[0].cpu_percent or 0.0, found[0].run_delay_percent or 0.0
        return found[0].threads == 21 and found[0].state == "R" and ran > 10 and abs(ran + waited - 100) < 5

    snapshot = wait_for(world.focus, had_its_second_a_second)
    (process,) = snapshot.processes
    assert (process.busiest_thread, process.waiting_threads) == ("python3", 0)
    assert process.busiest_thread_percent == pytest.approx(process.cpu_percent, rel=0.02)


def test_a_thread_that_waits(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, python(WAIT))
    assert container.id
    world.look_at(container.id)
    snapshot = wait_for(world.focus, lambda found: len(found) == 2 and found[0].waiting_threads == 1)
    parent, child = snapshot.processes
    assert (parent.state, parent.threads, child.parent_pid) == ("S", 5, parent.pid)
    assert parent.waits_in
    assert parent.waits_in != child.waits_in


def test_shared_memory(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    fill = "head -c 3000000 /dev/zero > /dev/shm/filled; sleep 3600"
    container = container_factory(base_image, ["sh", "-c", fill], shm_size="8m")
    assert container.id
    world.look_at(container.id)
    snapshot = world.focus.read()
    while (snapshot.shm_used_bytes or 0) < 3_000_000:
        snapshot = world.focus.read()
    assert snapshot.shm_size_bytes == 8 << 20 == world.container(container.id).shm_size_bytes
    assert snapshot.shm_used_bytes is not None
    assert 3_000_000 <= snapshot.shm_used_bytes < 3_100_000


def test_shared_memory_is_not_sought_behind_a_link(
    world: LiveWorld, base_image: str, container_factory: ContainerFactory
) -> None:
    """A container that lays a link where its shared memory was must not show what is outside."""
    script = "umount /dev/shm && rmdir /dev/shm && ln -s / /dev/shm && mkdir /x && exec sleep 3600"
    container = container_factory(
        base_image, ["sh", "-c", script], cap_add=["SYS_ADMIN"], security_opt=["apparmor=unconfined"]
    )
    assert container.id
    world.look_at(container.id)
    snapshot = wait_for(world.focus, lambda found: found[0].name == "sleep")
    assert (snapshot.shm_used_bytes, snapshot.shm_size_bytes) == (None, None)


def test_stopping_starting_and_removing(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, ["sh", "-c", "sleep 3600; true"])
    assert container.id
    world.look_at(container.id)
    first = wait_for(world.focus, lambda found: len(found) == 2).processes[0]
    container.exec_run(["sleep", "3600"], detach=True)
    opened = wait_for(world.focus, lambda found: len(found) == 3).processes
    assert opened[2].parent_pid not in {each.pid for each in opened}
    container.kill()
    container.wait()
    with pytest.raises(WorkbenchError, match="does not run: it ended with exit code 137"):
        world.focus.read()
    container.start()
    again = wait_for(world.focus, lambda found: len(found) == 2).processes[0]
    assert again.pid != first.pid
    assert again.inner_pid == 1
    container.remove(force=True)
    with pytest.raises(NotFound):
        wait_for(world.focus, lambda _: False)
    world.look_at(None)
    with pytest.raises(WorkbenchError, match="no container is looked at"):
        world.focus.read()


def test_an_engine_elsewhere(
    engine: Engine,
    base_image: str,
    container_factory: ContainerFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With no /proc and no groups to look into, the engine's own `ps` has to tell."""
    monkeypatch.setattr(processes, "REMOTE_SECONDS", 0.0)
    container = container_factory(
        base_image, ["sh", "-c", "sleep 3600 & python3 -c 'while True: pass' --token hunter2"]
    )
    assert container.id
    ours = OurEngine(resolve("", engine.environ))
    focus = FocusSource(ours, root=str(tmp_path), groups=str(tmp_path))
    focus.look_at(container.id)
    try:
        snapshot = wait_for(focus, lambda found: len(found) == 3)
        first, *others = snapshot.processes
        assert {each.name for each in others} == {"sleep", "python3"}
        assert first.pid == engine.client.api.inspect_container(container.id)["State"]["Pid"]
        assert all(each.parent_pid == first.pid and each.memory_bytes for each in others)
        assert "hunter2" not in repr(snapshot)
        assert snapshot.shm_size_bytes == 64 << 20
        container.kill()
        container.wait()
        with pytest.raises(WorkbenchError, match="does not run"):
            focus.read()
    finally:
        ours.close()


def test_an_engine_with_process_ids_of_its_own(
    modern_engine: Engine, modern_base_image: str, labels: dict[str, str]
) -> None:
    """The ids that it reports are others' here: the control group tells which are meant."""
    container = modern_engine.client.containers.run(modern_base_image, SLEEP, labels=labels, detach=True)
    ours = OurEngine(resolve("", modern_engine.environ))
    focus = FocusSource(ours)
    try:
        focus.look_at(container.id)
        (process,) = focus.read().processes
        assert (process.name, process.command) == ("sleep", "sleep 3600")
        assert process.inner_pid == 1
        assert str(container.id) in Path(f"/proc/{process.pid}/cgroup").read_text()
    finally:
        ours.close()
        container.remove(force=True)
