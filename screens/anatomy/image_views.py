"""The views of one image, and going from one to the other."""

from typing import ClassVar, Literal

from textual.reactive import var

from screens.mode import ModeScreen

View = Literal["files", "findings", "packages", "duplicates", "map"]
MAIN = {"files": "tree", "map": "map"}
"""The main widget of a view, where it is not called as the view is."""


class ImageViews(ModeScreen):
    """A screen that shows one of them at a time."""

    VIEWS: ClassVar[tuple[tuple[View, str, str], ...]] = (
        ("files", "l", "Layers and files"),
        ("findings", "f", "Findings"),
        ("packages", "p", "Packages"),
        ("duplicates", "d", "Duplicates"),
        ("map", "m", "Map"),
    )

    view: var[View] = var("files")

    def action_view(self, view: View) -> None:
        """Show another view of the image."""
        self.clear_filter()
        self.view = view
        self.show_view()
        main = "layers" if view == "files" else MAIN.get(view, view)
        self.query_one(f"#{main}").focus()

    def action_next_view(self) -> None:
        """Show the next view."""
        names = [view for view, _, _ in self.VIEWS]
        self.action_view(names[(names.index(self.view) + 1) % len(names)])

    def show_view(self) -> None:
        """Let the style sheet know which one it is."""
        for view, _, _ in self.VIEWS:
            self.set_class(view == self.view, f"-view-{view}")
        self.set_class(self.view != "files", "-one-pane")

    def focus_main(self) -> None:
        """Put the focus where the filter was asked from."""
        self.query_one(f"#{MAIN.get(self.view, self.view)}").focus()
