"""Secrets masked in text that comes line by line: a private key is spread over many."""

from workbench.measure.secrets import KEY_BLOCK, KEY_BLOCK_END, MASK, mask_text

LONGEST_KEY_LINES = 200
"""A key of 16384 bits has 197. A beginning without an end hides no more than that."""


class SecretLines:
    """Masks the lines of one stream, in order."""

    def __init__(self) -> None:
        self._hidden = 0
        """Lines of the key that is open that may still be hidden."""

    def mask(self, line: str) -> str:
        """The line without its secrets."""
        if self._hidden:
            end = KEY_BLOCK_END.search(line)
            if end is None:
                self._hidden -= 1
                return MASK
            self._hidden = 0
            return MASK + self.mask(line[end.start() :])
        begun = [match.end() for match in KEY_BLOCK.finditer(line)]
        if begun and KEY_BLOCK_END.search(line, begun[-1]) is None:
            self._hidden = LONGEST_KEY_LINES
        return mask_text(line)
