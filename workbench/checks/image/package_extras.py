"""Tests, documentation, headers, static libraries and type stubs that Python packages bring along."""

import shlex
from collections.abc import Callable, Iterable

from workbench.checks.evidence import LOW_BYTES, PACKAGE_FOLDERS, Bodies, below, finding, named, per_layer, run_with
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.overlay import Overlay
from workbench.measure.units import quantity
from workbench.model.image_index import ImageFinding

_TEST_FOLDERS = frozenset(("tests", "test"))
_DOCUMENT_FOLDERS = frozenset(("docs", "doc", "examples"))
_HEADERS = (".h", ".hpp", ".cuh", ".hxx")
_STATIC = (".a", ".lib")


class PackageExtras:
    """What Python packages install beside what runs: their tests, documentation, C headers, static libraries, stubs.

    Take care with headers: torch.compile and what builds extensions at run time need torch/include. Delete in the RUN
    that installs.
    """

    name = "package_extras"
    title = "tests, docs and headers in packages"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes of each kind in site-packages, by layer."""
        overlay = analysis.overlay
        kinds = _kinds(overlay)
        for bodies in per_layer(analysis, kinds, LOW_BYTES, with_hidden=False):
            share: dict[str, Bodies] = {}
            for node in bodies.nodes:
                share.setdefault(kinds[node], Bodies()).nodes.append(node)
            sizes = {kind: group.size(overlay) for kind, group in share.items()}
            ranked = sorted(sizes, key=lambda kind: -sizes[kind])
            told = ", ".join(f"{kind} {quantity(sizes[kind], 'B')}" for kind in ranked)
            yield finding(
                analysis, self.name, bodies, f"extras in Python packages: {told}", _fix(analysis, bodies, ranked)
            )


def _kinds(overlay: Overlay) -> dict[int, str]:
    """Every node of an extra, with its kind."""
    kinds: dict[int, str] = {}
    for root in named(overlay, *PACKAGE_FOLDERS):
        if any(overlay.names[above] in PACKAGE_FOLDERS for above in _above(overlay, root)):
            continue
        for package in overlay.children.get(root, {}).values():
            # A package may itself be called `tests` or `docs`: only what is inside of one is an extra.
            for node in below(overlay, overlay.children.get(package, {}).values()):
                if (kind := _kind(overlay, node, package)) and node not in kinds:
                    kinds[node] = kind
                    if overlay.children.get(node):
                        kinds |= dict.fromkeys(below(overlay, [node]), kind)
    return kinds


def _above(overlay: Overlay, node: int) -> Iterable[int]:
    while (node := overlay.parent[node]) > 0:
        yield node


def _kind(overlay: Overlay, node: int, package: int) -> str:
    name = overlay.names[node]
    if overlay.is_directory[node]:
        if name in _TEST_FOLDERS:
            return "tests"
        if name in _DOCUMENT_FOLDERS and overlay.parent[node] == package:
            return "documentation"
        return "headers" if name == "include" else ""
    by_ending: tuple[tuple[Callable[[str], bool], str], ...] = (
        (lambda text: text.endswith(_HEADERS), "headers"),
        (lambda text: text.endswith(_STATIC), "static libraries"),
        (lambda text: text.endswith(".pyi"), "stubs"),
    )
    return next((kind for fits, kind in by_ending if fits(name)), "")


_COMMANDS = {
    "tests": "-type d \\( -name tests -o -name test \\) -prune -exec rm -rf {} +",
    "documentation": "-mindepth 2 -maxdepth 2 -type d \\( -name docs -o -name doc -o -name examples \\) "
    "-prune -exec rm -rf {} +",
    "headers": "-type d -name include -prune -exec rm -rf {} +",
    "static libraries": "-name '*.a' -delete",
    "stubs": "-name '*.pyi' -delete",
}


def _fix(analysis: ImageAnalysis, bodies: Bodies, kinds: list[str]) -> str:
    overlay = analysis.overlay
    node = max(bodies.nodes, key=overlay.size)
    while node > 0 and overlay.names[node] not in PACKAGE_FOLDERS:
        node = overlay.parent[node]
    place = shlex.quote(f"/{overlay.path(node)}")
    commands = " && ".join(f"find {place} {_COMMANDS[kind]}" for kind in kinds)
    fix = run_with(analysis, bodies.layer, commands)
    return f"{fix}\nkeep torch/include where torch.compile is used" if "headers" in kinds else fix


CHECK = PackageExtras()
