"""The parts of payloads that deal with the program's threads, pending calls and children, run in this Python."""

import _lsprof
import ctypes
import gc
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import workbench.profilers.attach.payloads

FOLDER = Path(next(iter(workbench.profilers.attach.payloads.__path__)))
EACH_ITS_OWN = pytest.mark.skipif(sys.version_info >= (3, 12), reason="from 3.12 on a profiler sees all threads")
PATIENCE_SECONDS = 60.0


def part(name: str) -> Any:
    names: dict[str, Any] = {"__name__": name}
    exec(compile((FOLDER / f"{name}.py").read_text(), "workbench-attached", "exec"), names)
    return SimpleNamespace(**names)


def until(holds: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.005)


def leaf(number: int) -> int:
    return number * 2


class Worker(threading.Thread):
    """Calls `leaf` so often each time that it is told to."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.wanted = self.done = 0
        self.ends = False
        self.start()

    def run(self) -> None:
        while not self.ends:
            time.sleep(0.001)
            while self.done < self.wanted:
                leaf(self.done)
                self.done += 1

    def work(self, count: int) -> None:
        self.wanted += count
        until(lambda: self.done == self.wanted)


def on_another_thread(function: Callable[[], object]) -> None:
    """As a payload runs: on a thread of its own, which `threading` does not know."""
    import _thread

    done = threading.Event()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            function()
        except BaseException as error:  # noqa: BLE001  raised again by who waits
            failed.append(error)
        done.set()

    _thread.start_new_thread(run, ())
    assert done.wait(PATIENCE_SECONDS)
    if failed:
        raise failed[0]


def leaves(threads: Any) -> int:
    return sum(
        entry.callcount
        for profiler in threads.profilers
        for entry in profiler.getstats()
        if not isinstance(entry.code, str) and entry.code is leaf.__code__
    )


@EACH_ITS_OWN
def test_every_thread_is_counted_and_left_as_it_was() -> None:
    workers = [Worker() for _ in range(3)]
    collects, found = gc.isenabled(), []

    def begin() -> None:
        found.append(part("threads").threads_of(SimpleNamespace(has_hook=False), _lsprof.Profiler))
        found[0].begin()

    on_another_thread(begin)
    threads = found[0]
    assert threads.is_all
    for worker in workers:
        worker.work(100)
    for _ in range(50):
        brief = threading.Thread(target=leaf, args=(1,))
        brief.start()
        brief.join()
    leaf(1)
    assert sys.getprofile() in threads.profilers
    assert len(threads.profilers) < 30, "those of threads that have ended are taken again"
    on_another_thread(threads.end)
    for worker in workers:
        worker.work(100)
        worker.ends = True
    assert leaves(threads) == 3 * 100 + 50 + 1
    assert sys.getprofile() is None
    assert threading._profile_hook is None
    assert gc.isenabled() == collects


@EACH_ITS_OWN
def test_thread_that_profiles_itself_keeps_its_profiler() -> None:
    own = lambda *_: None  # noqa: E731
    found: list[Any] = []

    def begin() -> None:
        found.append(part("threads").threads_of(SimpleNamespace(has_hook=False), _lsprof.Profiler))
        found[0].begin()

    threading.setprofile(own)
    sys.setprofile(own)
    try:
        on_another_thread(begin)
        assert sys.getprofile() is own
        on_another_thread(found[0].end)
        assert sys.getprofile() is own
        assert threading._profile_hook is own
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


@EACH_ITS_OWN
def test_thread_that_starts_without_threading_is_taken_later() -> None:
    import _thread

    attached = SimpleNamespace(has_hook=False)
    goes_on, is_there, works, worked = (threading.Event() for _ in range(4))

    def run() -> None:
        is_there.set()
        works.wait(PATIENCE_SECONDS)
        leaf(1)
        worked.set()
        goes_on.wait(PATIENCE_SECONDS)

    found: list[Any] = []

    def record() -> None:
        threads = part("threads").threads_of(attached, _lsprof.Profiler)
        found.append(threads)
        threads.begin()
        _thread.start_new_thread(run, ())
        assert is_there.wait(PATIENCE_SECONDS)
        threads.take()
        threads.take()
        works.set()
        assert worked.wait(PATIENCE_SECONDS)
        threads.end()
        goes_on.set()

    on_another_thread(record)
    assert leaves(found[0]) == 1


@EACH_ITS_OWN
def test_profilers_of_threads_that_have_ended_are_taken_again() -> None:
    import _thread

    found: list[Any] = []

    def record() -> None:
        threads = part("threads").threads_of(SimpleNamespace(has_hook=False), _lsprof.Profiler)
        found.append(threads)
        threads.begin()
        for _ in range(100):
            works = [threading.Event() for _ in range(3)]
            worked = [threading.Event() for _ in range(3)]

            def run(works: threading.Event, worked: threading.Event) -> None:
                works.wait(PATIENCE_SECONDS)
                leaf(1)
                worked.set()

            for pair in zip(works, worked, strict=True):
                _thread.start_new_thread(run, pair)
            threads.take()
            threads.take()
            for one in works:
                one.set()
            for one in worked:
                assert one.wait(PATIENCE_SECONDS)
        threads.end()

    on_another_thread(record)
    assert not found[0].missed
    assert leaves(found[0]) == 300


@EACH_ITS_OWN
def test_what_refuses_a_profiler_leaves_none_on() -> None:
    found: list[Any] = []

    def begin() -> None:
        threads = part("threads").threads_of(SimpleNamespace(has_hook=False), _lsprof.Profiler)
        found.append(threads)
        setting, count = threads.set_profile, 0

        def refuse_the_second(*arguments: object) -> object:
            nonlocal count
            count += 1
            if count == 2:
                raise RuntimeError("an audit hook refuses")
            return setting(*arguments)

        threads.set_profile = refuse_the_second
        threads.begin()

    worker = Worker()
    with pytest.raises(RuntimeError, match="an audit hook refuses"):
        on_another_thread(begin)
    worker.work(10)
    worker.ends = True
    assert sys.getprofile() is None
    assert leaves(found[0]) == 0
    assert threading._profile_hook is None


def test_thread_that_starts_as_it_all_ends_is_left_alone() -> None:
    class Late:
        """Enabled at the very moment at which another thread ends it all."""

        is_on = False

        def enable(self) -> None:
            threads.hook = None
            self.is_on = True

        def disable(self) -> None:
            self.is_on = False

    every = part("threads").EveryThread
    threads = every.__new__(every)
    threads.make, threads.profilers, threads.hook = Late, [], "there is one"
    on_another_thread(threads.begin_thread)
    assert [one.is_on for one in threads.profilers] == [False]


def test_main_thread_that_is_asked_too_much_is_asked_again() -> None:
    attached = part("attached").Attached("/nowhere", 1.0, 1.0, False)
    library = ctypes.PyDLL(None)
    nothing = ctypes.create_string_buffer(b"pass\n")
    run = ctypes.cast(library.PyRun_SimpleString, ctypes.c_void_p)
    ran: list[bool] = []
    told: list[object] = []
    fills, sees_room = threading.Lock(), threading.Lock()
    fills.acquire()
    sees_room.acquire()

    def ask() -> None:
        while library.Py_AddPendingCall(run, nothing) == 0:
            pass
        told.append(attached.on_main(lambda: ran.append(True), 0.3))
        told.append(attached.is_asked)
        fills.release()
        sees_room.acquire()
        attached.ask()
        told.append(attached.is_asked)
        fills.release()

    import _thread
    import builtins

    builtins._workbench_attached = attached  # type: ignore[attr-defined]
    try:
        _thread.start_new_thread(ask, ())
        fills.acquire()  # in C: no pending call runs
        assert (told, ran) == ([False, False], [])
        sees_room.release()
        until(lambda: len(told) == 3)
        until(lambda: ran)
        assert told[2] is True
    finally:
        del builtins._workbench_attached  # type: ignore[attr-defined]


REAPS = """
import ctypes, os, subprocess, sys, time
folder, gdb = sys.argv[1:]
names = {}
exec(open(folder + "/reap.py").read(), names)
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: as the first process of all, it gets what is left
own = subprocess.Popen([gdb])
leads = subprocess.Popen([gdb], start_new_session=True)
leaves = "import os, sys; os.setsid(); print(os.spawnv(os.P_NOWAIT, sys.argv[1], ['gdb']), flush=True); os._exit(0)"
left = int(subprocess.run([sys.executable, "-c", leaves, gdb], stdout=subprocess.PIPE).stdout)
for pid in (own.pid, leads.pid, left):
    while open(f"/proc/{pid}/stat").read().split()[2] != "Z": time.sleep(0.01)
names["reap"]()
print(os.path.exists(f"/proc/{left}"), own.wait(), leads.wait())
"""


def test_only_what_gdb_has_left_behind_is_reaped(tmp_path: Path) -> None:
    gdb = tmp_path / "gdb"
    gdb.write_bytes(Path("/bin/false").read_bytes())
    gdb.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", REAPS, str(FOLDER), str(gdb)], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False 1 1\n", "")
