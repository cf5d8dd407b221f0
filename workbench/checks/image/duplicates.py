"""The same content at several paths."""

import shlex
from collections.abc import Iterable

from workbench.checks.evidence import MEDIUM_BYTES, MOST_PATHS, Bodies, by_size
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.units import counted, quantity
from workbench.model.image_index import DuplicateGroup, ImageFinding

MOST_GROUPS = 10
"""Groups that get a finding each; the others share one."""
LEAST_REST_BYTES = 1000**2
"""Every image repeats small licence texts; below this they are nobody's fault and not worth a line."""


class Duplicates:
    """Files of the same content at different paths, each with its own bytes.

    A hard link made in the step that writes them, or a symbolic link, costs nothing. Libraries are often copied where
    `libx.so` and `libx.so.1` were symbolic links: `cp -L` and some archives follow them.
    """

    name = "duplicates"
    title = "the same content twice"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The large groups one by one, and all others as one."""
        large = [group for group in analysis.duplicates.groups[:MOST_GROUPS] if group.wasted_bytes >= MEDIUM_BYTES]
        for group in large:
            yield self._one(analysis, group)
        rest = analysis.duplicates.groups[len(large) :]
        size = sum(group.wasted_bytes for group in rest)
        if size >= LEAST_REST_BYTES:
            yield ImageFinding(
                self.name,
                "low",
                f"{quantity(size, 'B')} of smaller duplicates, {counted(len(rest), 'group')} of equal files",
                "look at the list of duplicates; what one package repeats is best told to its makers",
                size,
                paths=tuple(path for group in rest for path in group.paths[1:2])[:MOST_PATHS],
                nodes=tuple(node for group in rest for node in group.nodes[1:]),
            )

    def _one(self, analysis: ImageAnalysis, group: DuplicateGroup) -> ImageFinding:
        overlay = analysis.overlay
        # The copy that was written last is the one too many.
        ranked = sorted(group.nodes, key=lambda node: overlay.body_layer[node])
        extra = Bodies(None, ranked[1:])
        layer = overlay.body_layer[ranked[-1]]
        first, last = overlay.path(ranked[0]), overlay.path(ranked[-1])
        return ImageFinding(
            self.name,
            by_size(group.wasted_bytes),
            f"{quantity(group.wasted_bytes, 'B')} in {len(ranked)} equal files "
            f"of {quantity(group.size_bytes, 'B')} each",
            f"copy it once and link the others in the same step: ln -s {_quoted(first)} {_quoted(last)}",
            group.wasted_bytes,
            layer,
            analysis.instruction(layer),
            tuple(overlay.path(node) for node in ranked[:MOST_PATHS]),
            nodes=tuple(extra.nodes),
        )


def _quoted(path: str) -> str:
    return shlex.quote(f"/{path}")


CHECK = Duplicates()
