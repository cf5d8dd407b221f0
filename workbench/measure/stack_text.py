"""All stacks of a process, from py-spy's dump, as lines to read."""

from collections.abc import Iterator

import msgspec


def stack_lines(dump: bytes) -> Iterator[str]:
    """A line for each thread, its calls below it, the innermost first. Names in it may be hostile.

    Args:
        dump: What the profiler `dump` leaves, JSON.
    """
    for thread in msgspec.json.decode(dump):
        state = "active" if thread["active"] else "idle"
        lock = ", holds the lock" if thread["owns_gil"] else ""
        called = f" {thread['thread_name']}" if thread["thread_name"] else ""
        yield f"process {thread['pid']} thread {thread['os_thread_id']}{called}: {state}{lock}"
        for frame in thread["frames"]:
            yield f"    {frame['name']} ({frame['filename']}:{frame['line']})"
            for local in frame["locals"] or ():
                yield f"        {local['name']} = {local['repr']}"


def collapsed_stacks(dump: bytes) -> str:
    """One line for each thread, root first, as a recording has them.

    Args:
        dump: What the profiler `dump` leaves, JSON.
    """
    lines = []
    for thread in msgspec.json.decode(dump):
        frames = [f'process {thread["pid"]}:"{thread["command"]}"']
        frames.append(f"thread ({thread['os_thread_id'] or 0}): {thread['thread_name'] or ''}")
        frames += [f"{frame['name']} ({frame['filename']}:{frame['line']})" for frame in reversed(thread["frames"])]
        lines.append(";".join(frame.replace(";", ",").replace("\n", " ") for frame in frames) + " 1\n")
    return "".join(lines)
