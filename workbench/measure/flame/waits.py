"""Frames that wait: what a stack that ends in one was doing is nothing."""

from workbench.model.frame_tree import Place

_WAITING = {
    "threading": {"wait", "join", "_wait_for_tstate_lock", "acquire"},
    "selectors": {"select"},
    "socket": {"accept", "recv_into", "readinto"},
    "queue": {"get", "put"},
    "connection": {"_recv", "_poll", "poll", "wait"},
    "popen_fork": {"poll", "wait"},
    "subprocess": {"_try_wait", "wait", "communicate"},
    "ssl": {"read", "recv", "recv_into"},
}
_SLEEPING = frozenset(
    f"<built-in method {name}>"
    for name in ("time.sleep", "select.select", "select.epoll", "posix.waitpid", "_thread.lock.acquire")
) | {"<method 'acquire' of '_thread.lock' objects>", "<method 'poll' of 'select.epoll' objects>"}


def waits(place: Place) -> bool:
    """Whether a stack that ends here is waiting, as far as the standard library's own names tell."""
    if place.name in _SLEEPING:
        return True
    name = place.name.rpartition(".")[2]
    file = place.file.rpartition("/")[2].removesuffix(".py")
    return name in _WAITING.get(file, ())
