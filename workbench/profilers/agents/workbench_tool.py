"""What agents and payloads share: the tool for this very Python, what calls cost, a last word before the process ends.

The standard library of Python 3.6 and nothing else; no error of ours reaches the program.
"""

# ruff: noqa: PTH104, PTH110, PTH123  pathlib would cost the program modules
import os
import sys

TYPE_CHECKING = False  # importing it would cost the program a module
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FunctionType, ModuleType
    from typing import Any

_HERE = __file__.rpartition("/")[0]
_PATIENCE_SECONDS = 900.0
_LOOK_SECONDS = 0.02
_DEEPEST = 20
"""So many wrappers around a function are taken off."""


def run_the_shadowed_one() -> None:
    """Import the `sitecustomize` that the program has itself."""
    import importlib.machinery
    import importlib.util

    sys.path[:] = [folder for folder in sys.path if folder != _HERE]
    found = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if found is not None and found.loader is not None:
        module = importlib.util.module_from_spec(found)
        sys.modules["sitecustomize"] = module
        found.loader.exec_module(module)


def tool_folder(root: str) -> str:
    """Where the tool for this Python lies. Where there is none yet it is asked for, and waited for.

    Returns:
        The folder; empty where the tool is refused, or nobody answers: there may have been too many that asked.
    """
    import importlib.machinery
    import time

    suffix = importlib.machinery.EXTENSION_SUFFIXES[0]
    key = suffix.replace(".so", "").strip(".") + "-" + _libc()
    folder = root + "/lib/" + key
    if not os.path.exists(folder + "/answered"):
        _ask(root + "/asks/" + key, suffix)
    ended = time.monotonic() + _PATIENCE_SECONDS
    while not os.path.exists(folder + "/answered"):
        if time.monotonic() > ended or os.path.exists(root + "/lib/enough"):
            return ""
        time.sleep(_LOOK_SECONDS)
    return "" if os.path.exists(folder + "/refused") else folder


def _libc() -> str:
    try:
        return "glibc" if os.confstr("CS_GNU_LIBC_VERSION") else "musl"
    except (ValueError, OSError):
        return "musl"


def _ask(path: str, suffix: str) -> None:
    import json

    sys.path.append(_HERE)
    try:
        import proc_facts  # type: ignore[import-not-found]  # it lies beside this one there
    finally:
        sys.path.remove(_HERE)
        sys.modules.pop("proc_facts", None)
    facts = dict(proc_facts.facts("/proc", os.getpid()), abi=suffix.replace(".so", "").strip("."), command=[])
    part = path + "." + str(os.getpid())
    with open(part, "w") as file:
        json.dump(facts, file)
    try:  # noqa: SIM105  contextlib would cost the program a module
        os.rename(part, path)
    except OSError:  # another user's process asks for the same
        pass


def import_tool(folder: str, package: str, *modules: str) -> "ModuleType":
    """Import a package from a folder alone, whatever the program has itself; what it needs besides is not kept.

    When that fails nothing is.

    Args:
        folder: Where it lies.
        package: Its name.
        modules: More of it, by their whole names; the last is given.
    """
    import importlib
    import importlib.util

    before = set(sys.modules)
    spec = importlib.util.spec_from_file_location(
        package, folder + "/" + package + "/__init__.py", submodule_search_locations=[folder + "/" + package]
    )
    if spec is None or spec.loader is None:
        raise ImportError(package)
    found = importlib.util.module_from_spec(spec)
    sys.modules[package] = found
    sys.path.append(folder)
    keeps = ""
    try:
        spec.loader.exec_module(found)
        for name in modules:
            found = importlib.import_module(name)
            _bear_a_cut_down_python(found)
        keeps = package
    finally:
        sys.path[:] = [entry for entry in sys.path if entry != folder]
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(folder) and name.partition(".")[0] != keeps:
                del sys.modules[name]
    return found


def function_of(names: "dict[str, Any]", path: "list[str]") -> "FunctionType | None":
    """A function by its name, without what it is wrapped in."""
    from types import FunctionType

    found: Any = names.get(path[0])
    for name in path[1:]:
        found = getattr(found, "__dict__", {}).get(name)
    for _ in range(_DEEPEST):
        inner = next(
            (getattr(found, name) for name in ("__wrapped__", "__func__", "fget", "func") if hasattr(found, name)), None
        )
        if inner is None:
            break
        found = inner
    return found if isinstance(found, FunctionType) else None


def _bear_a_cut_down_python(module: "ModuleType") -> None:
    """Where Python lies without the record of how it was built, `sysconfig` raises: to the tool it then knows nothing.

    It is not asked, for a second question gets an answer of it, and the program may be the one that asks next.
    """
    import importlib.util

    own = getattr(module, "sysconfig", None)
    name = getattr(own, "_get_sysconfigdata_name", str)()
    if name and importlib.util.find_spec(name) is None:
        from types import SimpleNamespace

        module.sysconfig = SimpleNamespace(get_config_var=lambda _: None)  # type: ignore[attr-defined]  # it has one


def begun(root: str) -> None:
    """Say that a process is profiled from now on; the first one is enough."""
    try:  # noqa: SIM105  the same
        os.close(os.open(root + "/asks/begun", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except OSError:
        pass


def tell(out: str, error: BaseException) -> None:
    """Leave word of why this process is not profiled."""
    path = out + "/" + str(os.getpid())
    try:
        with open(path + ".part", "w") as file:
            file.write((type(error).__name__ + ": " + str(error))[:500])
        os.rename(path + ".part", path + ".problem")
    except (OSError, ValueError):
        pass


def before_the_end(last: "Callable[[], object]") -> None:
    """Call something before this process, or one that it forks, ends in any way that can be seen from inside."""
    import atexit
    import signal
    import threading

    leave = os._exit

    def leave_after(code: int) -> None:  # the children of multiprocessing end so
        last()
        leave(code)

    def end(number: int, _: object) -> None:
        last()
        if os.getpid() == 1:  # the kernel keeps the default from the first process
            leave(128 + number)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    atexit.register(last)
    os._exit = leave_after  # type: ignore[assignment]
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, end)


def sizes(out: str) -> "tuple[int, int] | None":
    """How many bytes lie in a folder, and in how many files; `None` when it cannot be told."""
    try:
        with os.scandir(out) as entries:
            found = [entry.stat().st_size for entry in entries]
    except OSError:
        return None
    return sum(found), len(found)


_TIMED = 100
_TURNS = 5


def seconds_each(work: "Callable[[int], object]") -> float:
    """CPU time of one round of something that is told how many to do; the least of several turns."""
    from time import thread_time

    found = []
    for _ in range(_TURNS):
        began = thread_time()
        work(_TIMED)
        found.append((thread_time() - began) / _TIMED)
    return min(found)


def cost_of_calls(enter: "Callable[[], object]") -> float:
    """Begin something that slows calls, and tell by how many seconds of CPU time each since."""

    def nothing() -> None:
        pass

    def calls(count: int) -> None:
        for _ in range(count):
            nothing()

    bare = seconds_each(calls)
    enter()
    return max(0.0, seconds_each(calls) - bare)


def cost_of_a_call(profiler: "Callable[[], Any]") -> "tuple[float, float]":
    """Seconds of CPU time that a call takes longer under cProfile, and without it, here and now.

    It does some work, for up to 3.11 a profiler slows every instruction.

    Args:
        profiler: Makes a `cProfile.Profile`, or what that is made of.
    """

    def one(number: int) -> int:
        return number % 7 + 2 * number if number > 3 else number

    def calls(count: int) -> None:
        total = 0
        for number in range(count):
            total += one(number)

    bare = seconds_each(calls)
    profile = profiler()
    try:
        profile.enable()
    except ValueError:  # the program profiles itself
        return 0.0, 0.0
    try:
        return max(0.0, seconds_each(calls) - bare), bare
    finally:
        profile.disable()


def cost_of_lines(profiler: "Any") -> "tuple[float, float]":  # noqa: ANN401  it has no types
    """Seconds of CPU time that a line takes longer under line_profiler, here and now: one that is counted, another.

    Args:
        profiler: A LineProfiler of its own, which knows no function yet.
    """

    def counted(count: int) -> None:
        for _ in range(count):
            count += 0

    def other(count: int) -> None:
        for _ in range(count):
            count += 0

    lines_in_a_round = 2
    bare = seconds_each(other)
    profiler.add_function(counted)
    try:
        profiler.enable()
    except ValueError:  # the program profiles itself
        return 0.0, 0.0
    try:
        found = seconds_each(counted), seconds_each(other)
    finally:
        profiler.disable()
    return max(0.0, found[0] - bare) / lines_in_a_round, max(0.0, found[1] - bare) / lines_in_a_round
