"""CUDA installed more than once."""

import re
from collections.abc import Iterable

from workbench.checks.evidence import MEDIUM_BYTES, PACKAGE_FOLDERS, below, finding, named, per_layer, some
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.units import quantity
from workbench.model.image_index import ImageFinding

_LEAST_BYTES = MEDIUM_BYTES
"""The smallest CUDA library that does anything is larger; a folder with less holds links or a licence."""
_TOOLKIT = re.compile(r"cuda(?:-\d[\d.]*)?", re.ASCII)


class CudaTwice:
    """PyTorch's wheels bring CUDA along. On a base image with CUDA it is there twice, and only the wheels' is used.

    Take a plain base and leave CUDA to the wheels, or build against the base's. Several versions of the toolkit side
    by side are told too.
    """

    name = "cuda_twice"
    title = "CUDA twice"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The toolkits below usr/local beside the wheels', or all but the newest of several."""
        overlay = analysis.overlay
        local = overlay.find("usr/local")
        toolkits = {
            name: node
            for name, node in overlay.children.get(-1 if local is None else local, {}).items()
            if _TOOLKIT.fullmatch(name) and overlay.is_directory[node] and analysis.sizes[node] >= _LEAST_BYTES
        }
        wheels = [
            child
            for folder in named(overlay, *PACKAGE_FOLDERS)
            if (child := overlay.children.get(folder, {}).get("nvidia")) is not None
        ]
        size = sum(analysis.sizes[node] for node in wheels)
        if size >= _LEAST_BYTES:
            for bodies in per_layer(analysis, below(overlay, toolkits.values()), _LEAST_BYTES, with_hidden=False):
                message = f"CUDA in /usr/local, and another {quantity(size, 'B')} of it came with Python wheels"
                fix = (
                    "wheels need no CUDA in the base, only the driver of the host: FROM python:3.12-slim\n"
                    "or build against the base's CUDA and install without the nvidia-* wheels: pip install --no-deps …"
                )
                yield finding(analysis, self.name, bodies, message, fix)
        elif len(toolkits) > 1:
            newest, *others = sorted(toolkits, key=_version, reverse=True)
            nodes = below(overlay, (toolkits[name] for name in others))
            for bodies in per_layer(analysis, nodes, _LEAST_BYTES, with_hidden=False):
                message = f"older CUDA toolkits ({some(others)}) beside {newest}"
                fix = f"install one toolkit only, here {newest}, and copy what runs from a build stage with the other"
                yield finding(analysis, self.name, bodies, message, fix)


def _version(name: str) -> tuple[int, ...]:
    return tuple(int(part[:9]) for part in re.findall(r"\d+", name, re.ASCII))


CHECK = CudaTwice()
