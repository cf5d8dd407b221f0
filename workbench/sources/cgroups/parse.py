"""The formats that control group files have in common."""

from collections.abc import Mapping

_NO_LIMIT = 1 << 60
"""v1 writes "no limit" as the largest multiple of a page that fits into 63 bits."""


def whole(content: bytes | None) -> int | None:
    """A file with one number; `None` for a missing file, and for `max` or anything else that is no number."""
    try:
        return int(content) if content is not None else None
    except ValueError:
        return None


def limit(content: bytes | None) -> int | None:
    """A file with a limit; `None` when there is none, written as `max`, as -1 or as the largest number."""
    value = whole(content)
    return value if value is not None and 0 <= value < _NO_LIMIT else None


def flat_keyed(content: bytes) -> dict[bytes, int]:
    """Lines of `name number`.

    Raises:
        ValueError: when a value is no number.
    """
    words = content.split()
    return dict(zip(words[::2], map(int, words[1::2]), strict=False))


def first_of(figures: Mapping[bytes, int], *names: bytes) -> int | None:
    """The first of these figures that there is: kernels renamed some."""
    for name in names:
        if name in figures:
            return figures[name]
    return None
