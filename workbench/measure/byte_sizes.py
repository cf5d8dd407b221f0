"""Sizes as people write them: `20MB`, `1.5 GiB`, `500k`, `4096`."""

import re
from dataclasses import dataclass

from workbench.measure.units import percent, quantity

_SIZE = re.compile(r"\s*(\d{1,18}(?:\.\d{0,9})?|\.\d{1,9})\s*([kmgtpe]?)(i?)(b?)\s*", re.ASCII | re.IGNORECASE)
_POWERS = {letter: power for power, letter in enumerate(("", "k", "m", "g", "t", "p", "e"))}

_SHARE = re.compile(r"\s*(\d{1,9}(?:\.\d{0,9})?)\s*%\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limit:
    """An upper bound, in bytes or as a share of something; exactly one of them."""

    size_bytes: int | None = None
    share: float | None = None
    """0 to 1, and beyond."""

    def __str__(self) -> str:
        return quantity(self.size_bytes, "B") if self.share is None else percent(100 * self.share)


def parse_limit(text: str) -> Limit:
    """A size, or a share with a percent sign: `20MB`, `5%`.

    Raises:
        ValueError: when it is neither.
    """
    found = _SHARE.fullmatch(text)
    return Limit(share=float(found[1]) / 100) if found else Limit(size_bytes=parse_size(text))


def parse_size(text: str) -> int:
    """Bytes: `kB`, `MB` … are powers of 1000, `KiB`, `MiB` … of 1024; a number alone is bytes.

    Raises:
        ValueError: when it is no such size.
    """
    found = _SIZE.fullmatch(text)
    if found is None or (found[3] and not found[2]):
        raise ValueError(f"{text[:40]!r} is no size such as 20MB or 1.5GiB")
    scale: int = (1024 if found[3] else 1000) ** _POWERS[found[2].lower()]
    return round(float(found[1]) * scale) if "." in found[1] else int(found[1]) * scale
