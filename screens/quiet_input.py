"""The thread that reads keys sleeps while nobody types, and ends at once."""

import os
import select
import time
from threading import Event, current_thread

READER = "textual-input"
"""What Textual calls its thread that reads the terminal."""
TYPING_SECONDS = 1.0
"""So long after a key the thread looks often, as Textual has it: what an Esc begins may be whole only then."""


class QuietInput(Event):
    """Takes the place of the event that tells Textual's reader to end, which it asks ten times a second.

    The reader's question is answered when there is something to read, or when it is to end. Anybody else's at once. It
    lives as long as the program: a driver is closed whenever the terminal is lent.

    Args:
        terminal: The file descriptor that is read.
    """

    def __init__(self, terminal: int) -> None:
        super().__init__()
        self._terminal = terminal
        self._ear, self._mouth = os.pipe()
        self._typed_at = time.monotonic()

    def set(self) -> None:
        """End the reader, at once."""
        super().set()
        os.write(self._mouth, b".")

    def clear(self) -> None:
        """A reader may begin again."""
        while select.select([self._ear], [], [], 0)[0]:
            os.read(self._ear, 64)
        super().clear()

    def is_set(self) -> bool:
        """Whether the reader is to end."""
        if current_thread().name == READER and time.monotonic() - self._typed_at > TYPING_SECONDS:
            ready, _, _ = select.select([self._terminal, self._ear], [], [])
            if self._terminal in ready:
                self._typed_at = time.monotonic()
        return super().is_set()
