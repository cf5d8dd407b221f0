"""An event loop that wakes when it should, and the network of another process."""

from __future__ import annotations

import asyncio
import os
import select
import selectors

_NETWORK = 0x40000000  # CLONE_NEWNET


def precise_loop() -> asyncio.AbstractEventLoop:
    """An event loop whose timers are late by a twentieth of a millisecond instead of up to a whole one."""
    if not hasattr(selectors, "EpollSelector"):
        return asyncio.new_event_loop()

    class Precise(selectors.EpollSelector):
        """Epoll counts whole milliseconds, rounded up; `select` on epoll's own descriptor does not."""

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            if timeout is not None and timeout > 0:
                select.select([self], [], [], timeout)
                timeout = 0
            return super().select(timeout)

    return asyncio.SelectorEventLoop(Precise())


def enter_network(path: str) -> None:
    """See the network of another process from now on, in this thread.

    Args:
        path: `/proc/PID/ns/net`.

    Raises:
        OSError: when there is no such process, or it may not be entered.
    """
    import ctypes  # `os.setns` is there from Python 3.12 on

    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(descriptor, _NETWORK):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), path)
    finally:
        os.close(descriptor)
