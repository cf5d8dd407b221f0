"""Put on the PYTHONPATH of a fresh run: counts and times the lines of chosen functions with line_profiler.

The interpreter imports a module of this name by itself, so no command is rewritten. A function is taken as soon as it
is there: of a module when that has been imported, of the program's own file after the line that defines it.
"""

import os
import sys

from workbench_tool import (  # type: ignore[import-not-found]  # it lies beside this one there
    before_the_end,
    begun,
    cost_of_lines,
    function_of,
    import_tool,
    run_the_shadowed_one,
    tell,
    tool_folder,
)

TYPE_CHECKING = False  # importing it would cost the program a module
if TYPE_CHECKING:
    from types import FrameType, ModuleType
    from typing import Any

_PERIOD_SECONDS = 1.0
"""Between two writes: what SIGKILL can cost."""


class _Agent:
    """line_profiler in this process, and again in each child that it forks.

    Args:
        profiler: A LineProfiler.
        out: Where results go.
        functions: `MODULE:NAME` each.
        costs: Seconds that a line takes longer: one that is counted, another.
    """

    def __init__(  # the profiler has no types
        self,
        profiler: "Any",  # noqa: ANN401
        out: str,
        functions: "list[str]",
        costs: "tuple[float, float]",
    ) -> None:
        self.profiler = profiler
        self.costs = costs
        self.out = out
        self.state = dict.fromkeys(functions, "not imported")
        self.spawned = "--multiprocessing-fork" in sys.argv
        self.inherited: dict[Any, Any] = {}
        self.begin()

    def begin(self) -> None:
        """Name this process, and write for it from a thread that is not profiled."""
        import _thread
        import time

        self.pid = os.getpid()
        self.lock = _thread.allocate_lock()
        self.path = f"{self.out}/{self.pid}-{time.time() * 1000:.0f}"
        _thread.start_new_thread(self.write_often, (self.pid,))

    def begin_again(self) -> None:
        """After a fork: what the parent counted is the parent's."""
        self.inherited = self.figures()
        self.begin()

    # -- finding functions ----------------------------------------------------------------------------------

    def take(self, module: str, names: "dict[str, Any]") -> "list[str]":
        """Profile what is wanted of a module and defined by now; the names that are still to be defined."""
        lacking = []
        for wanted, state in self.state.items():
            where, _, path = wanted.partition(":")
            if where != module or state == "found":
                continue
            try:
                function = function_of(names, path.split("."))
                if function is not None:
                    self.profiler.add_function(function)
            except Exception as error:  # noqa: BLE001  what the program has there may not bear being looked at
                tell(self.out, error)
                function = None
            self.state[wanted] = "found" if function is not None else "no such function"
            if function is None and path.partition(".")[0] not in names:
                lacking.append(path.partition(".")[0])
        return lacking

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "Any":  # noqa: ANN401  as importlib's
        """As a finder of modules: finds nothing itself, and has the wanted ones looked at after their import."""
        if not any(wanted.startswith(f"{name}:") for wanted in self.state):
            return None
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target) if finder is not self and hasattr(finder, "find_spec") else None
            if spec is not None:
                self.follow(name, spec.loader)
                return spec
        return None

    def follow(self, name: str, loader: "Any") -> None:  # noqa: ANN401  there are many kinds
        """Have a module looked at as soon as its loader has run it."""
        execute = getattr(loader, "exec_module", None)
        if execute is None or not hasattr(loader, "__dict__"):
            return

        def execute_and_take(module: "ModuleType") -> None:
            execute(module)
            self.take(name, vars(module))

        loader.exec_module = execute_and_take

    def trace(self, frame: "FrameType", *_: object) -> "Any":  # noqa: ANN401  as sys.settrace has it
        """At each call until the program's own file is known: look at that one line by line.

        A child that multiprocessing spawned first runs another one, and then may import it as `__mp_main__`.
        """
        if self.spawned and frame.f_code.co_name == "_bootstrap":
            self.end_trace()
            return None
        main = "__mp_main__" if self.spawned else "__main__"
        if frame.f_code.co_name != "<module>" or frame.f_globals.get("__name__") != main:
            return None
        modules = self.main_names(frame)
        if not modules:
            self.end_trace()
            return None

        def trace_line(frame: "FrameType", event: str, _: object) -> "Any":  # noqa: ANN401  the same
            lacking = [name for module in modules for name in self.take(module, frame.f_globals)]
            if event == "return" or not any(name in frame.f_code.co_names for name in lacking):
                frame.f_trace = None
                self.end_trace()
                return None
            return trace_line

        return trace_line

    def main_names(self, frame: "FrameType") -> "list[str]":
        """Under which names of those that are wanted the program's own file is known."""
        spec = frame.f_globals.get("__spec__")
        stem = frame.f_code.co_filename.rpartition("/")[2].rpartition(".")[0]
        own = {"__main__", stem, getattr(spec, "name", "") or ""}
        return sorted(own & {wanted.partition(":")[0] for wanted in self.state})

    def end_trace(self) -> None:
        """From here on line_profiler alone has the hook."""
        self.profiler.disable()
        sys.settrace(None)
        self.profiler.enable()

    def begin_thread(self, *_: object) -> None:
        """Before Python 3.12 each thread is profiled for itself: take the place of its hook."""
        sys.settrace(None)
        self.profiler.enable()

    # -- writing --------------------------------------------------------------------------------------------

    def figures(self) -> "dict[Any, Any]":
        """Hits and time by function and line: `(file, first line, name, line): (hits, time)`."""
        found = {}
        for (file, first, name), lines in self.profiler.get_stats().timings.items():
            for line, hits, time in lines:
                found[file, first, name, line] = (hits, time)
        return found

    def write_often(self, pid: int) -> None:
        """On a thread of its own."""
        import time

        while os.getpid() == pid:
            time.sleep(_PERIOD_SECONDS)
            self.write()

    def write(self) -> None:
        """Write all figures, at once or not at all."""
        import json
        from time import process_time

        if os.getpid() != self.pid or not self.lock.acquire(timeout=2.0):  # a signal may come in the midst of this
            return
        try:
            rows = []
            for key, (hits, time) in self.figures().items():
                known = self.inherited.get(key, (0, 0))
                if hits > known[0]:
                    rows.append([*key, hits - known[0], time - known[1]])
            told = {"pid": self.pid, "unit": self.profiler.timer_unit, "functions": self.state, "lines": rows}
            told["cost"] = [*self.costs, process_time()]
            with open(f"{self.path}.part", "w", encoding="utf-8", errors="replace") as file:  # noqa: PTH123  no pathlib
                json.dump(told, file, ensure_ascii=False)
            os.rename(f"{self.path}.part", f"{self.path}.lines")  # noqa: PTH104  the same
        except Exception as error:  # noqa: BLE001  what is wrong with us is not the program's affair
            tell(self.out, error)
        finally:
            self.lock.release()


def start() -> None:
    """Begin, where a fresh run was asked for."""
    root = os.environ.get("WORKBENCH_LINES")
    if not root:
        return
    try:
        folder = tool_folder(root)
        if folder:
            _profile(folder, root)
    except Exception as error:  # noqa: BLE001  what is wrong with us is not the program's affair
        tell(root + "/out", error)


def _profile(folder: str, root: str) -> None:
    import threading

    compiled: Any = import_tool(folder, "line_profiler", "line_profiler._line_profiler")
    for name in [name for name in sys.modules if name.partition(".")[0] == "line_profiler"]:
        del sys.modules[name]  # the program may have its own, and all of it

    # A class of Python's, for older ones cannot be referred to weakly without it
    made = type("Profiler", (compiled.LineProfiler,), {})
    costs = cost_of_lines(made(wrap_trace=True))
    agent = _Agent(made(wrap_trace=True), root + "/out", os.environ.get("WORKBENCH_FUNCTIONS", "").split(), costs)
    for name in {wanted.partition(":")[0] for wanted in agent.state}:
        if name in sys.modules and name != "__main__":
            agent.take(name, vars(sys.modules[name]))
    begun(root)
    sys.meta_path.insert(0, agent)
    before_the_end(agent.write)
    os.register_at_fork(after_in_child=agent.begin_again)
    if sys.version_info < (3, 12):
        threading.settrace(agent.begin_thread)
    sys.settrace(agent.trace)
    agent.profiler.enable()


try:
    run_the_shadowed_one()
finally:
    start()
