"""line_profiler in a program that runs: the lines of chosen functions, of all threads from Python 3.12 on."""

import os
import sys

TYPE_CHECKING = False  # importing it would cost the program a module
if TYPE_CHECKING:
    from typing import Any

_TICKS_BETWEEN_WRITES = 10
_KEPT = "_workbench_line_profiler"
"""Under which name it is kept for the next time: a library cannot be taken out again."""


def record(attached: "Any", *functions: str) -> None:
    """Record until the ticks say that it is enough; every two seconds all figures are written as they are."""
    import time

    compiled, function_of = tool(attached), attached.ours("function_of")
    # A class of Python's, for older ones cannot be referred to weakly without it
    made = type("Profiler", (compiled.LineProfiler,), {})
    costs = attached.ours("cost_of_lines")(made(wrap_trace=True))
    profiler = made(wrap_trace=True)
    state, taken = {}, []
    for wanted in functions:
        module, _, path = wanted.partition(":")
        if module not in sys.modules:
            state[wanted] = "not imported"
            continue
        function = function_of(vars(sys.modules[module]), path.split("."))
        state[wanted] = "found" if function is not None else "no such function"
        if function is not None:
            taken.append((function, function.__code__))
    name = f"{os.getpid()}-{time.time() * 1000:.0f}.lines"
    attached.in_child = profiler.disable
    began, began_cpu, count, is_on = time.perf_counter(), time.process_time(), 0, False
    try:
        for function, _ in taken:
            profiler.add_function(function)  # may put another code in its place, by which it knows it
        if taken:
            switch_on(attached, profiler)
            is_on = True
        attached.put("began", b"")  # the helper may have gone
        for _, has_time, has_helper, goes_on in attached.ticks() if taken else ():
            count += 1
            if not (has_time and has_helper and goes_on):
                break
            if count % _TICKS_BETWEEN_WRITES == 0:
                attached.put(name, figures(profiler, state, (*costs, time.process_time() - began_cpu)))
    finally:
        if attached.sees_all_threads:
            profiler.disable()
        elif is_on:
            attached.on_main(profiler.disable)
        for function, code in taken:
            function.__code__ = code
    attached.put(name, figures(profiler, state, (*costs, time.process_time() - began_cpu)))
    attached.put("took", str(time.perf_counter() - began).encode())


def tool(attached: "Any") -> "Any":
    """Get line_profiler's compiled part, and leave its own name to the program, which may have it later, and all of it.

    One that the program has already is taken.
    """
    if _KEPT not in sys.modules:
        before = set(sys.modules)
        sys.modules[_KEPT] = attached.tool("line_profiler", "line_profiler._line_profiler")
        for name in set(sys.modules) - before:
            if name.partition(".")[0] == "line_profiler":
                del sys.modules[name]
    return sys.modules[_KEPT]


def switch_on(attached: "Any", profiler: "Any") -> None:
    """Start it: for all threads, or on the main one, the only one that it can see then."""
    if attached.sees_all_threads:
        try:
            profiler.enable()
        except ValueError:
            attached.refuse("profiled")
        return
    attached.begin_on_main(profiler, sys.gettrace)


def figures(profiler: "Any", state: "dict[str, str]", cost: "tuple[float, float, float]") -> bytes:
    """All that there is, as the agent of a fresh run writes it."""
    import json

    rows = [
        [*key, line, hits, time]
        for key, lines in profiler.get_stats().timings.items()
        for line, hits, time in lines
        if hits
    ]
    told = {"pid": os.getpid(), "unit": profiler.timer_unit, "functions": state, "lines": rows, "cost": cost}
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
