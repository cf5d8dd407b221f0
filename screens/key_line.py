"""The bottom row: what the keys do here, made from the bindings that are active."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.screen import Screen

from screens.widgets.line import Line, Part

ALWAYS = ("app.help", "app.quit")
"""What stays at the right end, however narrow the screen."""


class KeyLine(Line):
    """One row of keys. Clicking a key does what the key does."""

    KEEP_RIGHT = True

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[list[list[Part]], list[Part]] = ([], [])

    def on_mount(self) -> None:
        """Follow the active bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._rebuild)
        self.call_after_refresh(self._rebuild, self.screen)

    def _rebuild(self, screen: Screen[object]) -> None:
        if not screen.is_active:  # under a message: whether its keys work would be asked of that
            return
        left: list[list[Part]] = []
        right: list[Part] = []
        seen: set[str] = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            if not binding.show or binding.action in seen:
                continue
            seen.add(binding.action)
            action = binding.action if active.enabled else ""
            look = "accent" if active.enabled else "dim"
            parts = [
                Part(self.app.get_key_display(binding), look, action),
                Part(f" {binding.description}  ", "plain" if active.enabled else "dim", action),
            ]
            if binding.action in ALWAYS:
                right += parts
            else:
                left.append(parts)
        self._keys = (left, right)
        self._fill()

    def on_resize(self) -> None:
        """As many keys as there is room for now."""
        self._fill()

    def _fill(self) -> None:
        """Name as many keys as fit, each of them whole."""
        keys, right = self._keys
        room = self.size.width - 1 - _cells(right)
        left = [Part(" ")]
        for parts in keys:
            room -= _cells(parts)
            if room < 0:
                break
            left += parts
        self.show(left, right)


def _cells(parts: Sequence[Part]) -> int:
    return sum(cell_len(part.text) for part in parts)
