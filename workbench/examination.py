"""An acquired image, analysed and checked: worked out once, and taken from the cache after that."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workbench.errors import WorkbenchError
from workbench.measure.analysis import ImageAnalysis, analyse, work_out
from workbench.model.acquired import AcquiredImage, FileReader
from workbench.model.image_index import ImageFinding
from workbench.sources.analysis_cache import AnalysisCache


class Examined(NamedTuple):
    """An image with what the checks found."""

    analysis: ImageAnalysis
    findings: tuple[ImageFinding, ...]
    """The most severe first."""


def examine(
    acquired: AcquiredImage,
    *,
    local_images: Sequence[tuple[str, Sequence[str]]] = (),
    dockerfile: str = "",
    cache: AnalysisCache | None = None,
) -> Examined:
    """Analyse and check an image.

    Args:
        acquired: The image.
        local_images: Name and diff ids of other images at hand.
        dockerfile: Text of the Dockerfile it was built from; empty when there is none.
        cache: Of analyses; the user's own unless a test has another.
    """
    cache = cache or AnalysisCache()
    index, contents = acquired.index, acquired.contents
    known = cache.load(index, contents)
    worked = work_out(index.layers, contents) if known is None else known[0]
    analysis = analyse(index, contents, local_images=local_images, dockerfile=dockerfile, worked=worked)
    key = _findings_key(analysis)
    if known is not None and known[1] == key:
        return Examined(analysis, known[2])
    from workbench.checks import look  # thirty modules, which what is known does not need
    from workbench.checks.secret_contents import with_suspect_contents

    files = _Watched(acquired.files)
    findings = look(with_suspect_contents(analysis, files))
    if files.failed:
        # Another time the files may be there, and tell more
        if known is None:
            cache.save(index, contents, worked)
    else:
        cache.save(index, contents, worked, key, findings)
    return Examined(analysis, findings)


def _findings_key(analysis: ImageAnalysis) -> str:
    """Stands for all that checks look at beside the layers: configuration, history, base and Dockerfile."""
    index = analysis.index
    looked_at = (index.detail, index.labels, index.healthcheck, analysis.base, analysis.dockerfile_lines)
    return hashlib.sha256(repr(looked_at).encode("utf-8", "surrogatepass")).hexdigest()


class _Watched:
    """Files, and whether any of them could not be read."""

    def __init__(self, files: FileReader) -> None:
        self._files = files
        self.failed = False

    def read_file(self, layer: int, path: str, limit: int) -> bytes:
        try:
            return self._files.read_file(layer, path, limit)
        except WorkbenchError:
            self.failed = True
            raise

    def chunks(self, layer: int, path: str) -> Iterator[bytes]:
        return self._files.chunks(layer, path)

    def close(self) -> None:
        """Nothing: who has the files closes them."""
