"""The history of a session: what was read, bounded, and what happened meanwhile."""

from workbench.history.history import GAP_SECONDS, KEPT, History, Mark

__all__ = ["GAP_SECONDS", "KEPT", "History", "Mark"]
