"""What a thing to examine is made of, and what it may look at."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from workbench import places
from workbench.errors import EngineError
from workbench.model.doctor import Finding
from workbench.sources.base import Clock
from workbench.sources.docker_errors import translated
from workbench.sources.endpoint import Endpoint, connect, resolve

ENGINE_SECONDS = 5
"""What the engine may take for one answer; the screens wait longer."""


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What an engine says of itself, in its own words."""

    endpoint: Endpoint
    api_version: str
    version: Mapping[str, Any]
    info: Mapping[str, Any]


@dataclass(slots=True)
class Surroundings:
    """The machine and the environment that are looked at. A test gives its own."""

    context: str = ""
    """The docker context to open; empty follows the environment."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    root: Path = Path("/")
    """Where `/proc`, `/sys` and the places of plugins begin."""
    store_file: Callable[[], Path] = places.store_file
    """Where the store of runs is."""
    clock: Clock = time.monotonic
    ask_engine: Callable[["Surroundings"], EngineFacts] | None = None
    """How the engine is asked; `None` asks the real one."""
    _lock: Lock = field(default_factory=Lock, repr=False)
    _asked: EngineFacts | EngineError | None = field(default=None, repr=False)

    def engine(self) -> EngineFacts:
        """What the engine says, asked once for everybody.

        Raises:
            EngineError: when it does not answer; the same for everybody.
        """
        with self._lock:
            if self._asked is None:
                try:
                    self._asked = (self.ask_engine or _ask)(self)
                except EngineError as error:
                    self._asked = error
            if isinstance(self._asked, EngineError):
                raise self._asked
            return self._asked

    def below_root(self, path: str) -> Path:
        """An absolute path of the machine that is looked at."""
        return self.root / path.lstrip("/")


@dataclass(frozen=True, slots=True)
class Check:
    """A thing to examine. Its module defines one as `CHECK`."""

    name: str
    """One word."""
    title: str
    """How its line begins, at most 16 characters."""
    examine: Callable[[Surroundings], Finding]
    """Looks, and never raises on purpose; it is guarded all the same."""
    essential: bool = False
    """Whether the workbench's main job needs it."""
    rank: int = 50
    """Lines are told in this order."""


def _ask(surroundings: Surroundings) -> EngineFacts:
    endpoint = resolve(surroundings.context, surroundings.environ)
    client = connect(endpoint, timeout=ENGINE_SECONDS, environ=surroundings.environ)
    try:
        with translated(endpoint.address):
            return EngineFacts(endpoint, client.api_version, client.version(), client.info())
    finally:
        client.close()
