"""Small images made of words: what each layer holds, and how it came about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from fastcrc import crc64

from workbench.measure.analysis import ImageAnalysis, analyse
from workbench.model.image_index import BaseSplit, ImageIndex
from workbench.model.images import ImageDetail, Layer
from workbench.model.layer_index import (
    DIRECTORY,
    FILE,
    HARDLINK,
    OPAQUE,
    SYMLINK,
    WHITEOUT,
    Entry,
    LayerIndex,
    LayerIndexBuilder,
)

KB, MB = 1000, 1000**2


@dataclass
class It:
    """One entry."""

    size: int = 0
    content: str = ""
    """What it says: equal words are equal content; empty is content of its own."""
    mode: int = 0o644
    uid: int = 0
    mtime: int = 0
    link: str = ""
    kind: int = FILE


def gone() -> It:
    return It(kind=WHITEOUT)


def emptied() -> It:
    return It(kind=OPAQUE)


def linked(target: str) -> It:
    return It(kind=HARDLINK, link=target)


def pointing(target: str) -> It:
    return It(kind=SYMLINK, link=target)


def folder() -> It:
    return It(kind=DIRECTORY, mode=0o755)


Files = Mapping[str, It | int]


@dataclass
class Step:
    """One layer, or a step without one."""

    instruction: str
    files: Files | None = field(default_factory=dict)
    contents: Mapping[str, bytes] = field(default_factory=dict)
    """Bodies that were kept."""


def layer(number: int, files: Files) -> LayerIndex:
    builder = LayerIndexBuilder()
    for path, it in files.items():
        entry = It(it) if isinstance(it, int) else it
        word = entry.content or f"{number} {path}"
        crc = crc64.go_iso(word.encode("utf-8", "surrogateescape")) if entry.size else 0
        builder.add(Entry(path, entry.kind, entry.mode, entry.uid, entry.uid, entry.size, entry.mtime, entry.link, crc))
    return builder.build(f"sha256:{number:064x}")


def image(
    *steps: Step | Files,
    environment: Mapping[str, str] | None = None,
    user: str = "app",
    references: Sequence[str] = ("shop/api:1.4",),
    ports: Sequence[str] = (),
    healthcheck: bool = True,
    labels: Mapping[str, str] | None = None,
    base: BaseSplit | None = None,
) -> ImageAnalysis:
    """An analysed image, by default without anything to find fault with."""
    told = [step if isinstance(step, Step) else Step(f"RUN step {n}", step) for n, step in enumerate(steps)]
    layers: list[LayerIndex] = []
    rows: list[Layer] = []
    contents: list[Mapping[str, bytes]] = []
    for step in told:
        number = None
        if step.files is not None:
            number = len(layers)
            layers.append(layer(number, step.files))
            contents.append(step.contents)
        size = layers[-1].shipped_bytes if number is not None else 0
        rows.append(Layer(number, layers[-1].diff_id if number is not None else None, step.instruction, size, None))
    detail = ImageDetail(
        id="sha256:" + "0" * 64,
        references=tuple(references),
        size_bytes=sum(row.size_bytes for row in rows),
        architecture="amd64",
        operating_system="linux",
        created="2025-01-01T00:00:00Z",
        user=user,
        working_dir="/",
        entrypoint=(),
        command=(),
        exposed_ports=tuple(ports),
        environment=tuple((environment or {}).items()),
        layers=tuple(rows),
        acquired_via="archive",
    )
    index = ImageIndex(detail, tuple(layers), "archive", tuple((labels or {}).items()), healthcheck)
    analysis = analyse(index, contents)
    return replace(analysis, base=base or BaseSplit())
