"""An image of programs of this machine's own: no registry is asked for it."""

from collections.abc import Iterator
from contextlib import contextmanager

import docker

from workbench.sources.ours import PROFILER, label_lines, maker_labels, new_name, remove_image
from workbench.sources.upload import Watch, upload_image


@contextmanager
def own_image(client: docker.APIClient, what: str, archive: bytes, watch: Watch = lambda _, __: None) -> Iterator[str]:
    """An image of the files of an archive, by its name; it is gone at the end.

    Args:
        client: The engine's.
        what: Part of its name.
        archive: A tar archive.
        watch: Told how far it is on its way; may raise, which ends it.

    Raises:
        EngineError: when the engine does not make it.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    name = new_name(what)
    try:
        upload_image(client, name, archive, label_lines(maker_labels(PROFILER)), watch)
        yield f"{name}:1"
    finally:
        remove_image(client, f"{name}:1")
