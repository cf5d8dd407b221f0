"""Variables that Python services want."""

import re
from collections.abc import Iterable

from workbench.checks.evidence import folders
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.overlay import Overlay
from workbench.model.image_index import ImageFinding

_PYTHON = re.compile(r"python3(?:\.\d+)?", re.ASCII)
_PLACES = ("usr/bin", "usr/local/bin", "opt/conda/bin", "opt/venv/bin", "venv/bin", "app/.venv/bin")


class PythonEnvironment:
    """A few variables that keep Python's habits out of an image. Told only where the image has a Python.

    PYTHONUNBUFFERED=1 shows log lines when they are written; PYTHONDONTWRITEBYTECODE=1 keeps containers from writing
    __pycache__; PIP_NO_CACHE_DIR=1 keeps pip from filling its cache.
    """

    name = "python_environment"
    title = "Python's environment"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """Those of the three variables that are not set."""
        if not _has_python(analysis.overlay):
            return
        held = {name for name, value in analysis.index.detail.environment if value}
        if "PYTHONUNBUFFERED" not in held:
            yield ImageFinding(
                self.name,
                "low",
                "PYTHONUNBUFFERED is not set: what a service prints shows late, and is lost when it crashes",
                "ENV PYTHONUNBUFFERED=1",
            )
        others = [name for name in ("PYTHONDONTWRITEBYTECODE", "PIP_NO_CACHE_DIR") if name not in held]
        if others:
            yield ImageFinding(
                self.name,
                "info",
                f"{' and '.join(others)} {'is' if len(others) == 1 else 'are'} not set",
                "ENV " + " ".join(f"{name}=1" for name in others),
            )


def _has_python(overlay: Overlay) -> bool:
    return any(
        overlay.alive[node] and _PYTHON.fullmatch(name)
        for folder in folders(overlay, *_PLACES)
        for name, node in overlay.children.get(folder, {}).items()
    )


CHECK = PythonEnvironment()
