"""Put on the PYTHONPATH of a fresh run: profiles every Python process of it with cProfile, and writes as it goes.

The interpreter imports a module of this name by itself, so no command is rewritten: scripts, `-m`, console scripts and
the workers of servers and pools all have it. One that the program has of its own is run too.

The standard library of Python 3.7 and nothing else; no error of ours reaches the program.
"""

import os
import sys

TYPE_CHECKING = False  # importing it would cost the program a module
if TYPE_CHECKING:
    import cProfile
    from typing import Any

_PERIOD_SECONDS = 1.0
"""Between two writes: what SIGKILL can cost."""


class _Agent:
    """cProfile in this process, and again in each child that it forks."""

    def __init__(self, folder: str) -> None:
        import threading

        self.folder = folder
        self.call_seconds = seconds_for_a_call()
        self.lock = threading.Lock()
        self.profile: cProfile.Profile | None = None
        self.threads: list[cProfile.Profile] = []  # one more for each thread, before Python 3.12
        self.pid = 0
        self.began = 0.0
        self.exit = os._exit

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

    def write(self, *, is_last: bool = False, wait: float = 5.0) -> None:
        """Write all figures, at once or not at all."""
        import gc
        import marshal
        import time

        if self.profile is None or self.pid != os.getpid():
            return
        if not self.lock.acquire(timeout=wait):  # a signal may come in the midst of this very function
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

    def leave(self, code: int) -> None:
        """In place of os._exit, by which the children of multiprocessing end."""
        self.write(is_last=True)
        self.exit(code)

    def end(self, number: int, _: object) -> None:
        """At a signal that would end the process without a last word."""
        import signal

        self.write(is_last=True, wait=0.0)
        if os.getpid() == 1:  # the kernel keeps the default from the first process
            self.exit(128 + number)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def seconds_for_a_call() -> "tuple[float, float]":
    """What a call costs more under the profiler, and without it, in CPU time; of the program nothing runs yet."""
    import cProfile
    import time

    def one(number: int) -> int:
        return number % 7 + 2 * number if number > 3 else number

    def calls() -> float:  # with some work between them: up to 3.11 a profiler slows every instruction
        began = time.thread_time()
        total = 0
        for number in range(1000):
            total += one(number)
        return time.thread_time() - began

    plain, profiled = [], []
    for _ in range(9):
        profile = cProfile.Profile()
        plain.append(calls())
        try:
            profile.enable()
        except ValueError:
            return 0.0, 0.0
        profiled.append(calls())
        profile.disable()
    bare = sorted(plain)[4]
    return max(0.0, (sorted(profiled)[4] - bare) / 1000), bare / 1000


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
    """Figures without those of this file."""
    return {
        key: (*value[:4], {caller: figure for caller, figure in value[4].items() if caller[0] != __file__})
        for key, value in figures.items()
        if key[0] != __file__
    }


def run_the_shadowed_one() -> None:
    """Import the module of this name that the program has itself."""
    import importlib.machinery
    import importlib.util

    here = __file__.rpartition("/")[0]
    sys.path[:] = [folder for folder in sys.path if folder != here]
    found = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if found is not None and found.loader is not None:
        module = importlib.util.module_from_spec(found)
        sys.modules["sitecustomize"] = module
        found.loader.exec_module(module)


def start() -> None:
    """Begin, where a fresh run was asked for."""
    folder = os.environ.get("WORKBENCH_PROFILE")
    if not folder:
        return
    import atexit
    import signal
    import threading

    agent = _Agent(folder)
    os.register_at_fork(after_in_child=agent.begin_again)
    atexit.register(agent.write, is_last=True)
    os._exit = agent.leave  # type: ignore[assignment]
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, agent.end)
    agent.begin()


try:
    run_the_shadowed_one()
finally:
    start()
