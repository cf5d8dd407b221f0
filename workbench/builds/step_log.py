"""What one step wrote: the end of it, bounded, with its secrets masked."""

from workbench.measure.secrets import mask_text

LONGEST_LOG = 32 << 10
"""Bytes of one step that are kept."""
MOST_LOGS = 32 << 20
"""Bytes of all steps of a build together."""


class StepLog:
    """Takes pieces as they come, cut anywhere."""

    __slots__ = ("_content", "_is_cut", "_pieces", "_text")

    def __init__(self) -> None:
        self._content = bytearray()
        self._is_cut = False
        self._pieces = 0
        self._text = (0, "")
        """After how many pieces it was made, and it: it is asked for on another thread than the one that adds."""

    def __len__(self) -> int:
        """Bytes that are kept."""
        return len(self._content)

    def add(self, piece: bytes) -> None:
        """Take what came, and let go of the oldest where that is too much."""
        if piece:
            self._content += piece
            self._is_cut = self._is_cut or len(self._content) > LONGEST_LOG
            del self._content[:-LONGEST_LOG]
            self._pieces += 1

    @property
    def text(self) -> str:
        """It as text, from the beginning of a line on: half a line could hide that it tells a secret."""
        pieces, (made_of, text) = self._pieces, self._text
        if made_of != pieces:
            content = self._content.decode("utf-8", "replace")
            text = mask_text(content.partition("\n")[2] if self._is_cut else content)
            self._text = pieces, text
        return text
