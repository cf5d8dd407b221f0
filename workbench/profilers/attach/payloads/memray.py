"""memray in a program that runs: what is allocated from now on, by all its threads."""

import os

TYPE_CHECKING = False  # importing it would cost the program a module
if TYPE_CHECKING:
    from typing import Any


def record(attached: "Any", most_bytes: int) -> None:
    """Record until the ticks say that it is enough, or the file is full. Any end keeps what is written by then."""
    import time

    if attached.has_hook:  # memray would take its place, and leave none
        attached.refuse("profiled")
    memray = attached.tool("memray", "memray", "memray.reporters.module_tools", "memray")
    path = f"{attached.folder}/out/{os.getpid()}-{time.time() * 1000:.0f}.bin"
    memray.set_log_level(40)  # errors alone: what else it says would go into the program's own output
    tracker = memray.Tracker(destination=memray.FileDestination(path, overwrite=True))
    attached.put("began", b"")
    began = time.perf_counter()
    try:
        cost = attached.ours("cost_of_calls")(tracker.__enter__)
    except RuntimeError:  # there may be one
        attached.refuse("profiled")
    try:
        attached.put("memory.cost", repr(cost).encode())
        for _, has_time, has_helper, goes_on in attached.ticks():
            if not (has_time and has_helper and goes_on):
                break
            if os.stat(path).st_size > most_bytes:  # noqa: PTH116  pathlib would cost the program a module
                attached.put("full", b"")
                break
    finally:
        tracker.__exit__(None, None, None)
    attached.put("took", str(time.perf_counter() - began).encode())
