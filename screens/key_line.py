"""The bottom row: what the keys do here, made from the bindings that are active."""

from textual.screen import Screen

from screens.widgets.line import Line, Part

ALWAYS = ("app.help", "app.quit")
"""What stays at the right end, however narrow the screen."""


class KeyLine(Line):
    """One row of keys. Clicking a key does what the key does."""

    KEEP_RIGHT = True

    def on_mount(self) -> None:
        """Follow the active bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._rebuild)
        self.call_after_refresh(self._rebuild, self.screen)

    def _rebuild(self, screen: Screen[object]) -> None:
        if screen is not self.app.screen:
            return  # under a message, Textual would ask that one what is offered
        left: list[Part] = [Part(" ")]
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
            (right if binding.action in ALWAYS else left).extend(parts)
        self.show(left, right)
