"""A container's groups are found in every shape that engines give them, and nothing else is taken for them."""

import os
from pathlib import Path

import pytest

from tests.workbench.sources.cgroups.trees import ID, write, write_process, write_v1, write_v2
from workbench.sources.cgroups.find import Hierarchy
from workbench.sources.cgroups.v1 import GroupV1
from workbench.sources.cgroups.v2 import GroupV2

USER = f"user.slice/user-{os.geteuid()}.slice/user@{os.geteuid()}.service"


@pytest.mark.parametrize(
    ("path", "parent"),
    [
        (f"docker/{ID}", ""),
        (f"system.slice/docker-{ID}.scope", ""),
        (f"machine.slice/libpod-{ID}.scope", ""),
        (f"libpod_parent/libpod-{ID}", ""),
        (f"{USER}/app.slice/docker-{ID}.scope", ""),
        (f"{USER}/user.slice/libpod-{ID}.scope", ""),
        (f"shop/web/{ID}", "/shop/web"),
        (f"shop.slice/shop-web.slice/docker-{ID}.scope", "shop-web.slice"),
        (f"kubepods/burstable/pod123/{ID}", "/kubepods/burstable/pod123"),
    ],
)
@pytest.mark.parametrize("version", [1, 2])
def test_shapes(tmp_path: Path, path: str, parent: str, version: int) -> None:
    (write_v1 if version == 1 else write_v2)(tmp_path, path)
    hierarchy = Hierarchy(tmp_path)
    assert hierarchy.version == version
    assert isinstance(hierarchy.find(ID, parent), GroupV1 if version == 1 else GroupV2)
    assert hierarchy.find(ID[::-1], parent) is None


def test_by_the_groups_of_its_process(tmp_path: Path) -> None:
    root, proc = tmp_path / "cgroup", tmp_path / "proc"
    write_v2(root, f"kubepods.slice/odd.slice/cri-containerd-{ID}.scope")
    write_process(proc, 77, cgroup=f"0::/kubepods.slice/odd.slice/cri-containerd-{ID}.scope/init\n")
    hierarchy = Hierarchy(root, proc)
    assert hierarchy.find(ID) is None
    assert hierarchy.find(ID, pid=77) is not None
    assert hierarchy.find(ID, pid=78) is None


def test_by_the_groups_of_its_process_in_v1(tmp_path: Path) -> None:
    root, proc = tmp_path / "cgroup", tmp_path / "proc"
    write_v1(root, f"odd/{ID}", co_mounted=True)
    lines = [f"2:cpu,cpuacct:/odd/{ID}", f"3:memory:/odd/{ID}", "4:pids:/elsewhere", f"0::/odd/{ID}", "nonsense"]
    write_process(proc, 77, cgroup="\n".join(lines))
    group = Hierarchy(root, proc).find(ID, pid=77)
    assert group is not None
    counters = group.read(1, group.limits(2))
    assert (counters.cpu_ns, counters.pids) == (18828776, None), "the controller that is elsewhere is not read"
    assert counters.pressure is not None
    group.close()


def test_a_process_of_another_container_proves_nothing(tmp_path: Path) -> None:
    root, proc = tmp_path / "cgroup", tmp_path / "proc"
    write_v2(root, "docker/" + "c" * 64)
    write_process(proc, 77, cgroup="0::/docker/" + "c" * 64)
    assert Hierarchy(root, proc).find(ID, pid=77) is None


@pytest.mark.parametrize("hostile", ["../secret", "a" * 63 + "/", "", "a" * 65, "A" * 64])
def test_an_id_that_is_none_leads_nowhere(tmp_path: Path, hostile: str) -> None:
    write_v2(tmp_path, "docker/../secret")
    assert Hierarchy(tmp_path).find(hostile, pid=1) is None


def test_a_parent_that_climbs_leads_nowhere(tmp_path: Path) -> None:
    write_v2(tmp_path / "root")
    write(tmp_path / "outside" / ID, {"cpu.stat": "usage_usec 1\n"})
    assert Hierarchy(tmp_path / "root").find("e" * 64, "../outside") is None
    assert Hierarchy(tmp_path / "root").find("e" * 64, "\0") is None


def test_a_machine_without_control_groups(tmp_path: Path) -> None:
    for root in (tmp_path, tmp_path / "nowhere"):
        hierarchy = Hierarchy(root)
        assert hierarchy.version is None
        assert hierarchy.find(ID) is None


def test_a_v1_machine_without_a_unified_mount_has_no_pressure(tmp_path: Path) -> None:
    write_v1(tmp_path)
    for path in (tmp_path / "unified" / "docker" / ID).iterdir():
        path.unlink()
    (tmp_path / "unified" / "docker" / ID).rmdir()
    group = Hierarchy(tmp_path).find(ID)
    assert group is not None
    assert group.read(1, group.limits(2)).pressure is None
    group.close()
