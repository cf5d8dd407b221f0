"""Fetching a file of an image and showing its content, or why there is none."""

from typing import TYPE_CHECKING

from screens.anatomy.bodies import body_of
from screens.anatomy.file_rows import MOST_BYTES
from screens.anatomy.file_screen import FileScreen
from screens.anatomy.texts import node_text
from screens.text_screen import TextScreen
from workbench.anatomy import ImageAnatomy
from workbench.model.reading import Fresh, Reading

if TYPE_CHECKING:
    from screens.mode import ModeScreen


def view_file(
    screen: "ModeScreen", found: ImageAnatomy, node: int, layer: int | None, *, with_unmodified: bool = False
) -> None:
    """Show the content of a file as soon as it was read, if the screen is still the one on top by then.

    Args:
        screen: Where it was asked.
        found: The image.
        node: The file's node; of one without content, what it is is shown.
        layer: The layer whose changes are shown; `None` in the merged system.
        with_unmodified: Whether what that layer left as it was is shown too.
    """
    app = screen.workbench
    body = body_of(found, node, layer, with_unmodified=with_unmodified)
    if body is None:
        app.push_screen(TextScreen("File", node_text(found, node, layer)))
        return
    in_layer, path, size = body
    title = f"/{path}  layer {in_layer}"
    app.say(f"reading /{path}")

    def show(reading: Reading[bytes]) -> None:
        if app.screen is not screen:
            return
        if isinstance(reading, Fresh):
            app.push_screen(FileScreen(title, reading.value, size))
        else:
            app.push_screen(TextScreen(title, f"{reading.reason}\n\n{reading.hint}"))

    jobs = app.session.image_jobs
    jobs.read_file(found, in_layer, path, MOST_BYTES, lambda reading: app.deliver(lambda: show(reading)))
