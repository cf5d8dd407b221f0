"""Two analysed images side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.measure.arguments import command_line, masked_value
from workbench.measure.layer_alignment import aligned_history, aligned_layers
from workbench.measure.tree_compare import compare_trees
from workbench.model.image_comparison import ConfigurationDelta, ImageComparison, PackageDelta

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.measure.analysis import ImageAnalysis
    from workbench.model.image_index import ImageIndex, Package


def compare(before: ImageAnalysis, after: ImageAnalysis) -> ImageComparison:
    """What is different between two images.

    Args:
        before: The image to compare with.
        after: The image that may be fatter.
    """
    trees = compare_trees(before, after)
    return ImageComparison(
        before=_name(before.index),
        after=_name(after.index),
        before_bytes=before.bytes,
        after_bytes=after.bytes,
        layers=aligned_layers(before, after),
        packages=_packages(before.packages, after.packages),
        before_unowned_bytes=before.unowned_bytes,
        after_unowned_bytes=after.unowned_bytes,
        directories=trees.directories,
        files=trees.files,
        files_omitted=trees.files_omitted,
        configuration=tuple(_configuration(before.index, after.index)),
        history=aligned_history(before, after),
    )


def _name(index: ImageIndex) -> str:
    return index.detail.references[0] if index.detail.references else index.detail.id


def _packages(before: tuple[Package, ...], after: tuple[Package, ...]) -> tuple[PackageDelta, ...]:
    pairs: list[tuple[Package | None, Package | None]] = []
    old = {(one.manager, one.name, one.location): one for one in before}
    left_after = []
    for new in after:
        match = old.pop((new.manager, new.name, new.location), None)
        if match is None:
            left_after.append(new)
        else:
            pairs.append((match, new))
    # What moved, to the site-packages of another Python for one, is still the same package when there is one of it.
    by_name: dict[tuple[str, str], list[Package]] = {}
    for one in old.values():
        by_name.setdefault((one.manager, one.name), []).append(one)
    times: dict[tuple[str, str], int] = {}
    for one in left_after:
        times[one.manager, one.name] = times.get((one.manager, one.name), 0) + 1
    for new in left_after:
        moved = by_name.get((new.manager, new.name), [])
        if len(moved) == 1 and times[new.manager, new.name] == 1:
            del old[moved[0].manager, moved[0].name, moved[0].location]
            pairs.append((moved[0], new))
        else:
            pairs.append((None, new))
    pairs.extend((one, None) for one in old.values())
    deltas = [delta for pair in pairs if (delta := _package(*pair)) is not None]
    return tuple(sorted(deltas, key=lambda one: (-abs(one.delta_bytes), one.manager, one.name, one.location)))


def _package(before: Package | None, after: Package | None) -> PackageDelta | None:
    one = after or before
    if one is None:
        return None
    if before is None:
        return PackageDelta("added", one.manager, one.name, "", one.version, 0, one.size_bytes, one.location)
    if after is None:
        return PackageDelta("removed", one.manager, one.name, one.version, "", one.size_bytes, 0, one.location)
    if before.version == after.version and before.size_bytes == after.size_bytes:
        return None
    return PackageDelta(
        "resized" if before.version == after.version else "upgraded",
        one.manager,
        one.name,
        before.version,
        after.version,
        before.size_bytes,
        after.size_bytes,
        one.location,
    )


def _configuration(before: ImageIndex, after: ImageIndex) -> Iterator[ConfigurationDelta]:
    old, new = _settings(before), _settings(after)
    for name in [*old, *(name for name in new if name not in old)]:
        if old.get(name) != new.get(name):
            yield ConfigurationDelta(name, old.get(name), new.get(name))


def _settings(index: ImageIndex) -> dict[str, str]:
    detail = index.detail
    found = {
        "platform": f"{detail.operating_system}/{detail.architecture}",
        "user": detail.user,
        "working directory": detail.working_dir,
        "entrypoint": command_line(detail.entrypoint),
        "command": command_line(detail.command),
        "ports": " ".join(sorted(detail.exposed_ports)),
    }
    found = {name: value for name, value in found.items() if value}
    found.update(index.settings)
    found.update({f"environment {name}": value for name, value in sorted(detail.environment)})
    found.update({f"label {name}": masked_value(name, value) for name, value in sorted(index.labels)})
    return found
