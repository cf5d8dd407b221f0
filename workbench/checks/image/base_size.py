"""Whether a smaller base image is on offer."""

from collections.abc import Iterable

from workbench.checks.evidence import folders
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.units import quantity
from workbench.model.image_index import ImageFinding

FULL_BYTES = 500 * 1000**2
"""Full language images (python:3.x, node) are 900 MB and more, their slim variants 120 to 250 MB."""
SLIM_BYTES = "about 120 to 150 MB"
ALPINE_BYTES = "about 45 to 50 MB"


class BaseSize:
    """Full language images bring compilers and headers for everything. A slim variant brings the language.

    Alpine is smaller still, but its musl C library cannot use most wheels that are built for Linux: what has none for
    musl is compiled at each build, and may run slower.
    """

    name = "base_size"
    title = "a smaller base image"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """A base of one's image that is a full one; and musl under Python packages."""
        overlay = analysis.overlay
        base = analysis.base
        size = sum(layer.shipped for layer in overlay.per_layer[: base.layers])
        last = base.layers - 1
        name = base.name or "the base image"
        if size >= FULL_BYTES and not _has_cuda(analysis):
            yield ImageFinding(
                self.name,
                "medium",
                f"{name} ships {quantity(size, 'B')}: a slim variant has {SLIM_BYTES}, Alpine {ALPINE_BYTES}",
                f"FROM {_slim(base.name)}\nwhat needs a compiler is built in a stage from the full image",
                layer=last,
                instruction=analysis.instruction(last),
            )
        musl = any(
            overlay.alive[node] for node in folders(overlay, "lib/ld-musl-x86_64.so.1", "lib/ld-musl-aarch64.so.1")
        )
        if musl and any(package.manager == "pip" and package.size_bytes > 10**6 for package in analysis.packages):
            yield ImageFinding(
                self.name,
                "info",
                "Python packages on musl: those without a musllinux wheel are compiled at each build and may be slower",
                "where builds are slow or numbers matter: FROM python:3.12-slim",
            )


def _has_cuda(analysis: ImageAnalysis) -> bool:
    return any(name == "CUDA_VERSION" for name, _ in analysis.index.detail.environment)


def _slim(name: str) -> str:
    repository, colon, tag = name.rpartition(":")
    if not colon or "/" in tag or "@" in name:
        return "python:3.12-slim"
    return f"{repository}:{'' if tag == 'latest' else tag + '-'}slim"


CHECK = BaseSize()
