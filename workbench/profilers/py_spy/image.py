"""An image of py-spy alone, made from its wheel's static program: no registry is asked for it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import docker

from workbench.profilers.own_image import own_image
from workbench.profilers.py_spy.binary import binary
from workbench.sources.container_files import tar_of
from workbench.sources.upload import Watch

PROGRAM = "/py-spy"
FOLDER = "/out"
"""Where anybody may write."""


@contextmanager
def py_spy_image(client: docker.APIClient, watch: Watch) -> Iterator[tuple[str, str]]:
    """An image of py-spy alone, and the path of a pipe in it that nobody else has; both are gone at the end.

    Args:
        client: The engine's.
        watch: Told how far it is on its way; may raise, which ends it.

    Raises:
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    pipe = f"wait-{secrets.token_hex(8)}"
    content = tar_of({"py-spy": (binary().path.read_bytes(), 0o755)}, {"out": 0o1777}, {pipe: 0o444})
    with own_image(client, "image", content, watch) as image:
        yield image, f"/{pipe}"
