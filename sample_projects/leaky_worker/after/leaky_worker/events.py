"""Who wants to be told when the worker closes."""

from collections.abc import Callable

_listeners: list[Callable[[], None]] = []


def subscribe(listener: Callable[[], None]) -> None:
    _listeners.append(listener)


def unsubscribe(listener: Callable[[], None]) -> None:
    _listeners.remove(listener)


def tell_closing() -> None:
    for listener in _listeners:
        listener()
