"""What a COPY took along from the build context and nobody needs."""

import shlex
from collections.abc import Iterable

from workbench.checks.evidence import Bodies, below, finding, inside, per_layer, some
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

_DATA = (".csv", ".tsv", ".parquet", ".pkl", ".pickle", ".h5", ".hdf5", ".feather", ".npz", ".sqlite3")
_JUNK_FOLDERS = frozenset(
    (".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".nox", ".idea", ".vscode", ".ipynb_checkpoints", ".dvc")
)
_LEAST_DATA_BYTES = 1000**2
"""Small tables are fixtures that the code may well read."""
_PACKAGES = frozenset(("site-packages", "dist-packages", "node_modules", "share"))


class BuildContext:
    """`COPY .` takes all there is in the folder: virtual environments, tools' caches, data.

    A .dockerignore keeps it out of the image, and out of what is sent to the builder at each build.
    """

    name = "build_context"
    title = "junk from the build context"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """What COPY and ADD brought of virtual environments, tools' caches and data, by layer."""
        overlay = analysis.overlay
        junk: dict[int, str] = {}
        for node, name in enumerate(overlay.names):
            if name == "pyvenv.cfg":
                folder = overlay.parent[node]
                junk |= dict.fromkeys(below(overlay, [folder]), f"{overlay.names[folder]}/")
            elif name in _JUNK_FOLDERS:
                junk |= dict.fromkeys(below(overlay, [node]), f"**/{name}")
            elif (
                name.endswith(_DATA)
                and overlay.size(node) >= _LEAST_DATA_BYTES
                and not inside(overlay, node, _PACKAGES)
            ):
                junk.setdefault(node, f"**/*{name[name.rindex('.') :]}")
        for bodies in per_layer(analysis, junk, with_hidden=False):
            if bodies.layer is None or not _is_copy(analysis, bodies):
                continue
            patterns = sorted({junk[node] for node in bodies.nodes})
            fix = "printf '%s\\n' " + " ".join(_quoted(pattern) for pattern in patterns[:10]) + " >> .dockerignore"
            message = f"files from the build context that do not belong in an image: {some(patterns)}"
            yield finding(analysis, self.name, bodies, message, fix)


def _is_copy(analysis: ImageAnalysis, bodies: Bodies) -> bool:
    told = "" if bodies.layer is None else analysis.instruction(bodies.layer)
    return told.startswith(("COPY ", "ADD ")) and "--from=" not in told and not told.startswith("ADD file:")


def _quoted(pattern: str) -> str:
    return shlex.quote(pattern)


CHECK = BuildContext()
