"""Everything that is worked out from an image's index, in one value for screens, checks and reports."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from workbench.measure.base_image import base_split
from workbench.measure.dockerfile_lines import dockerfile_lines
from workbench.measure.duplicates import duplicates
from workbench.measure.overlay import stack
from workbench.measure.ownership.owners import own
from workbench.measure.sizes import total_sizes
from workbench.model.image_index import ImageBytes

if TYPE_CHECKING:
    from array import array
    from collections.abc import Mapping, Sequence

    from workbench.measure.duplicates import Duplicates
    from workbench.measure.overlay import Overlay
    from workbench.measure.ownership.owners import Ownership
    from workbench.model.image_index import BaseSplit, ImageIndex, KeptBodies, Package, PackageChange
    from workbench.model.layer_index import LayerIndex

__all__ = ["ImageAnalysis", "Worked", "analyse", "work_out"]


class Worked(NamedTuple):
    """What layers and package databases alone decide: the slow part of an analysis."""

    overlay: Overlay
    duplicates: Duplicates
    sizes: array[int]
    ownership: Ownership


@dataclass(frozen=True, slots=True)
class ImageAnalysis:
    """An image, analysed."""

    index: ImageIndex
    overlay: Overlay = field(repr=False)
    bytes: ImageBytes
    """Totals; what checks could reclaim is theirs to tell."""
    sizes: array[int] = field(repr=False)
    """For every node of the overlay, the bytes of live bodies at and below it."""
    duplicates: Duplicates = field(repr=False)
    packages: tuple[Package, ...] = field(repr=False)
    """The largest first."""
    owners: array[int] = field(repr=False)
    """For every node of the overlay, its package's place in `packages`, or -1."""
    unowned_bytes: int
    """Final bytes that no package owns."""
    package_changes: tuple[PackageChange, ...] = field(repr=False)
    """By layer, then by what they ship."""
    base: BaseSplit
    dockerfile_lines: tuple[int | None, ...] = ()
    """For every layer the line, from 1, of its instruction in the Dockerfile, or `None`; empty when none is told."""
    lines_by: Literal["", "dockerfile", "provenance"] = ""
    """What `dockerfile_lines` come from."""
    contents: tuple[KeptBodies, ...] = field(default=(), repr=False)
    """For every layer, the bodies that were kept: package databases and small files that checks read."""

    def instruction(self, layer: int) -> str:
        """The instruction that made a layer, secrets masked; empty when the history does not tell."""
        for row in self.index.detail.layers:
            if row.index == layer:
                return row.instruction
        return ""

    def is_base(self, layer: int) -> bool:
        """Whether a layer is the base image's."""
        return layer < self.base.layers

    def owner(self, node: int) -> Package | None:
        """The package that owns a node of the overlay."""
        place = self.owners[node]
        return self.packages[place] if place >= 0 else None


def work_out(layers: Sequence[LayerIndex], contents: Sequence[KeptBodies] = ()) -> Worked:
    """The slow part of an analysis.

    Args:
        layers: Every layer of the image, base first.
        contents: For every layer, the bodies that were kept, by path; may be shorter than the layers.
    """
    overlay = stack(layers)
    return Worked(overlay, duplicates(overlay), total_sizes(overlay), own(overlay, contents))


def analyse(
    index: ImageIndex,
    contents: Sequence[KeptBodies] = (),
    *,
    local_images: Sequence[tuple[str, Sequence[str]]] = (),
    annotations: Mapping[str, str] | None = None,
    dockerfile: str = "",
    worked: Worked | None = None,
) -> ImageAnalysis:
    """Work out all there is to know of an image.

    Args:
        index: What was acquired.
        contents: For every layer, base first, the bodies that were kept, by path; may be shorter than the layers.
        local_images: Name and diff ids of other images at hand, to find the base among them.
        annotations: OCI annotations of the image's manifest.
        dockerfile: Text of the Dockerfile it was built from; empty when there is none, and provenance tells its lines.
        worked: The slow part, when it is at hand.
    """
    overlay, found, sizes, ownership = worked or work_out(index.layers, contents)
    lines = _from_text(dockerfile, index) if dockerfile else _attested_lines(index)
    return ImageAnalysis(
        index=index,
        overlay=overlay,
        bytes=ImageBytes(
            shipped=overlay.shipped_bytes,
            final=overlay.final_bytes,
            removed=overlay.hidden_bytes("removed"),
            overwritten=overlay.hidden_bytes("overwritten"),
            copied_up=overlay.hidden_bytes("copied_up"),
            duplicate=found.wasted_bytes,
        ),
        sizes=sizes,
        duplicates=found,
        packages=ownership.packages,
        owners=ownership.owners,
        unowned_bytes=ownership.unowned_bytes,
        package_changes=ownership.changes,
        base=base_split(
            index.detail,
            [layer.diff_id for layer in index.layers],
            local_images,
            {**dict(index.labels), **(annotations or {})},
        ),
        dockerfile_lines=lines,
        lines_by="dockerfile" if dockerfile else "provenance" if lines else "",
        contents=tuple(contents),
    )


def _from_text(dockerfile: str, index: ImageIndex) -> tuple[int | None, ...]:
    return dockerfile_lines(dockerfile, index.detail.layers, len(index.layers))


def _attested_lines(index: ImageIndex) -> tuple[int | None, ...]:
    """The lines that the provenance tells, else those that its Dockerfile's text does; empty where neither does."""
    attested = index.provenance
    if attested is None:
        return ()
    if len(attested.lines) == len(index.layers) and any(attested.lines):
        return attested.lines
    lines = _from_text(attested.dockerfile, index) if attested.dockerfile else ()
    return lines if any(lines) else ()
