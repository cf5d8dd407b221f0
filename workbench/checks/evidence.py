"""Finds files in a stacked image, adds up their bytes layer by layer, and words findings alike."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from workbench.checks.reclaimable import body_bytes
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.overlay import ROOT, Overlay
from workbench.measure.secrets import MASK
from workbench.measure.units import quantity
from workbench.model.image_index import ImageFinding

Severity = Literal["high", "medium", "low", "info"]

HIGH_BYTES = 100 * 1000**2
"""As much as a whole microservice should weigh."""
MEDIUM_BYTES = 10 * 1000**2
"""About a second of every pull at 100 Mbit/s."""
LOW_BYTES = 1000**2
"""Less is told for completeness only."""
LEAST_BYTES = 100_000
"""Less is not worth a line: rebuilding the same Dockerfile moves a size by more."""
MOST_PATHS = 50
"""Paths that one finding lists."""
MOST_LAYERS = 10
"""Findings that one check makes for as many layers; what is in further layers is in the last one."""
LONGEST_PASTE = 600
"""Characters of an instruction that a fix repeats; a longer one is better edited than pasted."""

_DIGEST_SOURCE = re.compile(r"\b(?:file|dir|multi):[0-9a-f]{8,64} in ", re.ASCII)

PACKAGE_FOLDERS = frozenset(("site-packages", "dist-packages"))
"""Where Python's installers put packages."""


@dataclass(slots=True)
class Bodies:
    """Bodies of files that one finding counts."""

    layer: int | None = None
    """The layer that wrote them first; `None` when several did."""
    nodes: list[int] = field(default_factory=list)
    """Nodes of live bodies."""
    hidden: list[int] = field(default_factory=list)
    """Places in the overlay's list of hidden bodies."""

    def size(self, overlay: Overlay) -> int:
        """Bytes of all of them."""
        return body_bytes(overlay, self.nodes, self.hidden)

    def hidden_size(self, overlay: Overlay) -> int:
        """Bytes of those that a later layer hides."""
        return sum(overlay.hidden[place].size for place in self.hidden)

    def paths(self, overlay: Overlay) -> tuple[str, ...]:
        """Their paths, the largest first, as many as a finding lists."""
        sizes: dict[int, int] = {}
        for node in self.nodes:
            sizes[node] = overlay.size(node)
        for place in self.hidden:
            body = overlay.hidden[place]
            sizes[body.node] = sizes.get(body.node, 0) + body.size
        largest = sorted(sizes, key=lambda node: -sizes[node])[:MOST_PATHS]
        return tuple(overlay.path(node) for node in largest)


def by_size(size: int) -> Severity:
    """How severe it is to ship so many bytes for nothing."""
    return (
        "high" if size >= HIGH_BYTES else "medium" if size >= MEDIUM_BYTES else "low" if size >= LOW_BYTES else "info"
    )


def below(overlay: Overlay, folders: Iterable[int]) -> Iterator[int]:
    """Every node at and below some nodes, dead or alive, each once."""
    seen = frozenset(folders)
    waiting = list(seen)
    while waiting:
        node = waiting.pop()
        yield node
        waiting += (child for child in overlay.children.get(node, {}).values() if child not in seen)


def folders(overlay: Overlay, *paths: str) -> Iterator[int]:
    """The nodes at some paths, as far as they are there. A `*` stands for any one name."""
    for path in paths:
        found = [ROOT]
        for name in path.split("/"):
            if name == "*":
                found = [child for node in found for child in overlay.children.get(node, {}).values()]
            else:
                found = [child for node in found if (child := overlay.children.get(node, {}).get(name)) is not None]
        yield from found


def named(overlay: Overlay, *names: str) -> list[int]:
    """Every node of one of some names, dead or alive, wherever it stands."""
    wanted = frozenset(names)
    return [node for node, name in enumerate(overlay.names) if name in wanted]


def ending(overlay: Overlay, *endings: str) -> list[int]:
    """Every node whose name has one of some endings, dead or alive."""
    return [node for node, name in enumerate(overlay.names) if name.endswith(endings)]


def inside(overlay: Overlay, node: int, names: frozenset[str]) -> bool:
    """Whether a directory above the node has one of these names."""
    parent, every = overlay.parent, overlay.names
    node = parent[node]
    while node > ROOT:
        if every[node] in names:
            return True
        node = parent[node]
    return False


def per_layer(
    analysis: ImageAnalysis, nodes: Iterable[int], least: int = LEAST_BYTES, *, with_hidden: bool = True
) -> list[Bodies]:
    """The bodies at some nodes, live and hidden, by the layer that wrote them first, the largest first.

    A body that has another live path outside of the nodes would stay, so it is left out. What a later layer only
    copied up, by a chown for one, counts for the layer that brought it.

    Args:
        analysis: The image.
        nodes: Dead or alive; those without bodies count nothing.
        least: Bytes below which all of them together are not worth a finding.
        with_hidden: Whether bodies that a later layer hides count as well.
    """
    overlay = analysis.overlay
    wanted = set(nodes)
    groups: dict[int, Bodies] = {}
    inner: dict[tuple[int, int], int] = {}
    for node in wanted:
        if overlay.paths_to(node) > 1:
            body = (overlay.body_layer[node], overlay.body_number[node])
            inner[body] = inner.get(body, 0) + 1
    copied = {
        (gone.node, gone.hidden_by): gone.written_by
        for gone in overlay.hidden
        if gone.kind == "copied_up" and gone.node in wanted
    }

    def first(node: int, layer: int) -> Bodies:
        while (below := copied.get((node, layer))) is not None and below < layer:
            layer = below
        return groups.setdefault(layer, Bodies(layer))

    for node in sorted(wanted):
        layer = overlay.body_layer[node]
        if layer < 0 or not overlay.size(node):
            continue
        if inner.get((layer, overlay.body_number[node]), 1) >= overlay.paths_to(node):
            first(node, layer).nodes.append(node)
    if with_hidden:
        for place, gone in enumerate(overlay.hidden):
            if gone.node in wanted:
                first(gone.node, gone.written_by).hidden.append(place)
    sizes = {layer: group.size(overlay) for layer, group in groups.items()}
    if sum(sizes.values()) < least:
        return []
    ranked = sorted(groups.values(), key=lambda group: (-sizes[group.layer or 0], group.layer))
    if len(ranked) > MOST_LAYERS:
        rest = Bodies(None)
        for group in ranked[MOST_LAYERS - 1 :]:
            rest.nodes += group.nodes
            rest.hidden += group.hidden
        ranked[MOST_LAYERS - 1 :] = [rest]
    return ranked


def finding(
    analysis: ImageAnalysis,
    check: str,
    bodies: Bodies,
    message: str,
    fix: str,
    *,
    severity: Severity | None = None,
    layer: int | None = None,
) -> ImageFinding:
    """A finding about bytes, worded with its figures.

    Args:
        analysis: The image.
        check: Name of the check's module.
        bodies: What it counts.
        message: What it is, without the figure: the bytes stand before it.
        fix: What to paste or do. For a layer of the base image it is told that it is the base's.
        severity: By bytes when `None`; a base image's is one step less, for somebody else has to mend it.
        layer: The layer to blame; the one that wrote the bodies when `None`.
    """
    overlay = analysis.overlay
    size = bodies.size(overlay)
    hidden = bodies.hidden_size(overlay)
    blamed = bodies.layer if layer is None else layer
    chosen = severity or by_size(size)
    if hidden and hidden == size and layer is None:
        message += ", which a later layer hides but does not take out of the image"
    elif hidden and layer is None:
        message += f"; {quantity(hidden, 'B')} of it a later layer hides but does not take out of the image"
    if blamed is not None and analysis.is_base(blamed):
        base = f" {analysis.base.name}" if analysis.base.name else ""
        message += f" (in the base image{base})"
        fix = f"it comes with the base image{base}: take a smaller base, or have this mended there\n{fix}"
        chosen = _LESS[chosen]
    return ImageFinding(
        check=check,
        severity=chosen,
        message=f"{quantity(size, 'B')} of {message}",
        fix=fix,
        reclaimable_bytes=size,
        layer=blamed,
        instruction="" if blamed is None else analysis.instruction(blamed),
        paths=bodies.paths(overlay),
        nodes=tuple(bodies.nodes),
        hidden=tuple(bodies.hidden),
    )


def words(text: str) -> frozenset[str]:
    """The words of a text that are parted by blanks."""
    return frozenset(text.split())


_LESS: dict[Severity, Severity] = {"high": "medium", "medium": "low", "low": "info", "info": "info"}


def instruction_of(analysis: ImageAnalysis, layer: int | None) -> str:
    """The instruction that made a layer, when it can be repeated in a fix; else empty.

    What older builders tell of a COPY, a digest instead of its source, becomes a `…`.
    """
    told = _DIGEST_SOURCE.sub("… ", "" if layer is None else analysis.instruction(layer))
    return "" if MASK in told or len(told) > LONGEST_PASTE or "\n" in told else told


def run_with(analysis: ImageAnalysis, layer: int | None, tail: str) -> str:
    """The layer's RUN instruction with a command added at its end, or just the command when it is none."""
    told = instruction_of(analysis, layer)
    if told.startswith("RUN "):
        return f"{told.rstrip().removesuffix(';').rstrip()} && {tail}"
    return f"end the RUN that makes them with: && {tail}"


def packages_by_layer(analysis: ImageAnalysis, wanted: Iterable[int]) -> list[tuple[int, list[int], list[int]]]:
    """Packages and the nodes they own, by the layer that brought them, the most bytes first.

    Args:
        analysis: The image.
        wanted: Places in `analysis.packages`.

    Returns:
        Layer, the packages' places (the largest first) and their nodes.
    """
    places = set(wanted)
    nodes: dict[int, list[int]] = {}
    for node, place in enumerate(analysis.owners):
        if place in places:
            nodes.setdefault(place, []).append(node)
    layers: dict[int, list[int]] = {}
    for place in sorted(places, key=lambda place: -analysis.packages[place].size_bytes):
        layers.setdefault(analysis.packages[place].layer, []).append(place)
    rows = [(layer, held, [node for place in held for node in nodes.get(place, [])]) for layer, held in layers.items()]
    return sorted(rows, key=lambda row: -sum(analysis.packages[place].size_bytes for place in row[1]))


def some(names: Sequence[str], most: int = 6) -> str:
    """A few names in words: `gcc-12, make and 7 more`."""
    if len(names) <= most:
        return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
