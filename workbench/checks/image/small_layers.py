"""Layers that hold nothing, or next to it."""

from collections.abc import Iterable

from workbench.measure.analysis import ImageAnalysis
from workbench.measure.units import counted
from workbench.model.image_index import ImageFinding

TINY_BYTES = 10_000
"""A pull pays a request and a verification for each layer, which is more than moving as many bytes."""
MANY = 5
"""Fewer tiny layers are the price of a readable Dockerfile."""


class SmallLayers:
    """Every layer is a request, a checksum and a mount. Many tiny ones in a row could be one RUN or one COPY."""

    name = "small_layers"
    title = "empty and tiny layers"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """Empty layers of one's own, and many tiny ones."""
        layers = [
            (number, layer) for number, layer in enumerate(analysis.overlay.per_layer) if not analysis.is_base(number)
        ]
        empty = [number for number, layer in layers if layer.entries == 0]
        if empty:
            yield ImageFinding(
                self.name,
                "info",
                f"{counted(len(empty), 'layer')} without any file: {_numbers(empty)}",
                "join the RUN that changes nothing with the one before it, or drop it",
                layer=empty[0],
                instruction=analysis.instruction(empty[0]),
            )
        tiny = [number for number, layer in layers if layer.entries and layer.shipped < TINY_BYTES]
        if len(tiny) >= MANY:
            yield ImageFinding(
                self.name,
                "info",
                f"{len(tiny)} layers ship less than {TINY_BYTES // 1000} kB each: {_numbers(tiny)}",
                "join neighbours: RUN one && two, or one COPY of the folder that holds the files",
                layer=tiny[0],
                instruction=analysis.instruction(tiny[0]),
            )


def _numbers(layers: list[int]) -> str:
    return ", ".join(str(number) for number in layers[:20]) + (" …" if len(layers) > 20 else "")


CHECK = SmallLayers()
