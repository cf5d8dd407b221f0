"""The part of every payload that is the same: one at a time, watching for the end, and telling how it went.

It runs on a thread of its own that the program's `threading` does not know, and no error of ours reaches the program.
Its folder is the helper's, below /proc/PID/root: once that is gone, or a file `stop` is in it, the recording ends.
"""

import builtins
import os
import sys

TYPE_CHECKING = False  # importing it would cost the program a module
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, NoReturn

_MARK = "_workbench_attached"
"""A name among the builtins for as long as a payload is in the program."""
_TICK_SECONDS = 0.2
_MAIN_SECONDS = 5.0
"""How long the main thread may take to run something."""


class RefusedError(Exception):
    """It cannot be recorded; the one argument is the word for why."""


class Attached:
    """What a payload is given.

    Args:
        folder: The helper's, as the program sees it.
        seconds: How long it records.
        has_hook: Whether the main thread had a profiler of the program's own when it was entered.
    """

    def __init__(self, folder: str, seconds: float, has_hook: bool) -> None:
        self.folder = folder
        self.seconds = seconds
        self.has_hook = has_hook
        self.sees_all_threads = sys.version_info >= (3, 12)
        """Whether what one thread starts is started for all of them."""
        self.in_child: Callable[[], object] | None = None
        """Ends the recording in a child that the program has forked."""
        self.queue: list[tuple[Callable[[], object], Callable[[], object]]] = []
        self.kept: list[Any] = []

    def ticks(self) -> "Iterable[tuple[Any, ...]]":
        """A step every fifth of a second; its last three values tell that there is time, a helper, and no wish to end.

        All of it is C called from C: a profiler that sees all threads has one stack of calls for them, in which this
        thread must not come and go among the calls of another.
        """
        from itertools import repeat, starmap
        from operator import gt, not_
        from time import monotonic, sleep

        waits = starmap(sleep, repeat((_TICK_SECONDS,)))
        has_time = map(gt, repeat(monotonic() + self.seconds), starmap(monotonic, repeat(())))
        has_helper = starmap(os.access, repeat((f"{self.folder}/out", os.F_OK)))
        goes_on = map(not_, starmap(os.access, repeat((f"{self.folder}/stop", os.F_OK))))
        return zip(waits, has_time, has_helper, goes_on)

    def on_main(self, function: "Callable[[], object]") -> bool:
        """Run something on the main thread.

        Returns:
            Whether that has run it; if not, it still will once it wakes, unless `forget` comes first.
        """
        import _thread

        try:
            import ctypes
        except ImportError:
            self.refuse("no ctypes")
        done = _thread.allocate_lock()
        done.acquire()
        self.queue.append((function, done.release))
        # No callback made by ctypes: the main thread might still be on its way out of it when it is freed
        library = ctypes.PyDLL(None)
        code = ctypes.create_string_buffer(f"try:\n {_MARK}()\nexcept BaseException:\n pass\n".encode())
        self.kept.append(code)
        library.Py_AddPendingCall(ctypes.cast(library.PyRun_SimpleString, ctypes.c_void_p), code)
        return done.acquire(timeout=_MAIN_SECONDS)

    def begin_on_main(self, profiler: "Any", hook: "Callable[[], object]") -> None:
        """Enable a profiler on the main thread, before Python 3.12 the only one that it can see.

        Args:
            profiler: Has `enable` and `disable`.
            hook: Tells there what has the profiler's place.
        """
        from time import sleep

        found: list[object] = []

        def enable() -> None:
            try:
                other = hook()
                if other is None:
                    profiler.enable()
                found[:] = [other]
            except BaseException as error:  # noqa: BLE001  an audit hook may refuse, a signal's handler raise
                found[:] = [error]
                profiler.disable()

        if not self.on_main(enable) and self.forget():
            self.refuse("asleep")
        while not found:  # it is at it
            sleep(0.01)
        if isinstance(found[0], BaseException):
            raise found[0]
        if found[0] is not None:
            self.refuse("profiled")

    def __call__(self) -> None:
        """Run what waits for the main thread, on it; what tells that it has is not called where it would be seen."""
        from itertools import starmap

        while self.queue:
            function, release = self.queue.pop(0)
            try:
                function()
            finally:
                for _ in starmap(release, [()]):
                    pass

    def forget(self) -> bool:
        """Take back what the main thread has not begun yet; returns whether there was anything."""
        had_any = bool(self.queue)
        self.queue.clear()
        return had_any

    def put(self, name: str, content: bytes) -> None:
        """Write a file for the helper, at once or not at all."""
        path = f"{self.folder}/out/{name}"
        with open(f"{path}.part", "wb") as file:  # noqa: PTH123  pathlib would cost the program a module
            file.write(content)
        os.rename(f"{path}.part", path)  # noqa: PTH104  the same

    def tool(self, package: str, *modules: str) -> "Any":
        """Import a tool that lies beside the code; what was imported once is taken again, for it cannot be twice."""
        if modules[-1] in sys.modules:
            return sys.modules[modules[-1]]
        return self.ours("import_tool")(f"{self.folder}/code/lib", package, *modules)

    def ours(self, name: str) -> "Any":
        """A function of `workbench_tool.py`, which lies beside the code of what needs a tool."""
        path = f"{self.folder}/code/workbench_tool.py"
        names: dict[str, Any] = {"__name__": "workbench_tool", "__file__": path}
        with open(path, encoding="utf-8") as file:  # noqa: PTH123  pathlib would cost the program a module
            exec(compile(file.read(), __name__, "exec"), names)  # noqa: S102  it is ours
        return names[name]

    def refuse(self, why: str) -> "NoReturn":
        """Give up, for a reason that has a name."""
        raise RefusedError(why)

    def forked(self) -> None:
        """In a child."""
        in_child, self.in_child = self.in_child, None
        self.forget()
        self.leave()
        if in_child is not None:
            in_child()

    def leave(self) -> None:
        """Take the mark away."""
        if builtins.__dict__.get(_MARK) is self:
            delattr(builtins, _MARK)


def reap() -> None:
    """Do for a dead child of gdb's what the first process of all must do, once gdb has let go of it.

    gdb tries out the kernel with a child of a child, and leaves that behind.
    """
    import time

    for _ in range(20):
        found = False
        for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208  pathlib would cost the program a module
            try:
                with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123  the same
                    if file.read(256).startswith(f"{pid} (gdb) Z {os.getpid()} ".encode()):
                        found = True
                        os.waitpid(int(pid), os.WNOHANG)
            except OSError:
                continue
        if not found:
            return
        time.sleep(0.1)


def attach(
    folder: str,
    seconds: float,
    ends: float,
    record: "Callable[..., None]",
    arguments: "tuple[object, ...]",
    has_hook: bool,
) -> None:
    """Record, unless somebody does already.

    Args:
        folder: The helper's, as the program sees it.
        seconds: How long.
        ends: Unix time after which nobody waits for it to begin any more.
        record: The payload's own part.
        arguments: What that is given besides.
        has_hook: Whether the main thread has a profiler of the program's own.
    """
    import time

    if time.time() > ends:
        return
    attached = Attached(folder, seconds, has_hook)
    why = ""
    if builtins.__dict__.setdefault(_MARK, attached) is attached:
        try:
            os.register_at_fork(after_in_child=attached.forked)
            record(attached, *arguments)
        except RefusedError as refused:
            why = str(refused)
        except BaseException as error:  # noqa: BLE001  what is wrong with us is not the program's affair
            why = f"error {type(error).__name__}: {error}"
        attached.in_child = None
    else:
        why = "busy"
    if not attached.queue:
        attached.leave()
    reap()
    try:
        attached.put("ended", why.encode("utf-8", "replace")[:1000])
    except OSError:  # the helper has gone
        pass
    while attached.queue:  # the main thread still has to end it
        time.sleep(_TICK_SECONDS)
    attached.leave()
