"""What can be done to a container."""

from typing import Literal

Action = Literal["start", "stop", "restart", "pause", "unpause", "kill", "remove"]
"""`remove` is refused for a container that is not stopped, and leaves its volumes."""
