"""A screen of several views, one of them a flame graph that is searched and one a table that is filtered and sorted."""

from typing import ClassVar

from textual import on
from textual.reactive import var
from textual.widgets import Input

from screens.mode import ModeScreen
from screens.widgets.flame_graph import FlameGraph
from screens.widgets.live_table import LiveTable


class Viewing(ModeScreen):
    """Shows one view at a time, and beside the flame graph what there is room for."""

    AUTO_FOCUS: ClassVar[str | None] = "#flame"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012  Textual declares it
    VIEWS: ClassVar[tuple[str, ...]] = ("flame", "functions")
    MAIN: ClassVar[dict[str, str]] = {}
    """The main widget of a view, where it is not called as the view is."""
    SORTS: ClassVar[tuple[str, ...]]
    DESCENDING: ClassVar[frozenset[str]]
    """The orders that begin with the largest."""
    HEADINGS: ClassVar[dict[str, str]]
    """Columns that are no order of their own."""

    view: var[str] = var("flame")
    words: var[str] = var("")
    """What is searched for in the flame graph."""
    filter_words: var[str] = var("")
    """What functions must contain."""
    sort: var[str] = var("own")
    descending: var[bool] = var(True)
    _filters_functions = False

    def on_mount(self) -> None:
        """Show the first view."""
        super().on_mount()
        self._view_shown()

    def action_view(self, view: str) -> None:
        """Show another view."""
        self._close_line()
        self.view = view
        self._view_shown()
        self.focus_main()

    def action_next_view(self) -> None:
        """Show the next view."""
        self.action_view(self.VIEWS[(self.VIEWS.index(self.view) + 1) % len(self.VIEWS)])

    def _view_shown(self) -> None:
        for view in self.VIEWS:
            self.set_class(view == self.view, f"-view-{view}")
        self.refresh_bindings()

    def focus_main(self) -> None:
        """Put the focus on the main thing of the view."""
        self.query_one(f"#{self.MAIN.get(self.view, self.view)}").focus()

    def apply_filter(self, words: str) -> None:
        """Search the flame graph, or filter the functions: whichever it was opened for."""
        if self._filters_functions:
            self.filter_words = words
        else:
            self.words = words

    def action_filter(self) -> None:
        """Open the line to type on: a search in the flame graph, a filter of the functions."""
        if self.view not in ("flame", "functions"):
            self.action_view("functions")
        self._filters_functions = self.view == "functions" or self._here == "functions"
        box = self.query_one("#filter", Input)
        with box.prevent(Input.Changed):
            box.value = self.filter_words if self._filters_functions else self.words
        super().action_filter()

    @property
    def _here(self) -> str | None:
        return self.focused.id if self.focused is not None else None

    def clear_filter(self) -> bool:
        """Forget what was typed for this view; `False` when there was nothing."""
        is_open = self.query_one("#filter", Input).display
        self._close_line()
        if self.words and (not self._filters_functions if is_open else self.view == "flame"):
            self.words = ""
        elif self.filter_words and (self._filters_functions if is_open else self.view in ("flame", "functions")):
            self.filter_words = ""
        else:
            return is_open
        return True

    def _close_line(self) -> None:
        box = self.query_one("#filter", Input)
        if box.display:
            with box.prevent(Input.Changed):
                box.value = ""
            self._show_filter(shown=False)
            self.focus_main()

    def action_match(self, step: int) -> None:
        """The next frame that was found, or the one before."""
        if not self.query_one(FlameGraph).next_match(step):
            self.workbench.say("nothing was found: / searches")

    def action_sort(self) -> None:
        """By the next column."""
        self._sort_by(self.SORTS[(self.SORTS.index(self.sort) + 1) % len(self.SORTS)])

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.descending = not self.descending

    def _sort_by(self, column: str) -> None:
        if column == self.sort:
            self.descending = not self.descending
        elif column in self.SORTS:
            self.descending = column in self.DESCENDING
            self.sort = column

    @on(LiveTable.HeadingClicked, "#functions")
    def _heading(self, event: LiveTable.HeadingClicked) -> None:
        self._sort_by(self.HEADINGS.get(event.column, event.column))

    # --- back ------------------------------------------------------------------------------------------------------

    def leave_level(self) -> bool:
        """Out of the zoom; to the flame graph; to where it was opened from."""
        if self.view == "flame" and self._here == "flame" and self.query_one(FlameGraph).zoom_out():
            return True
        if self.view != "flame":
            self.action_view("flame")
            return True
        if self._here != "flame":
            self.focus_main()
            return True
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
            return True
        return False

    def can_go_back(self) -> bool:
        """There is always where it was opened from."""
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key line names the views that are not shown, and the keys of the one that is."""
        if action == "view":
            return parameters != (self.view,)
        if action in ("sort", "reverse"):
            return self.view == "functions"
        if action == "match":
            return self.view == "flame" and bool(self.words)
        return super().check_action(action, parameters)
