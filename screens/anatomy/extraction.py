"""Copying a file or directory out of an image: the questions to the user, and what came of it."""

from pathlib import Path
from typing import TYPE_CHECKING

from screens.anatomy.bodies import bodies_below
from screens.ask import AskScreen
from screens.text_screen import TextScreen
from workbench.anatomy import ImageAnatomy
from workbench.measure.text import shorten
from workbench.measure.units import counted, quantity
from workbench.model.reading import Fresh, Reading

if TYPE_CHECKING:
    from screens.app import WorkbenchApp
    from workbench.image_jobs import Extracted


class Extraction:
    """One file or directory on its way out of an image.

    Args:
        app: Asks and tells.
        found: The image.
        node: What is copied, with everything below.
        layer: The layer whose changes are shown; `None` in the merged system.
        with_unmodified: Whether what that layer left as it was is shown too.
    """

    def __init__(
        self, app: "WorkbenchApp", found: ImageAnatomy, node: int, layer: int | None, *, with_unmodified: bool
    ) -> None:
        self._app = app
        self._found = found
        self._path = found.analysis.overlay.path(node)
        self._wanted = bodies_below(found, node, layer, with_unmodified=with_unmodified)

    def ask(self) -> None:
        """Ask where to, and copy."""
        if not self._wanted:
            self._app.say(f"/{self._path} has no content to copy")
            return
        size = sum(size for _, _, size in self._wanted)
        files = f"{counted(len(self._wanted), 'file')}, {quantity(size, 'B')}"

        def answered(folder: str | None) -> None:
            if folder and folder.strip():
                self._copy(Path(folder.strip()).expanduser(), replace=False)

        self._app.push_screen(
            AskScreen(f"Copy /{self._path} ({files}) below which directory?", "./extracted"), answered
        )

    def _copy(self, folder: Path, *, replace: bool) -> None:
        app = self._app
        app.doing = f"copying /{self._path} below {folder}"
        app.session.image_jobs.extract(
            self._found,
            [(layer, name) for layer, name, _ in self._wanted],
            folder,
            lambda reading: app.deliver(lambda: self._copied(folder, reading)),
            above=self._path.rpartition("/")[0],
            replace=replace,
        )

    def _copied(self, folder: Path, reading: "Reading[Extracted]") -> None:
        self._app.doing = ""
        if not isinstance(reading, Fresh):
            self._app.push_screen(TextScreen("Copy", f"{reading.reason}\n\n{reading.hint}"))
        elif reading.value.in_the_way:
            self._ask_to_replace(folder, reading.value.in_the_way)
        else:
            told = f"{counted(len(self._wanted), 'file')}, {quantity(reading.value.written_bytes, 'B')}"
            self._app.say(f"copied {told} below {shorten(str(folder), 24)}")

    def _ask_to_replace(self, folder: Path, in_the_way: int) -> None:
        question = f"{counted(in_the_way, 'file')} of that name below {folder}: replace? Type yes"

        def answered(word: str | None) -> None:
            if word is not None and word.strip().lower() in ("y", "yes"):
                self._copy(folder, replace=True)

        self._app.push_screen(AskScreen(question), answered)
