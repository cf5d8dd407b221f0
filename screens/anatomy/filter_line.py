"""The line at the bottom: a search in the tree, a filter of the tree, or a filter of a list."""

from typing import TYPE_CHECKING, Literal

from textual.widgets import Input

from screens.anatomy.panes.files import FilesPane

if TYPE_CHECKING:
    from screens.anatomy.screen import AnatomyScreen


class FilterLine:
    """What is typed on it, and where it goes.

    Args:
        screen: The image.
    """

    def __init__(self, screen: "AnatomyScreen") -> None:
        self._screen = screen
        self._asking: Literal["find", "filter"] = "find"

    def _ask(self, what: Literal["find", "filter"], placeholder: str, value: str) -> None:
        self._asking = what
        box = self._screen.query_one("#filter", Input)
        box.placeholder = placeholder
        with box.prevent(Input.Changed):
            box.value = value
        self._screen.action_filter()

    @property
    def _files(self) -> FilesPane:
        return self._screen.query_one(FilesPane)

    def ask_what_to_find(self) -> None:
        """Search the tree, or filter the list."""
        if pane := self._screen.cursor.list_pane():
            self._ask("filter", "filter: part of a word, Enter keeps it, Esc clears it", pane.words)
        elif self._screen.view == "files":
            self._ask("find", "search: part of a name or path, then n and N; Esc clears it", self._files.sought)

    def ask_what_to_leave(self) -> None:
        """Show only some files."""
        if self._screen.view != "files":
            self.ask_what_to_find()
        else:
            placeholder = "filter: name  >10M  <1k  @owner  =added =modified =removed =copied"
            self._ask("filter", placeholder, self._files.words)

    def take(self, words: str) -> None:
        """What was typed goes to the list in view, or to the tree."""
        pane = self._screen.cursor.list_pane() if self._screen.view != "files" else None
        if pane is not None:
            pane.words = words
        elif self._asking == "find":
            self._files.sought = words
        else:
            self._files.words = words

    def forget_kept(self) -> bool:
        """Clear the search and the filter that were kept when the line was closed; `False` when there were none."""
        files = self._files
        if self._screen.view != "files" or not (files.sought or files.words):
            return False
        files.sought = files.words = ""
        return True
