"""Points in time as engines write them."""

import re
from datetime import datetime

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def unix_nanoseconds(text: str) -> int | None:
    """RFC 3339 text as Unix time, exactly; `None` for Go's zero time (year 1) and what is no time."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        return None
    seconds, fraction, zone = match.groups()
    try:
        whole = datetime.fromisoformat(seconds + ("+00:00" if zone in "Zz" else zone))
        if whole.year == 1:
            return None
        return int(whole.timestamp()) * 1_000_000_000 + int((fraction or "").ljust(9, "0"))
    except (ValueError, OverflowError):
        return None


def local_minute(at: float) -> str:
    """A moment on this machine's clock, to the minute: `2026-11-20 14:03`.

    Args:
        at: Unix time in seconds.
    """
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def is_never(text: str) -> bool:
    """Whether this is how engines write "it never happened": nothing, or Go's zero time."""
    return not text or text.startswith("0001-01-01")
