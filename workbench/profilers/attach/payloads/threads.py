"""A profiler in C on the threads of a Python before 3.12, where each thread has its own; in 3.8 on the main one alone.

What Python 3.12 has as PyEval_SetProfileAllThreads: the interpreter's lock is held from the first thread to the last.
So all of it is C called from C, from which the lock is never taken: a thread could end, and its state be gone.
A thread is taken when it was there at the look before: one that is just being made may be without a frame.
"""

import sys

TYPE_CHECKING = False  # importing it would cost the program a module
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

_WORDS = 32
"""Of a thread's state in which its profiler is looked for; it is among the first 20 in all versions."""
_MOST_THREADS = 200
_SETTLE_SECONDS = 0.05


class MainThread:
    """The main one alone, which does all of it itself.

    Args:
        attached: What a payload is given.
        make: Makes a profiler, which has `enable` and `disable`.
    """

    is_all = False
    """Whether all threads are profiled."""
    missed = False

    def __init__(self, attached: "Any", make: "Callable[[], Any]") -> None:
        self.attached = attached
        self.profilers = [make()]

    def begin(self) -> None:
        """Have it enable the profiler."""
        self.attached.begin_on_main(self.profilers[0], sys.getprofile)

    def take(self) -> None:
        """There are no others."""

    def end(self) -> None:
        """Have it disable the profiler."""
        self.attached.on_main(self.profilers[0].disable)

    def leave(self) -> None:
        """The same in a child that it has forked."""
        self.profilers[0].disable()


class EveryThread:
    """Those of this program, but for the one that this runs on.

    Args:
        library: Python itself, by ctypes.
        make: Makes a profiler, which has `enable` and `disable`.
        callback: What its `enable` makes a thread call, as a pointer.
        offset: Where in a thread's state its profiler is.
    """

    is_all = True

    def __init__(self, library: "Any", make: "Callable[[], Any]", callback: int, offset: int) -> None:
        from ctypes import c_int, c_void_p

        self.make = make
        self.callback = callback
        self.offset = offset
        self.profilers: list[Any] = []
        """One for each thread that was ever taken."""
        self.seen: set[int] = set()
        self.missed = False
        """Whether there were more than are taken."""
        self.hook: Any = None
        self.set_profile = library["_PyEval_SetProfile"]
        self.set_profile.argtypes, self.set_profile.restype = [c_void_p, c_void_p, c_void_p], c_int
        self.next_of, self.first_of = library["PyThreadState_Next"], library["PyInterpreterState_ThreadHead"]
        self.next_of.argtypes = self.first_of.argtypes = [c_void_p]
        self.next_of.restype = self.first_of.restype = c_void_p
        current, interpreter = library["PyThreadState_Get"], library["PyThreadState_GetInterpreter"]
        current.restype = interpreter.restype = c_void_p
        interpreter.argtypes = [c_void_p]
        self.own = current()
        self.interpreter = interpreter(self.own)

    def states(self) -> "Iterable[int]":
        """Every thread's state, each found when it is asked for."""
        from itertools import accumulate, chain, repeat, takewhile

        heads = map(self.first_of, (self.interpreter,))
        return takewhile(bool, accumulate(chain(heads, repeat(None)), self.next_of))

    def profiler_of(self, states: "Iterable[int]") -> "Iterable[int | None]":
        """The profiler that each has, by its address."""
        from ctypes import c_void_p
        from itertools import repeat
        from operator import add, attrgetter

        return map(attrgetter("value"), map(c_void_p.from_address, map(add, states, repeat(self.offset))))

    def take(self) -> None:
        """Profile the threads that were there at the last look and have no profiler."""
        import gc
        from itertools import compress, repeat, tee
        from operator import and_, ne, not_

        idle = [one for one in self.profilers if sys.getrefcount(one) <= _IDLE_REFERENCES]
        for one in idle:
            one.disable()  # what its thread was still calling as it ended is added up
        new = [self.make() for _ in range(min(len(self.seen), _MOST_THREADS - len(self.profilers)))]
        states, for_profilers, for_own, for_seen = tee(self.states(), 4)
        is_free = map(not_, self.profiler_of(for_profilers))
        is_other = map(ne, for_own, repeat(self.own))
        was_there = map(self.seen.__contains__, for_seen)
        free = compress(states, map(and_, map(and_, is_free, is_other), was_there))
        taking = map(self.set_profile, free, repeat(self.callback), map(id, [*idle, *new]))
        taken, collects = len(idle) + len(new), gc.isenabled()
        gc.disable()  # what is collected may call Python
        try:
            taken = len(list(taking))
        finally:
            if collects:
                gc.enable()
            self.profilers += new[: max(0, taken - len(idle))]
        self.missed = self.missed or len(self.profilers) >= _MOST_THREADS
        self.seen = set(self.states())

    def begin(self) -> None:
        """Take all threads, and those that will be started by `threading` from their first call on."""
        from time import sleep

        self.seen = set(self.states())
        sleep(_SETTLE_SECONDS)
        try:
            self.take()
        except BaseException:  # an audit hook may refuse
            self.end()
            raise
        module: Any = sys.modules.get("threading")
        if module is not None and getattr(module, "_profile_hook", self) is None:
            self.hook = self.begin_thread
            module._profile_hook = self.hook

    def begin_thread(self, *_: object) -> None:
        """On a new thread, in place of its first event: give it a profiler, best one of a thread that has ended."""
        try:
            sys.setprofile(None)
            if self.hook is None:
                return
            idle = next((one for one in self.profilers if sys.getrefcount(one) <= _IDLE_REFERENCES), None)
            if idle is None:
                if len(self.profilers) >= _MOST_THREADS:
                    self.missed = True
                    return
                idle = self.make()
                self.profilers.append(idle)
            idle.disable()
            idle.enable()
            if self.hook is None:  # `end` may have looked at this thread just before
                idle.disable()
        except BaseException:  # noqa: BLE001, S110  what is wrong with us is not the program's affair
            pass

    def end(self) -> None:
        """Leave all threads as they were."""
        import gc
        from itertools import compress, repeat, tee

        module: Any = sys.modules.get("threading")
        if self.hook is not None and getattr(module, "_profile_hook", None) == self.hook:
            module._profile_hook = None
        self.hook = None
        ours = set(map(id, self.profilers))
        states, others = tee(self.states())
        taken = compress(states, map(ours.__contains__, self.profiler_of(others)))
        leaving = map(self.set_profile, taken, repeat(None), repeat(None))
        collects = gc.isenabled()
        gc.disable()
        try:
            list(leaving)
        finally:
            if collects:
                gc.enable()
        for profiler in self.profilers:
            profiler.disable()  # what was still being called is added up

    leave = end


_IDLE_REFERENCES = 3
"""Of a profiler that no thread has: the list's, the loop's and the question's."""


def threads_of(attached: "Any", make: "Callable[[], Any]") -> "MainThread | EveryThread":
    """The threads that can be profiled.

    Args:
        attached: What a payload is given.
        make: Makes a profiler, which has `enable` and `disable`.
    """
    try:
        import ctypes
    except ImportError:
        attached.refuse("no ctypes")
    library: Any = ctypes.PyDLL(None)
    found = None if attached.has_hook or not hasattr(library, "_PyEval_SetProfile") else _place(library, make)
    return MainThread(attached, make) if found is None else EveryThread(library, make, *found)


def _place(library: "Any", make: "Callable[[], Any]") -> "tuple[int, int] | None":
    """What a profiler makes a thread call, and where in a thread's state it is; `None` when that cannot be told."""
    import ctypes

    current = library["PyThreadState_Get"]
    current.restype = ctypes.c_void_p
    words = (ctypes.c_void_p * _WORDS).from_address(current())
    before, probe = list(words), make()
    probe.enable()
    on = list(words)
    probe.disable()
    after = list(words)
    found = [
        place
        for place in range(2, _WORDS)
        if on[place] == id(probe) and on[place - 2] and not (before[place] or after[place] or after[place - 2])
    ]
    return (on[found[0] - 2], found[0] * ctypes.sizeof(ctypes.c_void_p)) if len(found) == 1 else None
