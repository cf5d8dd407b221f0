"""The documents inside an image archive: which image it holds, its configuration, and the names of its layers."""

import hashlib
import platform as platform_module
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from workbench.errors import UsageError
from workbench.measure.text import printable, shorten
from workbench.sources.byte_stream import TarError

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)
_DIGEST_IN_NAME = re.compile(r"(?:.*[/:])?([0-9a-f]{64})(?:\.json)?", re.ASCII)
_NAME_ANNOTATIONS = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_DEEPEST_INDEX = 4
_MOST_IMAGES = 1000
_MOST_SHOWN = 12
_SHORTEST_DIGEST = 6
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm/v7", "i386": "386", "i686": "386"}


class _Saved(msgspec.Struct, rename="pascal"):
    """One image in the manifest.json of `docker save`."""

    config: str
    layers: list[str]
    repo_tags: list[str] | None = None


class _Platform(msgspec.Struct):
    os: str = ""
    architecture: str = ""
    variant: str = ""

    @property
    def text(self) -> str:
        """As `--platform` takes it."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


class _Descriptor(msgspec.Struct):
    digest: str
    platform: _Platform | None = None
    annotations: dict[str, str] | None = None

    @property
    def is_image(self) -> bool:
        """Whether it may lead to an image that can run; builders put attestations beside those."""
        return self.platform is None or self.platform.os != "unknown"


class _IndexOrManifest(msgspec.Struct):
    """Either names manifests, or a configuration and layers."""

    manifests: list[_Descriptor] | None = None
    config: _Descriptor | None = None
    layers: list[_Descriptor] | None = None
    annotations: dict[str, str] | None = None


class ContainerConfig(msgspec.Struct, rename="pascal"):
    """How containers of the image are run."""

    user: str | None = None
    working_dir: str | None = None
    entrypoint: list[str] | None = None
    cmd: list[str] | None = None
    env: list[str] | None = None
    exposed_ports: dict[str, Any] | None = None
    labels: dict[str, str] | None = None
    # No image is refused for one of these: what is of the wrong kind is left out.
    healthcheck: Any = None
    volumes: Any = None
    stop_signal: Any = None
    shell: Any = None
    on_build: Any = None


class HistoryStep(msgspec.Struct):
    """One step of the image's history."""

    created: str | None = None
    created_by: str | None = None
    comment: str | None = None
    empty_layer: bool = False


class RootFs(msgspec.Struct):
    """The layers by the digests of their uncompressed content, base first."""

    diff_ids: list[str] | None = None


class ImageConfig(msgspec.Struct):
    """The image's configuration document."""

    rootfs: RootFs
    architecture: str | None = None
    os: str | None = None
    variant: str | None = None
    created: str | None = None
    config: ContainerConfig | None = None
    history: list[HistoryStep] | None = None


@dataclass(frozen=True, slots=True)
class ImageParts:
    """One image of an archive."""

    id: str
    """`sha256:…`, the digest of its configuration."""
    references: tuple[str, ...]
    config: ImageConfig
    diff_ids: tuple[str, ...]
    layer_files: tuple[str, ...]
    """The name of each layer's file in the archive; as many as there are `diff_ids`."""
    annotations: tuple[tuple[str, str], ...] = ()
    """OCI annotations of its manifest and of what names that."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """One image that an archive names."""

    config_file: str
    layer_files: tuple[str, ...]
    references: tuple[str, ...] = ()
    digest: str = ""
    """Of its manifest; empty where there is none."""
    platform: str = ""
    """As an index tells it; empty where it does not."""
    annotations: tuple[tuple[str, str], ...] = ()


def find_image(
    documents: Mapping[str, bytes], *, reference: str = "", platform: str = "", first: bool = True
) -> ImageParts:
    """The image of an archive.

    Args:
        documents: The archive's JSON documents by name.
        reference: Its name, or the beginning of its id; empty takes the only one.
        platform: `os/architecture` or `os/architecture/variant`; empty takes this machine's, or the only one.
        first: Where there are several and neither tells which, take the first.

    Raises:
        UsageError: when there is none of that name or platform, or several where one must be chosen.
        TarError: when there is none, or its documents are missing, damaged or do not fit together.
    """
    choices = _choices(documents, by_index=bool(platform))
    if reference:
        named = [choice for choice in choices if _is_named(choice, reference)]
        if not named:
            raise _no_such(f"it holds no image {printable(reference)}", "--reference", _names(choices))
        choices = named
    chosen = _of_platform(documents, choices, platform, first=first)
    if len({(choice.config_file, choice.layer_files) for choice in chosen}) > 1 and not first:
        raise _no_such(f"it holds {len(chosen)} images", "--reference", _names(chosen))
    return _image(documents, chosen[0])


def find_by_layers(documents: Mapping[str, bytes], diff_ids: Sequence[str]) -> ImageParts:
    """The image of an archive that has certain layers.

    Args:
        documents: The archive's JSON documents by name.
        diff_ids: The digests of the layers, uncompressed, base first.

    Raises:
        TarError: when no image in it has these layers, or its documents are missing or damaged.
    """
    for by_index in (False, True):
        for choice in _choices(documents, by_index=by_index):
            if choice.config_file in documents:
                image = _image(documents, choice)
                if image.diff_ids == tuple(diff_ids):
                    return image
    raise TarError("no image in it has the layers that the engine tells")


def _choices(documents: Mapping[str, bytes], *, by_index: bool) -> list[_Choice]:
    """Every image that is named, each once with all its names."""
    # What manifest.json names is of one platform, where there are several.
    if "manifest.json" in documents and not (by_index and "index.json" in documents):
        images: list[_Saved] = decode_document(documents, "manifest.json", list[_Saved])
        if not images:
            raise TarError("its manifest.json names no image")
        return [
            _Choice(
                posixpath.normpath(image.config),
                tuple(posixpath.normpath(name) for name in image.layers),
                tuple(image.repo_tags or ()),
            )
            for image in images
        ]
    if "index.json" not in documents:
        raise TarError("it holds no image: there is neither a manifest.json nor an index.json in it")
    found: dict[tuple[str, tuple[str, ...]], _Choice] = {}
    for choice in _from_index(documents, "index.json", _Choice("", ()), _DEEPEST_INDEX):
        key = choice.config_file, choice.layer_files
        known = found.get(key, choice)
        found[key] = replace(known, references=tuple(dict.fromkeys(known.references + choice.references)))
        if len(found) > _MOST_IMAGES:
            raise TarError(f"it names more than {_MOST_IMAGES} images")
    return list(found.values())


def _from_index(documents: Mapping[str, bytes], name: str, above: _Choice, depth: int) -> Iterator[_Choice]:
    """The images behind an index or a manifest. What is absent is passed over, unless everything is."""
    found: _IndexOrManifest = decode_document(documents, name, _IndexOrManifest)
    if found.config is not None and found.layers is not None:
        files = tuple(blob_name(layer.digest) for layer in found.layers)
        annotations = tuple(sorted({**dict(above.annotations), **(found.annotations or {})}.items()))
        yield replace(above, config_file=blob_name(found.config.digest), layer_files=files, annotations=annotations)
        return
    if depth == 0:
        raise TarError("its indexes are nested too deeply")
    choices = [choice for choice in found.manifests or [] if choice.is_image]
    if not choices:
        raise TarError(f"{name} names no image")
    if len(choices) > _MOST_IMAGES:
        raise TarError(f"it names more than {_MOST_IMAGES} images")
    # An archive may hold one platform of an index that names many.
    here = [choice for choice in choices if blob_name(choice.digest) in documents]
    for choice in here or choices[:1]:
        told = [(choice.annotations or {}).get(key, "") for key in _NAME_ANNOTATIONS]
        below = replace(
            above,
            references=tuple(text for text in told if text)[:1] or above.references,
            digest=choice.digest,
            platform="" if choice.platform is None else choice.platform.text or above.platform,
            annotations=tuple({**dict(above.annotations), **(choice.annotations or {})}.items()),
        )
        yield from _from_index(documents, blob_name(choice.digest), below, depth - 1)


def _of_platform(
    documents: Mapping[str, bytes], choices: list[_Choice], platform: str, *, first: bool
) -> list[_Choice]:
    """Those of the wanted platform; of this machine's where none is asked for and there are several."""
    if not platform and len(choices) == 1:
        return choices
    told = {choice: choice.platform or _platform_of(documents, choice) for choice in choices}
    if platform:
        fitting = [choice for choice in choices if _fits(told[choice], platform)]
        if not fitting:
            raise _no_such(f"it holds no image for {printable(platform)}", "--platform", set(told.values()))
        return fitting
    if len(set(told.values())) > 1:
        here = [choice for choice in choices if _fits(told[choice], this_platform())]
        if not here and not first:
            raise _no_such("it holds images for several platforms", "--platform", set(told.values()))
        return here or choices
    return choices


def _platform_of(documents: Mapping[str, bytes], choice: _Choice) -> str:
    config: ImageConfig = decode_document(documents, choice.config_file, ImageConfig)
    return "/".join(part for part in (config.os, config.architecture, config.variant) if part)


def _fits(platform: str, wanted: str) -> bool:
    """Whether a platform is the wanted one; a variant counts where both tell it."""
    mine, theirs = platform.split("/"), wanted.split("/")
    return len(mine) > 1 and len(theirs) > 1 and all(a == b for a, b in zip(mine, theirs, strict=False))


def this_platform() -> str:
    """The platform whose images this machine would run."""
    machine = platform_module.machine().lower()
    return f"linux/{_ARCHITECTURES.get(machine, machine)}"


def _is_named(choice: _Choice, wanted: str) -> bool:
    """Whether `wanted` is one of an image's names, its tag, or the beginning of a digest of it."""
    start = wanted.removeprefix("sha256:")
    if len(start) >= _SHORTEST_DIGEST and set(start) <= set("0123456789abcdef"):
        config = _DIGEST_IN_NAME.fullmatch(choice.config_file)
        if any(digest.startswith(start) for digest in (config[1] if config else "", choice.digest[7:])):
            return True
    return any(
        familiar_name(name) == familiar_name(wanted) or (name == wanted.rpartition(":")[2] and "/" not in name)
        for name in choice.references
    )


def familiar_name(reference: str) -> str:
    """A reference as people write it, with its tag: `docker.io/library/debian` is `debian:latest`."""
    name = reference.removeprefix("docker.io/").removeprefix("index.docker.io/").removeprefix("library/")
    if "@" not in name and ":" not in name.rpartition("/")[2]:
        name += ":latest"
    return name


def _names(choices: Iterable[_Choice]) -> list[str]:
    return [choice.references[0] if choice.references else choice.digest or choice.config_file for choice in choices]


def _no_such(reason: str, option: str, there: Iterable[str]) -> UsageError:
    shown = sorted({printable(shorten(name or "unknown", 200)) for name in there})
    more = f" and {len(shown) - _MOST_SHOWN} more" if len(shown) > _MOST_SHOWN else ""
    return UsageError(reason, f"choose with {option}: {', '.join(shown[:_MOST_SHOWN])}{more}")


def _image(documents: Mapping[str, bytes], choice: _Choice) -> ImageParts:
    config: ImageConfig = decode_document(documents, choice.config_file, ImageConfig)
    diff_ids = tuple(config.rootfs.diff_ids or ())
    if len(diff_ids) != len(choice.layer_files):
        raise TarError(f"its configuration names {len(diff_ids)} layers and its manifest {len(choice.layer_files)}")
    digest = hashlib.sha256(documents[choice.config_file]).hexdigest()
    return ImageParts(f"sha256:{digest}", choice.references, config, diff_ids, choice.layer_files, choice.annotations)


def blob_name(digest: str) -> str:
    """The name of a blob's file in an OCI layout.

    Raises:
        TarError: when it is no digest of a blob.
    """
    match = _DIGEST.fullmatch(digest)
    if match is None:
        raise TarError("one of its digests is no sha256 digest")
    return f"blobs/sha256/{match[1]}"


def decode_document(documents: Mapping[str, bytes], name: str, shape: Any) -> Any:  # noqa: ANN401  of the given shape
    """A document of an archive.

    Args:
        documents: The archive's JSON documents by name.
        name: Where it is named for a digest, that is verified.
        shape: The type to decode it as.

    Raises:
        TarError: when it is missing or damaged.
    """
    document = documents.get(name)
    if document is None:
        raise TarError(f"{name} is missing from it, is no JSON, or is too large")
    digest = _DIGEST_IN_NAME.fullmatch(name)
    if digest and hashlib.sha256(document).hexdigest() != digest[1]:
        raise TarError(f"it is damaged: {name} does not have the digest that it is named for")
    try:
        return msgspec.json.decode(document, type=shape)
    except (ValueError, RecursionError) as error:
        raise TarError(f"{name} cannot be read: {error}") from error
