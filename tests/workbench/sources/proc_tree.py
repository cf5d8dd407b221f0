"""A /proc and control groups on disk, as kernels write them."""

import shutil
from pathlib import Path

BOOTED_AT = 1_767_000_000
CONTAINER = "c0ffee" + "0" * 58


class ProcTree:
    """Processes that a test puts there and changes.

    Args:
        folder: An empty one.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder / "proc"
        self.groups = folder / "cgroup"
        self.root.mkdir()
        self.groups.mkdir()
        (self.root / "stat").write_text(f"cpu 1 2 3\nintr {'0 ' * 20000}\nbtime {BOOTED_AT}\nprocesses 5\n")

    def process(
        self,
        pid: int,
        parent: int = 1,
        *,
        name: str = "app",
        state: str = "S",
        started: int = 1000,
        threads: int = 1,
        ticks: int = 0,
        ran: int | None = 1,
        waited: int = 0,
        cgroup: str = f"0::/docker/{CONTAINER}",
        command: bytes = b"app\0--serve\0",
        inner: int | None = 1,
    ) -> Path:
        """Write a process, with `ran` and `waited` nanoseconds of its only thread, or of its first."""
        folder = self.root / str(pid)
        folder.mkdir(exist_ok=True)
        self._thread_files(folder, pid, parent, name, state, started, threads, ticks, ran, waited)
        pids = f"{pid}\t{inner}" if inner is not None else str(pid)
        (folder / "status").write_text(f"Name:\t{name}\nUid:\t0\t1000\t0\t0\nNSpid:\t{pids}\nThreads:\t{threads}\n")
        (folder / "cmdline").write_bytes(command)
        (folder / "cgroup").write_text(f"{cgroup}\n")
        (folder / "wchan").write_text("ep_poll" if state == "S" else "0")
        (folder / "io").write_text("rchar: 9\nwchar: 9\nread_bytes: 4096\nwrite_bytes: 0\ncancelled_write_bytes: 0\n")
        if threads > 1:
            self.thread(pid, pid, name=name, state=state, ran=ran, waited=waited)
        return folder

    def thread(
        self, pid: int, thread: int, *, name: str = "app", state: str = "S", ran: int | None = 1, waited: int = 0
    ) -> Path:
        folder = self.root / str(pid) / "task" / str(thread)
        folder.mkdir(parents=True, exist_ok=True)
        self._thread_files(folder, thread, 1, name, state, 1000, 1, 0, ran, waited)
        (folder / "wchan").write_text("io_schedule" if state == "D" else "ep_poll")
        return folder

    def _thread_files(
        self,
        folder: Path,
        pid: int,
        parent: int,
        name: str,
        state: str,
        started: int,
        threads: int,
        ticks: int,
        ran: int | None,
        waited: int,
    ) -> None:
        fields = [state, parent, 1, 1, 0, -1, 4194304, 1, 0, 0, 0, ticks, 0, 0, 0, 20, 0, threads, 0, started, 9999, 25]
        (folder / "stat").write_text(f"{pid} ({name}) {' '.join(map(str, fields))} 0 0\n")
        if ran is not None:
            (folder / "schedstat").write_text(f"{ran} {waited} {1 if ran else 0}\n")

    def group(self, path: str, *pids: int) -> None:
        folder = self.groups / path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in pids))

    def end(self, pid: int) -> None:
        shutil.rmtree(self.root / str(pid))
