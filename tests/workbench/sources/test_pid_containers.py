"""From a PID to its container: every shape of cgroup, PIDs that are given anew, and a bounded memory."""

import os
from pathlib import Path

import pytest

from workbench.sources.pid_containers import PidContainers, container_in, container_of_pid, in_host_namespace

A, B = "a1" * 32, "b2" * 32


def process(proc: Path, pid: int, cgroup: str, name: str = "python3", started: int = 100) -> None:
    """A process as the kernel shows it; more of a stat than its 22nd field does not matter."""
    (proc / str(pid)).mkdir(exist_ok=True)
    (proc / str(pid) / "stat").write_text(f"{pid} ({name}) S {' '.join('0' * 18)} {started} 0 0\n")
    (proc / str(pid) / "cgroup").write_text(cgroup)


@pytest.mark.parametrize(
    ("cgroup", "container_id"),
    [
        (f"0::/docker/{A}\n", A),
        (f"12:pids:/\n11:cpu,cpuacct:/docker/{A}\n0::/\n", A),
        (f"11:cpu:/\n0::/docker/{A}\n", A),
        (f"0::/system.slice/docker-{A}.scope\n", A),
        (f"0::/system.slice/docker-{A}.scope/init.scope\n", A),
        (f"0::/{A}\n", A),
        (f"0::/../{A}\n", A),
        (f"0::/machine.slice/libpod-{A}.scope/container\n", A),
        (f"0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-{A}.scope\n", A),
        (f"3:memory:/kubepods/besteffort/pod0f/{A}\n", A),
        (f"0::/docker/{B}/docker/{A}\n", A),
        (f"1:name=systemd:/user.slice:odd:{A}\n", A),
        (f"0::/machine.slice/libpod-conmon-{A}.scope\n", None),
        ("0::/\n", None),
        ("0::/system.slice/docker.service\n", None),
        (f"0::/docker/{A}f\n", None),
        (f"0::/docker/{A[:-1]}\n", None),
        ("", None),
    ],
)
def test_every_shape_of_cgroup(cgroup: str, container_id: str | None) -> None:
    assert container_in(cgroup) == container_id


def test_name_and_container(tmp_path: Path) -> None:
    process(tmp_path, 7, f"0::/docker/{A}\n", name="odd) name (x")
    pids = PidContainers(tmp_path)
    assert pids.look(7) == ("odd) name (x", A)
    assert pids.container_of_pid(7) == A


def test_a_pid_that_is_given_anew_is_looked_up_anew_and_the_same_process_is_not(tmp_path: Path) -> None:
    process(tmp_path, 7, f"0::/docker/{A}\n")
    pids = PidContainers(tmp_path)
    assert pids.container_of_pid(7) == A
    (tmp_path / "7/cgroup").write_text(f"0::/docker/{B}\n")
    assert pids.container_of_pid(7) == A, "remembered"
    process(tmp_path, 7, f"0::/docker/{B}\n", started=101)
    assert pids.container_of_pid(7) == B
    process(tmp_path, 7, f"0::/docker/{A}\n", started=101, name="after exec")
    assert pids.look(7) == ("after exec", A)


def test_processes_that_have_ended_or_say_nothing(tmp_path: Path) -> None:
    pids = PidContainers(tmp_path)
    assert pids.look(7) == ("", None)
    (tmp_path / "8").mkdir()
    (tmp_path / "8/stat").write_text("garbage")
    assert pids.look(8) == ("", None)
    process(tmp_path, 9, "")
    (tmp_path / "9/cgroup").unlink()
    assert pids.look(9) == ("python3", None)


def test_what_is_remembered_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.sources.pid_containers._KEPT", 3)
    pids = PidContainers(tmp_path)
    for pid in range(1, 9):
        process(tmp_path, pid, f"0::/docker/{A}\n")
        pids.look(pid)
        (tmp_path / str(pid) / "cgroup").write_text("0::/\n")
    assert [pids.container_of_pid(pid) for pid in (1, 8)] == [None, A]


def test_this_very_process() -> None:
    name, _ = PidContainers().look(os.getpid())
    assert name == Path("/proc/self/comm").read_text().strip()
    assert container_of_pid(os.getpid()) == container_in(Path("/proc/self/cgroup").read_text())


def test_only_the_host_s_own_pids_mean_what_a_driver_means(tmp_path: Path) -> None:
    (tmp_path / "self/ns").mkdir(parents=True)
    assert not in_host_namespace(tmp_path)
    (tmp_path / "self/ns/pid").symlink_to("pid:[4026532001]")
    assert not in_host_namespace(tmp_path)
    (tmp_path / "self/ns/pid").unlink()
    (tmp_path / "self/ns/pid").symlink_to("pid:[4026531836]")
    assert in_host_namespace(tmp_path)
