"""One message of an engine's events, read into an event of ours."""

import re

from workbench.measure.arguments import masked_text
from workbench.model.events import EngineEvent, EventKind
from workbench.sources.answers import Answer, number, part, text

_NANO = 1_000_000_000
_LONGEST_NAME, _LONGEST_DETAIL = 255, 500
"""Characters: an event is kept and recorded, and its text is whatever somebody ran."""
_SIGNAL = re.compile(r"[A-Z0-9+-]{1,12}")

_KINDS: dict[str, EventKind] = {
    "create": "create",
    "start": "start",
    "stop": "stop",
    "die": "die",
    "died": "die",  # Podman's word; so are the others that end in d
    "kill": "kill",
    "oom": "oom",
    "restart": "restart",
    "pause": "pause",
    "unpause": "unpause",
    "health_status": "health",
    "exec_start": "exec",
    "update": "update",
    "rename": "rename",
    "destroy": "destroy",
    "remove": "destroy",
}
"""What is told of an exec is that it started; that it was created says the same a moment before."""


def decode_event(message: Answer, skew_seconds: float = 0.0) -> EngineEvent | None:
    """The event in one message; `None` for what nobody wants to see marked.

    Args:
        message: As the engine sent it.
        skew_seconds: How far the engine's clock is ahead of ours.
    """
    if text(message, "Type") != "container":
        return None
    action, _, rest = (text(message, "Action") or text(message, "status")).partition(":")
    kind = _KINDS.get(action.strip())
    at_ns = event_nanoseconds(message)
    if kind is None or at_ns is None:
        return None
    actor = part(message, "Actor")
    attributes = part(actor, "Attributes")
    detail = _detail(kind, rest.strip(), attributes)
    return EngineEvent(
        at=at_ns / _NANO - skew_seconds,
        kind=kind,
        container_id=(text(actor, "ID") or text(message, "id"))[:_LONGEST_NAME],
        name=text(attributes, "name")[:_LONGEST_NAME],
        detail=masked_text(detail)[:_LONGEST_DETAIL],
    )


def event_nanoseconds(message: Answer) -> int | None:
    """When it happened, in nanoseconds of Unix time by the engine's clock."""
    nanoseconds = number(message, "timeNano")
    if nanoseconds is None:
        seconds = number(message, "time")
        nanoseconds = None if seconds is None else seconds * _NANO
    return nanoseconds if nanoseconds is not None and 0 < nanoseconds < 1 << 63 else None


def _detail(kind: EventKind, rest: str, attributes: Answer) -> str:
    if kind == "die":
        code = text(attributes, "exitCode") or text(attributes, "containerExitCode")
        return f"exit {code}" if code.lstrip("-").isdecimal() else ""
    if kind == "kill":
        signal = text(attributes, "signal")
        return f"signal {signal}" if _SIGNAL.fullmatch(signal) else ""
    if kind == "health":
        return rest or text(attributes, "health_status")
    if kind == "rename":
        old = text(attributes, "oldName").lstrip("/")
        return f"was {old}" if old else ""
    if kind == "create":
        return text(attributes, "image")
    return rest
