"""Whose a process is, under every kind of control groups."""

from pathlib import Path

import pytest

from tests.workbench.sources.proc_tree import BOOTED_AT, CONTAINER, ProcTree
from workbench.sources import container_pids
from workbench.sources.container_pids import ContainerPids

OTHER = "beef" * 16
V1 = f"4:memory:/docker/{CONTAINER}\n3:cpu,cpuacct:/docker/{CONTAINER}\n1:name=systemd:/docker/{CONTAINER}"


@pytest.fixture
def proc(tmp_path: Path) -> ProcTree:
    return ProcTree(tmp_path)


def pids_of(proc: ProcTree, first: int | None, started_at: float | None = None, **more: object) -> ContainerPids:
    return ContainerPids(CONTAINER, first, started_at, root=str(proc.root), groups=str(proc.groups), **more)  # type: ignore[arg-type]  # a clock


@pytest.mark.parametrize(
    ("cgroup", "folder"),
    [
        (f"0::/docker/{CONTAINER}", f"docker/{CONTAINER}"),
        (f"0::/system.slice/docker-{CONTAINER}.scope", f"system.slice/docker-{CONTAINER}.scope"),
        (f"0::/machine.slice/libpod-{CONTAINER}.scope/container", f"machine.slice/libpod-{CONTAINER}.scope"),
        (V1, f"memory/docker/{CONTAINER}"),
        (V1, f"cpu,cpuacct/docker/{CONTAINER}"),
        (V1, f"cpuacct/docker/{CONTAINER}"),
        (V1, f"systemd/docker/{CONTAINER}"),
        (f"{V1}\n0::/docker/{CONTAINER}", f"unified/docker/{CONTAINER}"),
    ],
)
def test_every_shape_of_groups(proc: ProcTree, cgroup: str, folder: str) -> None:
    proc.process(10, cgroup=cgroup)
    proc.group(folder, 10, 30, 20)
    proc.group(f"{folder}/nested/deeper", 40, 0)
    found = pids_of(proc, 10)
    assert found.read() == (10, 20, 30, 40)
    proc.group(folder, 30)
    assert found.read() == (30, 40)


def test_the_engines_own_word_is_not_taken_for_it(proc: ProcTree) -> None:
    proc.process(10, cgroup=f"0::/docker/{OTHER}")
    proc.process(20)
    proc.group(f"docker/{OTHER}", 10)
    proc.group(f"docker/{CONTAINER}", 20)
    assert pids_of(proc, 10).read() == (20,)
    assert pids_of(proc, None).read() == (20,)


def test_a_group_that_is_out_of_sight(proc: ProcTree) -> None:
    now = [0.0]
    proc.process(10, cgroup=f"0::/../{CONTAINER}")
    proc.process(20, cgroup="0::/")
    found = pids_of(proc, 10, clock=lambda: now[0])
    assert found.read() == (10,)
    proc.process(30, cgroup=f"0::/../{CONTAINER}/inner")
    now[0] += container_pids.SCAN_SECONDS
    assert found.read() == (10, 30)


def test_an_engine_without_groups(proc: ProcTree) -> None:
    proc.process(10, cgroup="0::/user.slice", started=1000)
    for pid, children in ((10, "20 30 "), (20, "40 10 "), (30, ""), (40, "")):
        task = proc.process(pid, cgroup="0::/user.slice") / "task" / str(pid)
        task.mkdir(parents=True)
        (task / "children").write_text(children)
    assert sorted(pids_of(proc, 10, BOOTED_AT + 12.0).read()) == [10, 20, 30, 40]
    assert pids_of(proc, 10, BOOTED_AT + 100.0).read() == (), "a process of the same id, on this machine"
    assert pids_of(proc, 10).read() == ()


def test_a_container_of_another_machine(proc: ProcTree) -> None:
    proc.process(10, cgroup="0::/init.scope")
    assert pids_of(proc, None).read() == ()
    assert pids_of(proc, 99).read() == ()
