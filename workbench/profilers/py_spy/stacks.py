"""Segments of collapsed stacks become one; text is hostile, so what is kept of it is bounded and masked."""

import re

from workbench.measure.arguments import masked_text

MOST_STACKS = 200_000
LONGEST_STACK = 64 * 1024
"""Characters; a deeper stack is cut at its root's end, and what is cut is said."""
_PROCESS = re.compile(r'process (\d+):"(.*)"', re.DOTALL)


class Stacks:
    """Counts by stack.

    Attributes:
        samples: How many were counted.
        dropped: How many were not, for there were too many different stacks, or they were too long.
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._shown: dict[str, str] = {}
        self.samples = 0
        self.dropped = 0

    def add(self, collapsed: str) -> int:
        """Add a segment: lines of frames, root first, with `;` between them, and a count.

        Returns:
            How many samples it held.
        """
        before = self.samples + self.dropped
        for line in collapsed.split("\n"):
            stack, _, figure = line.rpartition(" ")
            if not stack or not figure.isdecimal() or len(figure) > 9:
                continue
            count = int(figure)
            if len(stack) > LONGEST_STACK or (stack not in self._counts and len(self._counts) >= MOST_STACKS):
                self.dropped += count
                continue
            shown = self._masked(stack)
            self._counts[shown] = self._counts.get(shown, 0) + count
            self.samples += count
        return self.samples + self.dropped - before

    def collapsed(self) -> str:
        """All of it as collapsed stacks."""
        return "".join(f"{stack} {count}\n" for stack, count in self._counts.items())

    def _masked(self, stack: str) -> str:
        """A stack whose processes show no secrets of their command lines."""
        if "process " not in stack:
            return stack
        head, mark, tail = stack.partition('";')
        if not mark:
            return stack
        known = self._shown.get(head)
        if known is None:
            found = _PROCESS.fullmatch(f'{head}"')
            # A `;` would end the frame
            known = f'process {found[1]}:"{masked_text(found[2]).replace(";", ",")}' if found else head
            if len(self._shown) < MOST_STACKS:
                self._shown[head] = known
        rest = self._masked(tail) if tail.startswith("process ") else tail
        return f'{known}";{rest}'
