"""cProfile in a program that runs: all its threads, but for Python 3.8, where it is the main one alone."""

import os

TYPE_CHECKING = False  # importing it would cost the program a module
if TYPE_CHECKING:
    from typing import Any

_TICKS_BETWEEN_WRITES = 10


def record(attached: "Any") -> None:
    """Record until the ticks say that it is enough; every two seconds all figures are written as they are.

    Once it is on, this function calls no Python function, and nothing that lets other threads run but from C: a
    profiler that sees all threads has one stack of calls for them, and what returns in between would end another's.
    """
    import _lsprof
    import gc
    from itertools import starmap
    from marshal import dumps
    from time import perf_counter, process_time

    attached.put("cost", "{!r} {!r}".format(*attached.ours("cost_of_a_call")(_lsprof.Profiler)).encode())
    profile = _lsprof.Profiler()
    every = None if attached.sees_all_threads else attached.ours("threads_of", "threads.py")(attached, _lsprof.Profiler)
    off = profile.disable if every is None else every.end
    attached.in_child = profile.disable if every is None else every.leave
    part = f"{attached.folder}/out/calls.part"
    to_open, to_rename, once = [(part, "wb", 0)], [(part, part[:-5])], [()]
    getstats: Any = profile.getstats
    rename, collects, collect, leave_be = os.rename, gc.isenabled, gc.enable, gc.disable
    count, is_on, did_collect = 0, True, False
    if every is not None and every.is_all:
        attached.put("threads", b"")
    if every is not None:
        every.begin()
    ticks = attached.ticks()
    began, began_cpu = perf_counter(), process_time()
    try:
        attached.put("began", b"")  # the helper may have gone
        if every is None:
            try:
                profile.enable()
            except ValueError:
                is_on = False
                attached.refuse("profiled")
        while is_on:
            for _, has_time, has_helper, goes_on in ticks:
                count += 1
                if every is not None:
                    every.take()
                is_on = has_time and has_helper and goes_on
                if not is_on or count % _TICKS_BETWEEN_WRITES == 0:
                    break
            if not is_on:
                for _ in starmap(off, once):
                    pass
            for did_collect in starmap(collects, once):
                pass
            for _ in starmap(leave_be, once):  # what is collected may call, and move what is being read
                pass
            for entries in starmap(getstats, once):
                pass
            if every is not None:
                entries = [entry for one in every.profilers for entry in one.getstats()]
            if did_collect:
                for _ in starmap(collect, once):
                    pass
            rows = [
                (
                    e.code if type(e.code) is str else (e.code.co_filename, e.code.co_firstlineno, e.code.co_name),
                    (e.callcount, e.reccallcount, e.inlinetime, e.totaltime),
                    (
                        *[
                            (
                                s.code
                                if type(s.code) is str
                                else (s.code.co_filename, s.code.co_firstlineno, s.code.co_name),
                                (s.callcount, s.reccallcount, s.inlinetime, s.totaltime),
                            )
                            for s in e.calls or ()
                        ],
                    ),
                )
                for e in entries
            ]
            for content in starmap(dumps, [((*rows,),)]):
                pass
            for file in starmap(open, to_open):
                for _ in starmap(file.write, [(content,)]):
                    pass
                for _ in starmap(file.close, once):
                    pass
            for _ in starmap(rename, to_rename):
                pass
    finally:
        if is_on:
            off()
    if every is not None and every.missed:
        attached.put("missed", b"")
    attached.put("took", f"{perf_counter() - began} {process_time() - began_cpu}".encode())
