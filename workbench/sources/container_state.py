"""Engines' words for the state of a container."""

from typing import get_args

from workbench.model.containers import ContainerState

_STATES: dict[str, ContainerState] = {state: state for state in get_args(ContainerState)}
_PODMANS: dict[str, ContainerState] = {
    "configured": "created",
    "initialized": "created",
    "stopping": "running",
    "stopped": "exited",
}
_WORDS = _STATES | _PODMANS


def container_state(word: str) -> ContainerState:
    """The state that an engine's word means; Podman has words of its own."""
    return _WORDS.get(word.lower(), "unknown")
