"""Which Pythons of a fresh run were given their tool: each says what it is and waits, and gets what fits it or a no."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import msgspec

from workbench.errors import Stopped, WorkbenchError
from workbench.model.probe import ProcessFacts
from workbench.profilers.base import Heard, Progress, Wish
from workbench.profilers.probe import process_of
from workbench.profilers.wheels import Tool, tool_files

BEGUN = "begun"
"""What an agent leaves when it profiles."""
MOST_PYTHONS = 8
"""Kinds of Python that are answered; it is rare that there are two."""
_ENOUGH = "lib/enough"
"""Tells all others that they are not answered, so that they do not wait for it."""
_KEY = re.compile(r"[\w-]{1,100}", re.ASCII)


@dataclass(slots=True)
class Answers:
    """Which Pythons were given a tool, and which were refused it."""

    tool: Tool
    wish: Wish
    heard: Heard
    stop: Event
    keys: set[str] = field(default_factory=set)
    given: int = 0
    refused: list[WorkbenchError] = field(default_factory=list)
    has_enough: bool = False
    """Whether there were more kinds of Python than are answered."""
    python: str = ""
    """Of the first that was given it, and its key and program."""
    key: str = ""
    executable: str = ""

    def answer(self, key: str, process: ProcessFacts) -> dict[str, bytes]:
        """The files that a Python waits for; none when it has them.

        Raises:
            Stopped: when the user gave up.
        """
        if key in self.keys or not _KEY.fullmatch(key) or self.has_enough:
            return {}
        if len(self.keys) >= MOST_PYTHONS:
            self.has_enough = True
            return {_ENOUGH: b""}
        self.keys.add(key)
        began = time.monotonic()
        folder = f"lib/{key}"
        try:
            files = tool_files(
                self.tool,
                process,
                self.stop,
                lambda words: self.heard(Progress("fresh", time.monotonic() - began, self.wish.seconds, note=words)),
            )
        except Stopped:
            raise
        except WorkbenchError as error:
            self.refused.append(error)
            return {f"{folder}/refused": b"", f"{folder}/answered": b""}
        self.given += 1
        if not self.key:
            self.key, self.python, self.executable = key, process.python, process.executable
        return {**{f"{folder}/{path}": content for path, content in files.items()}, f"{folder}/answered": b""}

    def answers(self, asked: Mapping[str, bytes]) -> dict[str, bytes]:
        """The same for all that ask."""
        files: dict[str, bytes] = {}
        for key, content in asked.items():
            if key != BEGUN and key not in self.keys:
                files.update(self.answer(key, process_told(content)))
        return files

    def warnings(self) -> list[str]:
        """Which Pythons are not in the result."""
        said = [f"not every Python of it could be profiled: {error.reason}" for error in self.refused]
        if self.has_enough:
            said.append(f"more than {MOST_PYTHONS} kinds of Python ran in it: the others were not profiled")
        return said


def process_told(content: bytes) -> ProcessFacts:
    """What an agent says of its process. Hostile."""
    try:
        row: dict[str, Any] = msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        row = {}
    return process_of(row)
