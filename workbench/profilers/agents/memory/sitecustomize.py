"""Put on the PYTHONPATH of a fresh run: records the allocations of every Python process of it with memray.

The interpreter imports a module of this name by itself, so no command is rewritten. What is written survives any end:
memray's file is a map of memory, which the kernel keeps.
"""

import os

from workbench_tool import (  # type: ignore[import-not-found]  # it lies beside this one there
    before_the_end,
    begun,
    cost_of_calls,
    import_tool,
    run_the_shadowed_one,
    sizes,
    tell,
    tool_folder,
)

_LOOK_SECONDS = 0.5
_MOST_BYTES = 192 << 20
"""Of all processes' files together; then recording ends, and the program goes on."""


def start() -> None:
    """Begin, where a fresh run was asked for."""
    root = os.environ.get("WORKBENCH_MEMORY")
    if not root:
        return
    try:
        folder = tool_folder(root)
        if folder:
            _record(folder, root)
    except Exception as error:  # noqa: BLE001  what is wrong with us is not the program's affair
        tell(root + "/out", error)


def _record(folder: str, root: str) -> None:
    import time

    memray = import_tool(folder, "memray", "memray", "memray.reporters.module_tools", "memray")
    memray.set_log_level(40)  # errors alone: what else it says would go into the program's own output
    out = root + "/out"
    path = f"{out}/{os.getpid()}-{time.time() * 1000:.0f}.bin"
    tracker = memray.Tracker(
        destination=memray.FileDestination(path, overwrite=True),
        native_traces=os.environ.get("WORKBENCH_NATIVE") == "1",
        follow_fork=True,
    )
    ended = False

    def end() -> None:
        nonlocal ended
        if not ended:
            ended = True
            tracker.__exit__(None, None, None)

    def watch(pid: int) -> None:
        while os.getpid() == pid and not ended:
            time.sleep(_LOOK_SECONDS)
            found = sizes(out)
            if found is not None and found[0] > _MOST_BYTES:
                end()
                tell(out, MemoryError("the recording is full"))

    def begin_watching() -> None:
        import _thread

        _thread.start_new_thread(watch, (os.getpid(),))

    before_the_end(end)
    os.register_at_fork(after_in_child=begin_watching)
    begin_watching()
    begun(root)
    cost = cost_of_calls(tracker.__enter__)
    with open(f"{path[:-4]}.cost", "w") as file:  # noqa: PTH123  pathlib would cost the program a module
        file.write(repr(cost))


try:
    run_the_shadowed_one()
finally:
    start()
