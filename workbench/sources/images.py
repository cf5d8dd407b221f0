"""Images: the engine's list of them, and one of them with its layers."""

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import docker
import docker.errors

from workbench.measure.arguments import masked_arguments
from workbench.measure.layers import Step, match_layers
from workbench.model.images import ImageDetail, ImageSummary
from workbench.sources.answers import Answer, number, part, text, texts
from workbench.sources.engine import Engine
from workbench.sources.environment import environment

if TYPE_CHECKING:
    from collections.abc import Callable

_NO_NAME = "<none>:<none>"


class ImagesSource:
    """Reads the list of images.

    Args:
        engine: Shared with others; closed by whoever made it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self) -> tuple[ImageSummary, ...]:
        """List all images, dangling ones among them, the biggest first.

        Raises:
            EngineError: one of its kinds; the next call tries anew.
        """
        with self._engine.talk() as connection:
            listed: list[Any] = connection.client.images()
            containers: list[Any] = connection.client.containers(all=True)
        used = Counter(text(entry, "ImageID") for entry in containers if isinstance(entry, dict))
        images = [_summary(entry, used) for entry in listed if isinstance(entry, dict)]
        return tuple(sorted(images, key=lambda image: (-image.size_bytes, image.references, image.id)))

    def close(self) -> None:
        """Nothing is held: the engine is closed by its owner."""


def image_detail(client: docker.APIClient, reference: str) -> ImageDetail:
    """One image by id or reference, with its layers, from two quick requests.

    Raises:
        docker.errors.DockerException: or a requests exception, untranslated.
    """
    inspect: Callable[[str], dict[str, Any]] = client.inspect_image
    history_of: Callable[[str], Any] = client.history
    found = inspect(reference)
    history = history_of(text(found, "Id") or reference)
    config = part(found, "Config")
    size = number(found, "Size") or 0
    steps = [_step(entry) for entry in reversed(history if isinstance(history, list) else [])]
    return ImageDetail(
        id=text(found, "Id"),
        references=_references(found),
        size_bytes=size,
        architecture=text(found, "Architecture"),
        operating_system=text(found, "Os"),
        created=text(found, "Created"),
        user=text(config, "User"),
        working_dir=text(config, "WorkingDir"),
        entrypoint=masked_arguments(texts(config, "Entrypoint")),
        command=masked_arguments(texts(config, "Cmd")),
        exposed_ports=tuple(sorted(part(config, "ExposedPorts"))),
        environment=environment(texts(config, "Env")),
        layers=match_layers(steps, texts(part(found, "RootFS"), "Layers"), size),
        acquired_via="inspect",
    )


def image_stacks(client: docker.APIClient) -> list[tuple[str, tuple[str, ...]]]:
    """Name and diff ids, base first, of every image that has a name; one that goes meanwhile is left out.

    Raises:
        docker.errors.DockerException: or a requests exception, untranslated.
    """
    inspect: Callable[[str], dict[str, Any]] = client.inspect_image
    listed: Any = client.images()
    stacks = []
    for entry in listed if isinstance(listed, list) else []:
        references = _references(entry) if isinstance(entry, dict) else ()
        if not references:
            continue
        with suppress(docker.errors.NotFound):
            stacks.append((references[0], texts(part(inspect(text(entry, "Id")), "RootFS"), "Layers")))
    return stacks


def _summary(entry: Answer, used: Counter[str]) -> ImageSummary:
    identity = text(entry, "Id")
    return ImageSummary(
        id=identity,
        references=_references(entry),
        size_bytes=number(entry, "Size") or 0,
        created_at=float(number(entry, "Created") or 0),
        containers=used[identity],
    )


def _references(entry: Answer) -> tuple[str, ...]:
    return tuple(name for name in texts(entry, "RepoTags") if name != _NO_NAME)


def _step(entry: Any) -> Step:  # noqa: ANN401  one entry of an engine's list, of any kind
    answer = entry if isinstance(entry, dict) else {}
    created = number(answer, "Created")
    return Step(
        created_by=text(answer, "CreatedBy"),
        comment=text(answer, "Comment"),
        size_bytes=max(0, number(answer, "Size") or 0),
        created_at=float(created) if created is not None and created > 0 else None,
    )
