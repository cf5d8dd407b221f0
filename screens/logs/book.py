"""The lines of a log that are kept on screen: bounded, filtered, searched. Pure, no widgets."""

from bisect import bisect_left
from collections.abc import Sequence

from workbench.measure.log_text import without_escapes
from workbench.model.logs import LogLine

MOST_LINES = 50_000
MOST_CHARACTERS = 16_000_000


class LogBook:
    """Lines in the order they came, the oldest dropped when there are too many.

    A line's number counts from the first line ever added, so that it outlives the dropping. The filter keeps lines
    that contain every word, whatever the case.
    """

    def __init__(self, most_lines: int = MOST_LINES, most_characters: int = MOST_CHARACTERS) -> None:
        self._most_lines = most_lines
        self._most_characters = most_characters
        self._lines: list[LogLine] = []
        self._first = 0
        """The number of the oldest line that is kept."""
        self._characters = 0
        self._words: list[str] = []
        self._shown: list[int] | None = None
        """Numbers of the lines that pass the filter; `None` when all do."""

    @property
    def kept(self) -> int:
        """How many lines are kept, shown or not."""
        return len(self._lines)

    @property
    def dropped(self) -> int:
        """How many lines came and are not kept any more."""
        return self._first

    def __len__(self) -> int:
        """How many lines are shown."""
        return len(self._lines) if self._shown is None else len(self._shown)

    def number(self, index: int) -> int:
        """The number of a shown line."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._first + index if self._shown is None else self._shown[index]

    def line(self, number: int) -> LogLine:
        """A line that is kept."""
        if not self._first <= number < self._first + len(self._lines):
            raise IndexError(number)
        return self._lines[number - self._first]

    def index(self, number: int) -> int:
        """The place of a line among those shown; of the next one when it is not shown; the last when none follows."""
        wanted = number - self._first if self._shown is None else bisect_left(self._shown, number)
        return max(0, min(wanted, len(self) - 1))

    def index_at(self, at: float) -> int:
        """The place of the first shown line that came at that Unix time or later, or of the last one."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.line(self.number(middle)).at < at:
                low = middle + 1
            else:
                high = middle
        return max(0, min(low, len(self) - 1))

    def add(self, lines: Sequence[LogLine]) -> None:
        """Add lines that came, and drop the oldest where there are too many."""
        start = self._first + len(self._lines)
        self._lines += lines
        self._characters += sum(len(line.text) for line in lines)
        if self._shown is not None:
            self._shown += [start + place for place, line in enumerate(lines) if _has(line, self._words)]
        surplus = max(0, len(self._lines) - self._most_lines)
        self._characters -= sum(len(line.text) for line in self._lines[:surplus])
        while self._characters > self._most_characters and surplus < len(self._lines) - 1:
            self._characters -= len(self._lines[surplus].text)
            surplus += 1
        if surplus:
            del self._lines[:surplus]
            self._first += surplus
            if self._shown is not None:
                del self._shown[: bisect_left(self._shown, self._first)]

    def filter(self, words: str) -> None:
        """Show only the lines that contain every word; all with none."""
        self._words = words.casefold().split()
        self._shown = None
        if self._words:
            self._shown = [self._first + place for place, line in enumerate(self._lines) if _has(line, self._words)]

    def find(self, words: str, start: int, step: int) -> int | None:
        """The place of the next shown line that contains every word, going round at the ends.

        Args:
            words: What to look for.
            start: Where to begin; this line is looked at last.
            step: 1 goes towards newer lines, -1 towards older ones.
        """
        wanted, count = words.casefold().split(), len(self)
        if not wanted:
            return None
        for distance in range(1, count + 1):
            index = (start + step * distance) % count
            if _has(self.line(self.number(index)), wanted):
                return index
        return None

    def matches(self, number: int, words: str) -> bool:
        """Whether a line contains every word, and there is one."""
        wanted = words.casefold().split()
        return bool(wanted) and _has(self.line(number), wanted)


def _has(line: LogLine, words: Sequence[str]) -> bool:
    text = without_escapes(line.text).casefold()
    return all(word in text for word in words)
