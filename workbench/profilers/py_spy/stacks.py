"""Segments of collapsed stacks become one; text is hostile, so what is kept of it is bounded and masked."""

import re

from workbench.measure.arguments import masked_text
from workbench.measure.text import shorten

MOST_STACKS = 200_000
LONGEST_STACK = 64 * 1024
"""Characters."""
LONGEST_COMMAND = 200
_BEGIN = re.compile(r'^(?=process \d+:"|thread \()', re.MULTILINE)
"""A record begins with its process or its thread. Command lines, of `python -c` for one, have lines of their own."""
_PROCESS = re.compile(r'process (\d+):"(.*?)";(?=process \d+:"|thread \()', re.DOTALL)
_HEAD = re.compile(r'(?:process \d+:".*?";)*(?:thread \([^;]*;)?')
_BLANKS = re.compile(r"[\s;]+")


class Stacks:
    """Counts by stack.

    Attributes:
        samples: How many were counted.
        dropped: How many were not, for there were too many different stacks, or they were too long.
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._shown: dict[str, str] = {}
        self._processes: dict[str, str] = {}
        self.samples = 0
        self.dropped = 0

    def add(self, collapsed: str) -> int:
        """Add a segment: stacks of frames, root first, with `;` between them, and a count.

        Returns:
            How many samples it held.
        """
        before = self.samples + self.dropped
        for record in _BEGIN.split(collapsed):
            stack, _, figure = record.rstrip().rpartition(" ")
            if not stack or not figure.isdecimal() or len(figure) > 9:
                continue
            count = int(figure)
            if len(stack) > LONGEST_STACK or (stack not in self._shown and len(self._shown) >= MOST_STACKS):
                self.dropped += count
                continue
            shown = self._shown.get(stack)
            if shown is None:
                shown = self._shown[stack] = _one_line(_PROCESS.sub(self._process, stack))
            self._counts[shown] = self._counts.get(shown, 0) + count
            self.samples += count
        return self.samples + self.dropped - before

    def collapsed(self) -> str:
        """All of it as collapsed stacks."""
        return "".join(f"{stack} {count}\n" for stack, count in self._counts.items())

    def _process(self, found: re.Match[str]) -> str:
        """A process without the secrets of its command line, and without what would end the frame or the line."""
        head = found[0]
        shown = self._processes.get(head)
        if shown is None:
            words = _BLANKS.sub(" ", shorten(masked_text(found[2]), LONGEST_COMMAND))
            shown = self._processes[head] = f'process {found[1]}:"{words}";'
        return shown


def _one_line(stack: str) -> str:
    """A stack on one line, with a colon in place of each semicolon within a frame: those of py-spy end with `)`."""
    stack = stack.replace("\n", " ")
    head = _HEAD.match(stack)
    start = head.end() if head else 0
    frames: list[str] = []
    is_open = False
    for part in stack[start:].split(";"):
        if is_open:
            frames[-1] += f":{part}"
        else:
            frames.append(part)
        is_open = not part.endswith(")")
    return stack[:start] + ";".join(frames)
