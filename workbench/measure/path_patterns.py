"""Patterns of paths with `*`, `**`, `?` and `[…]`, as moby's patternmatcher compiles them (its `Pattern.compile`)."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

PathPattern = Callable[[str], object]
"""Given a whole path, says by its truth whether it matches."""

WILDCARD = re.compile(r"[*?\[\]\\]")
_ESCAPED = frozenset(".+()|{}$^")
_IN_NAME, _FOLDERS, _REST = "[^/]*", "(?:.*/)?", ".*"
_STARS = frozenset((_IN_NAME, _FOLDERS, _REST))
_FEW_STARS = 2
"""With more, a regular expression may try to the third power of a path's length and beyond, however it ends."""


@lru_cache(maxsize=10_000)
def path_pattern(pattern: str) -> PathPattern:
    """A pattern, ready to be asked; its time is bounded whoever wrote it.

    Raises:
        ValueError: when it is none.
    """
    pieces = pieces_of(pattern)
    try:
        many = sum(piece in _STARS for piece in pieces[:-1]) > _FEW_STARS
        return ManyStars(pieces).matches if many else re.compile(f"{''.join(pieces)}\\Z", re.DOTALL).match
    except re.error as error:
        raise ValueError(f"the pattern {pattern!r} is none") from error


def pieces_of(pattern: str) -> tuple[str, ...]:
    """Regular expressions, one after the other, of which each is one letter or one of the stars.

    Raises:
        ValueError: when it is no pattern.
    """
    if pattern.startswith("**") and not pattern.startswith("**/") and not WILDCARD.search(pattern[2:]):
        return (_REST, *(re.escape(letter) for letter in pattern[2:]))  # patternmatcher's `suffixMatch`
    pieces: list[str] = []
    at = 0
    while at < len(pattern):
        letter = pattern[at]
        at += 1
        if letter == "*" and pattern[at : at + 1] == "*":
            at += 1
            if pattern[at : at + 1] == "/":
                at += 1
            piece = _REST if at >= len(pattern) else _FOLDERS
            if pieces[-1:] != [piece]:
                pieces.append(piece)
        elif letter == "*":
            pieces.append(_IN_NAME)
        elif letter == "?":
            pieces.append("[^/]")
        elif letter == "[":
            stuff, at = _class(pattern, at)
            pieces.append(stuff)
        elif letter == "\\":
            if at >= len(pattern):
                raise ValueError(f"the pattern {pattern!r} ends with a backslash")
            pieces.append(re.escape(pattern[at]))
            at += 1
        elif letter in _ESCAPED:
            pieces.append(f"\\{letter}")
        else:
            pieces.append(re.escape(letter))
    return tuple(pieces)


class ManyStars:
    """Matches without going back: the places of a path that the pieces so far reach are the bits of one number.

    Args:
        pieces: As `pieces_of` gives them.

    Raises:
        re.error: when one of them is no expression.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = pieces
        for piece in pieces:
            re.compile(piece)

    def matches(self, path: str) -> bool:
        """Whether a whole path matches."""
        places = _places(path)
        slashes = places.get("/", 0)
        names = ((1 << len(path)) - 1) ^ slashes
        taken: dict[str, int] = {}
        reached = 1
        for piece in self._pieces:
            onward = -(reached & -reached)  # from the first place that is reached
            if piece == _REST:
                reached = onward & ((2 << len(path)) - 1)
            elif piece == _FOLDERS:
                reached |= (slashes & onward) << 1
            elif piece == _IN_NAME:
                reached |= ((reached & names) + names) ^ names  # a carry runs to the end of each name
            else:
                if piece not in taken:
                    taken[piece] = sum(bits for letter, bits in places.items() if _takes(piece, letter))
                reached = (reached & taken[piece]) << 1
            if not reached:
                return False
        return bool(reached >> len(path))


@lru_cache(maxsize=1)
def _places(path: str) -> dict[str, int]:
    """Where each letter of a path stands, a bit for each place; kept while pattern after pattern is asked of it."""
    found: dict[str, int] = {}
    for at, letter in enumerate(path):
        found[letter] = found.get(letter, 0) | 1 << at
    return found


@lru_cache(maxsize=10_000)
def _takes(piece: str, letter: str) -> bool:
    return re.fullmatch(piece, letter, re.DOTALL) is not None


def _class(pattern: str, at: int) -> tuple[str, int]:
    """A set of letters in brackets, and where it ends."""
    end, inside = at, ""
    if pattern[end : end + 1] == "^":
        inside, end = "^", end + 1
    begin = end
    while end < len(pattern) and pattern[end] != "]":
        letter = pattern[end]
        if letter == "\\" and end + 1 < len(pattern):
            end += 1
            inside += re.escape(pattern[end])
        else:
            inside += "-" if letter == "-" and not inside.endswith("-") else re.escape(letter)
        end += 1
    if end >= len(pattern) or end == begin:
        raise ValueError(f"the pattern {pattern!r} has a [ without letters and a ]")
    return f"[{inside}]", end + 1
