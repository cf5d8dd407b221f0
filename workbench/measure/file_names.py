"""Names of files made out of names from outside."""

import re
import time

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
_LONGEST = 40


def dated_name(kind: str, about: str, at: float, suffix: str) -> str:
    """A name that is safe in every shell and on every disk: `incident-api-20261120-103210.ndjson.gz`.

    Args:
        kind: Our own word, it comes first.
        about: Any text; what is unsafe in it becomes `_`.
        at: Unix time in seconds; the name bears it in local time.
        suffix: With its dot.
    """
    safe = _UNSAFE.sub("_", about)[:_LONGEST].strip("._-")
    moment = time.strftime("%Y%m%d-%H%M%S", time.localtime(at))
    return "-".join(part for part in (kind, safe, moment) if part) + suffix
