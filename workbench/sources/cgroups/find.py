"""Where the control groups of a container are: every shape that engines give them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from workbench.sources.cgroups.kept_file import Allowance, read_once
from workbench.sources.cgroups.v1 import GroupV1
from workbench.sources.cgroups.v2 import GroupV2

Group = GroupV1 | GroupV2

_ID = re.compile(r"[0-9a-f]{64}")
_ESSENTIAL = "cpuacct"


class Hierarchy:
    """This machine's control groups.

    Args:
        root: Where they are mounted; every distribution mounts them at the same place.
        proc: The process file system.
        allowance: Of open files, shared by all groups.
    """

    def __init__(
        self, root: Path = Path("/sys/fs/cgroup"), proc: Path = Path("/proc"), allowance: Allowance | None = None
    ) -> None:
        self.proc = str(proc)
        self._root = str(root)
        self._allowance = allowance or Allowance()
        self._mounts = _mounts(self._root)
        self.version: Literal[1, 2] | None = None
        """1 where v1 has the counters, a hybrid machine included; `None` where there are none."""
        if os.path.exists(f"{self._root}/cgroup.controllers"):  # noqa: PTH110  strings throughout: this runs each second
            self.version = 2
        elif _ESSENTIAL in self._mounts:
            self.version = 1

    def find(self, container_id: str, parent: str = "", pid: int = 0) -> Group | None:
        """The container's groups; `None` when they are not here, as of an engine that is not on this machine.

        An id is 256 random bits: a group that is named so can be no other container's.

        Args:
            container_id: The full id.
            parent: `CgroupParent` of inspect, if it has been asked for.
            pid: `State.Pid` of inspect, if it has been asked for; believed only when its groups name the id.
        """
        if self.version is None or not _ID.fullmatch(container_id):
            return None
        for path in _shapes(container_id, parent):
            if group := self._open(dict.fromkeys(self._mounts, path), path):
                return group
        paths = self._paths_of(pid, container_id) if pid > 0 else {}
        return self._open(paths, paths.get("", ""))

    def _open(self, paths: dict[str, str], unified: str) -> Group | None:
        if self.version == 2:
            folder = f"{self._root}/{unified}"
            return GroupV2(folder, self._allowance) if unified and _is_there(f"{folder}/cpu.stat") else None
        folders = {name: f"{self._root}/{self._mounts[name]}/{paths[name]}" for name in paths if name in self._mounts}
        if unified and _is_there(f"{self._root}/unified/{unified}"):
            folders["unified"] = f"{self._root}/unified/{unified}"
        found = _ESSENTIAL in folders and _is_there(f"{folders[_ESSENTIAL]}/cpuacct.usage")
        return GroupV1(folders, self._allowance) if found else None

    def _paths_of(self, pid: int, container_id: str) -> dict[str, str]:
        """A process's path by controller, `""` for v2, up to the part that names the container."""
        content = read_once(f"{self.proc}/{pid}/cgroup") or b""
        paths: dict[str, str] = {}
        for line in content.decode("utf-8", "replace").splitlines():
            controllers, path = [*line.split(":", 2), "", ""][1:3]
            if ours := _up_to(path, container_id):
                paths.update(dict.fromkeys(controllers.split(","), ours))
        return paths


def _mounts(root: str) -> dict[str, str]:
    """Folder by v1 controller; several share one, as in `cpu,cpuacct`."""
    try:
        names = sorted(os.listdir(root))  # noqa: PTH208  strings throughout
    except OSError:
        return {}
    return {controller: name for name in names if name != "unified" for controller in name.split(",")}


def _is_there(path: str) -> bool:
    return os.access(path, os.R_OK)


def _shapes(container_id: str, parent: str) -> Iterator[str]:
    """Relative paths: docker's two drivers, podman's two, each also below a parent of the user's and rootless."""
    yield f"docker/{container_id}"
    yield f"system.slice/docker-{container_id}.scope"
    if folder := _parent_folder(parent):
        yield f"{folder}/{container_id}"
        for program in ("docker", "libpod", "cri-containerd"):
            yield f"{folder}/{program}-{container_id}.scope"
        yield f"{folder}/libpod-{container_id}"
    yield f"machine.slice/libpod-{container_id}.scope"
    yield f"libpod_parent/libpod-{container_id}"
    user = os.geteuid()
    users = f"user.slice/user-{user}.slice/user@{user}.service"
    yield f"{users}/app.slice/docker-{container_id}.scope"
    yield f"{users}/user.slice/docker-{container_id}.scope"
    yield f"{users}/user.slice/libpod-{container_id}.scope"


def _parent_folder(parent: str) -> str:
    """A parent as a path: systemd's `a-b.slice` lies in `a.slice`. Empty for none, and for one that climbs."""
    parts = [part for part in parent.split("/") if part]
    if not parts or ".." in parts or "\0" in parent:
        return ""
    if len(parts) > 1 or not parts[0].endswith(".slice"):
        return "/".join(parts)
    words = parts[0].removesuffix(".slice").split("-")
    return "/".join("-".join(words[: count + 1]) + ".slice" for count in range(len(words)))


def _up_to(path: str, container_id: str) -> str:
    """The path to the part that names the container, which may have groups of its own below; empty without one."""
    parts = [part for part in path.split("/") if part]
    if ".." in parts:
        return ""
    for count, part in enumerate(parts):
        if container_id in part:
            return "/".join(parts[: count + 1])
    return ""
