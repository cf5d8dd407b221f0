"""What a `.dockerignore` leaves out, as moby's patternmatcher has it, which buildx and docker use.

The source of every rule is github.com/moby/patternmatcher: `ignorefile.ReadAll`, `PatternMatcher.New` and
`MatchesUsingParentResults`. docker-py's own matcher differs: it takes no notice of case, and
looks only at as many parents as a pattern has parts.
"""

import re
from dataclasses import dataclass
from posixpath import normpath

from workbench.measure.path_patterns import WILDCARD, PathPattern, path_pattern

_MOST_PATTERNS = 5000
_LONGEST_PATTERN = 4096
_TRAILING_GLOB = re.compile(r"/\*\*$|/\*$")


Matched = tuple[bool, ...]
"""For each pattern whether it matches a path or a folder above it."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    text: str
    """Cleaned, without the `!`."""
    keeps: bool
    """Whether it began with `!`: what it matches is not left out after all."""
    matches: PathPattern


class Dockerignore:
    """The patterns of one file.

    Args:
        text: Its content; empty leaves nothing out.

    Raises:
        ValueError: when a pattern is none, as builders refuse it.
    """

    def __init__(self, text: str) -> None:
        self._patterns = tuple(_read(text))
        keeping = [_TRAILING_GLOB.sub("", pattern.text) for pattern in self._patterns if pattern.keeps]
        self._keeping = tuple(f"{text}/" for text in keeping)
        self._keeps_anywhere = any(WILDCARD.search(text) for text in keeping)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def look(self, path: str, above: Matched = ()) -> tuple[bool, Matched]:
        """Whether a path is left out, and which patterns say so, for what is below it.

        Args:
            path: Relative to the context, parted by `/`.
            above: What was returned for the folder that it stands in; empty for the context itself.
        """
        left_out = False
        matched = []
        for number, pattern in enumerate(self._patterns):
            matches = bool(above) and above[number]
            if not matches:
                # What would change nothing is not asked, and so does not hold for what is below either
                matches = pattern.keeps == left_out and bool(pattern.matches(path))
            matched.append(matches)
            if matches:
                left_out = not pattern.keeps
        return left_out, tuple(matched)

    def leaves_out(self, path: str) -> bool:
        """Whether a path is left out, by itself or with a folder above it."""
        parts = path.split("/")
        left_out = False
        matched: Matched = ()
        for count in range(len(parts)):
            left_out, matched = self.look("/".join(parts[: count + 1]), matched)
        return left_out

    def may_keep_below(self, folder: str) -> bool:
        """Whether something below a folder that is left out may not be, for a pattern with `!`."""
        return self._keeps_anywhere or any(text.startswith(f"{folder}/") for text in self._keeping)


def _read(text: str) -> list[_Pattern]:
    found = []
    for line in text.removeprefix("\ufeff").splitlines()[:_MOST_PATTERNS]:
        if line.startswith("#") or not line.strip():
            continue
        pattern = line.strip()
        keeps = pattern.startswith("!")
        if keeps:
            pattern = pattern[1:].strip()
        if not pattern:
            raise ValueError("a ! stands alone")
        if len(pattern) > _LONGEST_PATTERN:
            raise ValueError("a pattern is too long")
        cleaned = _clean(pattern)
        if len(cleaned) > 1:
            cleaned = cleaned.removeprefix("/")
        found.append(_Pattern(cleaned, keeps, path_pattern(cleaned)))
    return found


def _clean(path: str) -> str:
    """As Go's `filepath.Clean`, which unlike Python's has no place for two slashes at the beginning."""
    return normpath(re.sub(r"^/+", "/", path))


def file_pattern(pattern: str) -> PathPattern:
    """The pattern of a COPY's source, for whole paths: as Go's `filepath.Match`, where `**` is no more than `*`.

    Raises:
        ValueError: when it is none.
    """
    return path_pattern(re.sub(r"\*+", "*", pattern))
