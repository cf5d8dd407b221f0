"""Files that hold secrets, by their names and by what is in them."""

import re
from collections.abc import Iterable

from workbench.checks.evidence import MOST_PATHS, PACKAGE_FOLDERS, Bodies, Severity, inside
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.overlay import Overlay
from workbench.measure.secret_files import (
    BY_CONTENT,
    CREDENTIALS,
    ENDINGS,
    IN_FOLDERS,
    PRIVATE_KEYS,
    is_environment_name,
)
from workbench.measure.secrets import MASK, mask_text
from workbench.measure.units import counted
from workbench.model.image_index import ImageFinding

_ANY_ENDING = (*ENDINGS, *BY_CONTENT)
_ELSEWHERE = PACKAGE_FOLDERS | {"node_modules", "testdata", "tests", "test", "share", "examples", "doc"}
_PRIVATE_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY")
LARGEST_READ_BYTES = 64 * 1024


class SecretFiles:
    """A secret in a layer is a secret of everybody who can pull the image, also when a later layer deletes the file.

    Names are those that scanners agree on. Where a small file's content is at hand it decides; it is never shown.
    """

    name = "secret_files"
    title = "secrets in files"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """Live files and deleted ones, grouped by how sure it is and by layer."""
        overlay = analysis.overlay
        groups: dict[tuple[int, Severity, str], Bodies] = {}
        for node in suspects(overlay):
            for layer, place in bodies_at(overlay, node):
                verdict = _verdict(analysis, node, layer)
                if verdict is None:
                    continue
                bodies = groups.setdefault((layer, *verdict), Bodies(layer))
                (bodies.nodes if place is None else bodies.hidden).append(node if place is None else place)
        for (layer, severity, why), bodies in sorted(groups.items()):
            paths = bodies.paths(overlay)
            gone = f"; {len(bodies.hidden)} deleted later, and shipped all the same" if bodies.hidden else ""
            yield ImageFinding(
                self.name,
                severity,
                f"{counted(len(paths), 'file')} {why}{gone}",
                "take it out of the image and revoke it: whoever pulled the image has it\n"
                "at build time: RUN --mount=type=secret,id=token … ; at run time: a secret or a mounted file\n"
                "and in .dockerignore: " + " ".join(sorted({path.rpartition("/")[2] for path in paths})[:5]),
                layer=layer,
                instruction=analysis.instruction(layer),
                paths=paths[:MOST_PATHS],
            )


def suspects(overlay: Overlay) -> list[int]:
    """Every node, dead or alive, whose name may be that of a file with secrets."""
    return [
        node
        for node, name in enumerate(overlay.names)
        if (
            name in PRIVATE_KEYS
            or name in CREDENTIALS
            or name in IN_FOLDERS
            or name.endswith(_ANY_ENDING)
            or (name.startswith(".env.") and is_environment_name(name))
        )
        and not inside(overlay, node, _ELSEWHERE)
    ]


def bodies_at(overlay: Overlay, node: int) -> list[tuple[int, int | None]]:
    """Layer, and place among the hidden ones, of every body that ever stood at a node and is not empty."""
    found: list[tuple[int, int | None]] = []
    if overlay.body_layer[node] >= 0 and overlay.size(node):
        found.append((overlay.body_layer[node], None))
    found += [(gone.written_by, place) for place, gone in enumerate(overlay.hidden) if gone.node == node]
    return found


def _verdict(analysis: ImageAnalysis, node: int, layer: int) -> tuple[Severity, str] | None:
    overlay = analysis.overlay
    name = overlay.names[node]
    content = _content(analysis, overlay.path(node), layer)
    if content is not None:
        if _PRIVATE_KEY.search(content):
            return "high", "with a private key inside"
        text = content.decode("utf-8", "replace")
        if mask_text(text).count(MASK) > text.count(MASK):
            return "high", "with secrets inside"
    folder = overlay.names[overlay.parent[node]]
    if name in PRIVATE_KEYS:
        return "high", "named like a private key"
    if folder in IN_FOLDERS.get(name, ()):
        return "high", "where tools keep credentials"
    if content is not None or name == "config.json":
        return None
    if name in CREDENTIALS or is_environment_name(name):
        return "medium", "named like one that holds secrets"
    return ("low", "of a kind that may hold secrets") if name.endswith(ENDINGS) else None


def _content(analysis: ImageAnalysis, path: str, layer: int) -> bytes | None:
    """The content of a file in a layer, when it is at hand and small."""
    if layer >= len(analysis.contents):
        return None
    content = analysis.contents[layer].get(path)
    return content if content is not None and len(content) <= LARGEST_READ_BYTES else None


CHECK = SecretFiles()
