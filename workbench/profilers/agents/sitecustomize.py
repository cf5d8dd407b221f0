"""Put on the PYTHONPATH of a fresh run: profiles every Python process of it with cProfile, and writes as it goes.

The interpreter imports a module of this name by itself, so no command is rewritten: scripts, `-m`, console scripts and
the workers of servers and pools all have it. One that the program has of its own is run too.

The standard library of Python 3.7 and nothing else; no error of ours reaches the program.
"""

import os
import sys

from workbench_tool import (  # type: ignore[import-not-found]  # it lies beside this one there
    before_the_end,
    begun,
    cost_of_a_call,
    run_the_shadowed_one,
)

TYPE_CHECKING = False  # importing it would cost the program a module
if TYPE_CHECKING:
    from typing import Any

_PERIOD_SECONDS = 1.0
"""Between two writes: what SIGKILL can cost."""


class _Agent:
    """cProfile in this process, and again in each child that it forks."""

    def __init__(self, folder: str) -> None:
        import cProfile
        import threading

        self.folder = folder
        self.call_seconds = cost_of_a_call(cProfile.Profile)  # of the program nothing runs yet
        self.lock = threading.Lock()
        self.profile: cProfile.Profile | None = None
        self.threads: list[cProfile.Profile] = []  # one more for each thread, before Python 3.12
        self.pid = 0
        self.began = 0.0

    def begin(self) -> None:
        """Start to profile this process."""
        import _thread
        import cProfile
        import threading
        import time

        self.pid = os.getpid()
        self.began = time.time()
        self.threads = []
        self.profile = cProfile.Profile()
        if sys.version_info < (3, 12):  # later ones see all threads
            threading.setprofile(self.begin_thread)
        _thread.start_new_thread(self.write_often, (self.pid,))
        try:
            self.profile.enable()
        except ValueError:  # the program profiles itself
            self.profile = None

    def begin_thread(self, *_: object) -> None:
        """Take the place of the hook with a profiler of the new thread's own."""
        import cProfile

        profile = cProfile.Profile()
        self.threads.append(profile)
        profile.enable()

    def begin_again(self) -> None:
        """After a fork: what the parent had is the parent's."""
        import threading

        self.lock = threading.Lock()
        if self.profile is not None:
            self.profile.disable()
        self.begin()

    def write_often(self, pid: int) -> None:
        """On a thread of its own."""
        import time

        while os.getpid() == pid:
            time.sleep(_PERIOD_SECONDS)
            self.write()

    def write(self, *, is_last: bool = False) -> None:
        """Write all figures, at once or not at all."""
        import gc
        import marshal
        import time

        if self.profile is None or self.pid != os.getpid():
            return
        if not self.lock.acquire(timeout=2.0):  # a signal may come in the midst of this very function
            return
        collects = gc.isenabled()
        gc.disable()  # what it would run is profiled, and moves what is being read
        try:
            if is_last:
                self.profile.disable()
            figures: dict[Any, Any] = {}
            for profile in [self.profile, *self.threads]:
                profile.snapshot_stats()
                add(figures, profile.stats)
            self.put("pstats", marshal.dumps(without_us(figures)))
            calls = sum(figure[1] for figure in figures.values())
            longer, bare = self.call_seconds
            self.put("cost", f"{calls} {longer:.12f} {bare:.12f} {time.process_time():.6f}".encode())
        except Exception:  # noqa: BLE001, S110  what is wrong with us is not the program's affair
            pass
        finally:
            if collects:
                gc.enable()
            self.lock.release()

    def put(self, ending: str, content: bytes) -> None:
        """Write a file of this process, at once or not at all."""
        path = f"{self.folder}/{self.pid}-{self.began * 1000:.0f}"
        with open(f"{path}.part", "wb") as file:  # noqa: PTH123  pathlib would cost the program a module
            file.write(content)
        os.rename(f"{path}.part", f"{path}.{ending}")  # noqa: PTH104  the same

    def end(self) -> None:
        """Before this process ends."""
        self.write(is_last=True)


def add(figures: "dict[Any, Any]", more: "dict[Any, Any]") -> None:
    """Add up figures as pstats has them."""
    for key, (primitive, calls, own, total, callers) in more.items():
        before = figures.get(key)
        if before is None:
            figures[key] = (primitive, calls, own, total, dict(callers))
            continue
        pairs = before[4]
        for caller, figure in callers.items():
            known = pairs.get(caller)
            pairs[caller] = tuple(x + figure[place] for place, x in enumerate(known)) if known else figure
        figures[key] = (before[0] + primitive, before[1] + calls, before[2] + own, before[3] + total, pairs)


def without_us(figures: "dict[Any, Any]") -> "dict[Any, Any]":
    """Figures without those of the files here."""
    here = __file__.rpartition("/")[0] + "/"
    return {
        key: (*value[:4], {caller: figure for caller, figure in value[4].items() if not caller[0].startswith(here)})
        for key, value in figures.items()
        if not key[0].startswith(here)
    }


def start() -> None:
    """Begin, where a fresh run was asked for."""
    folder = os.environ.get("WORKBENCH_PROFILE")
    if not folder:
        return
    agent = _Agent(folder)
    os.register_at_fork(after_in_child=agent.begin_again)
    before_the_end(agent.end)
    begun(folder.rpartition("/")[0])
    agent.begin()


try:
    run_the_shadowed_one()
finally:
    start()
