"""Caches of the package managers of Alpine, Fedora and openSUSE."""

from collections.abc import Iterable

from workbench.checks.evidence import below, finding, folders, per_layer, run_with
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

_CACHES = (
    (("var/cache/apk", "etc/apk/cache"), "apk", "rm -rf /var/cache/apk/*", "or install with: apk add --no-cache"),
    (("var/cache/yum", "var/cache/dnf", "var/cache/libdnf5"), "dnf", "dnf clean all && rm -rf /var/cache/dnf", ""),
    (("var/cache/zypp",), "zypper", "zypper clean --all", ""),
)


class SystemCaches:
    """apk, dnf, yum and zypper keep indexes and downloaded packages below /var/cache."""

    name = "system_caches"
    title = "apk, dnf and zypper caches"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes in each manager's cache, by layer."""
        overlay = analysis.overlay
        for places, manager, command, also in _CACHES:
            for bodies in per_layer(analysis, below(overlay, folders(overlay, *places))):
                fix = "\n".join(filter(None, (run_with(analysis, bodies.layer, command), also)))
                yield finding(analysis, self.name, bodies, f"indexes and packages that {manager} downloaded", fix)


CHECK = SystemCaches()
