"""Sorting the tree or the list that is in view: by key and by a click on a heading."""

from typing import TYPE_CHECKING

from textual import on

from screens.anatomy.image_views import ImageViews
from screens.anatomy.list_pane import ListPane
from screens.anatomy.panes.files import FilesPane
from screens.widgets.live_table import LiveTable
from screens.widgets.size_tree import SizeTree

if TYPE_CHECKING:
    from screens.anatomy.under_cursor import UnderCursor


class SortedViews(ImageViews):
    """Views that can be sorted."""

    cursor: "UnderCursor"

    def action_sort(self) -> None:
        """By the next column."""
        pane = self.cursor.list_pane()
        if pane is not None:
            pane.sort_next()
        elif self.view == "files":
            self.query_one(FilesPane).sort_next()

    def action_reverse(self) -> None:
        """Turn the order round."""
        pane = self.cursor.list_pane() or self.query_one(FilesPane)
        pane.sort_by(pane.sort)

    @on(LiveTable.HeadingClicked)
    def _heading(self, event: LiveTable.HeadingClicked) -> None:
        for pane in self.query(ListPane):
            if event.control.id == pane.TABLE:
                pane.sort_by({"bar": "size"}.get(event.column, event.column))

    @on(SizeTree.HeadingClicked)
    def _tree_heading(self, event: SizeTree.HeadingClicked) -> None:
        self.query_one(FilesPane).sort_by("name" if event.column in ("name", "mark") else "size")
