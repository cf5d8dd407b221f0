"""Why a GPU's clocks are held down: NVML's bits in words, and how much each word matters."""

from collections.abc import Sequence
from typing import Literal

Severity = Literal["note", "watch", "act"]

_APPLICATION_CLOCKS, _POWER_CAP, _HARDWARE_SLOWDOWN, _SYNC_BOOST = 0x2, 0x4, 0x8, 0x10
_HOT_SOFTWARE, _HOT_HARDWARE, _POWER_BRAKE, _DISPLAY_CLOCKS = 0x20, 0x40, 0x80, 0x100
_BOARD_LIMIT, _RELIABILITY = 0x200, 0x400

_WORDS: tuple[tuple[int, str, Severity], ...] = (
    (_HOT_HARDWARE, "too hot (hardware)", "act"),
    (_POWER_BRAKE, "power brake", "act"),
    (_HARDWARE_SLOWDOWN, "hardware slowdown", "act"),
    (_HOT_SOFTWARE, "too hot (software)", "act"),
    (_RELIABILITY, "voltage limit", "watch"),
    (_BOARD_LIMIT, "board limit", "watch"),
    (_POWER_CAP, "power cap", "watch"),
    (_SYNC_BOOST, "sync boost", "note"),
    (_APPLICATION_CLOCKS, "application clocks", "note"),
    (_DISPLAY_CLOCKS, "display clocks", "note"),
)
"""The gravest first. The bits are `nvmlClocksEventReasons` of NVML's header; bit 1, idling, is no throttling."""
_SEVERITIES: dict[str, Severity] = {words: severity for _, words, severity in _WORDS}
_SHORT = {
    "power cap": "power-capped",
    "too hot (hardware)": "too hot",
    "too hot (software)": "too hot",
    "hardware slowdown": "slowed down",
}


def throttle_reasons(bits: int) -> tuple[str, ...]:
    """NVML's clocks event reasons in words, the gravest first; idling is none.

    The bit for any slowdown by hardware comes along with the one that tells which; it is then left out.
    """
    if bits & (_HOT_HARDWARE | _POWER_BRAKE):
        bits &= ~_HARDWARE_SLOWDOWN
    return tuple(words for bit, words, _ in _WORDS if bits & bit)


def severity(reason: str) -> Severity:
    """How much one of `throttle_reasons` matters: `note` is a setting and no trouble.

    A word that is not known, from a newer recording, is worth a look.
    """
    return _SEVERITIES.get(reason, "watch")


def gravest(reasons: Sequence[str]) -> tuple[str, Severity] | None:
    """The reason to tell where there is room for one, in its short form; `None` when none is more than a setting."""
    for wanted in ("act", "watch"):
        for reason in reasons:
            if severity(reason) == wanted:
                return _SHORT.get(reason, reason), severity(reason)
    return None
