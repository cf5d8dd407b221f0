"""What the keys do in the tree of files."""

from screens.anatomy.panes.files import FilesPane
from screens.mode import ModeScreen
from screens.widgets.size_tree import SizeTree
from workbench.measure.changes import ADDED, MODIFIED, REMOVED, UNCHANGED

CHANGES = {"added": ADDED, "modified": MODIFIED, "removed": REMOVED, "unmodified": UNCHANGED}


class TreeKeys(ModeScreen):
    """The actions of a screen that has the tree."""

    def action_fold(self) -> None:
        """Open or close the directory under the cursor."""
        self.query_one(SizeTree).toggle()

    def action_fold_all(self) -> None:
        """Close every directory."""
        self.query_one(SizeTree).fold_all()

    def action_unfold(self) -> None:
        """Into the directory under the cursor."""
        self.query_one(SizeTree).unfold()

    def action_leave(self) -> None:
        """Out of the directory that the cursor is in."""
        self.query_one(SizeTree).fold()

    def action_match(self, step: int) -> None:
        """The next match, or the one before."""
        self.query_one(FilesPane).next_match(step)

    def action_toggle_change(self, change: str) -> None:
        """Show what a layer added, modified, removed or left as it was, or hide it."""
        files = self.query_one(FilesPane)
        if files.layer_shown is None:
            self.workbench.say("only a layer has changes")
        else:
            files.toggle(CHANGES[change])
