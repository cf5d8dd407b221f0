"""Temporary files, logs and downloaded archives."""

from collections.abc import Iterable

from workbench.checks.evidence import LOW_BYTES, below, finding, folders, per_layer, run_with
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst", ".zip", ".run", ".deb", ".rpm")


class Leftovers:
    """What installers leave in /tmp and /var/log, and archives that were unpacked and not deleted.

    /var/log/lastlog is told by its apparent size: a user with a high number makes it gigabytes of nothing, which ship
    compressed and unpack slowly; `useradd --no-log-init` keeps it small.
    """

    name = "leftovers"
    title = "temporary files, logs and archives"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes of each, by layer."""
        overlay = analysis.overlay
        for bodies in per_layer(analysis, below(overlay, folders(overlay, "tmp", "var/tmp")), LOW_BYTES):
            fix = run_with(analysis, bodies.layer, "rm -rf /tmp/* /var/tmp/*")
            fix += "\nor keep it out of the layer: RUN --mount=type=tmpfs,target=/tmp …"
            yield finding(analysis, self.name, bodies, "temporary files", fix)
        for bodies in per_layer(analysis, below(overlay, folders(overlay, "var/log")), LOW_BYTES):
            fix = run_with(analysis, bodies.layer, "rm -rf /var/log/*")
            yield finding(
                analysis, self.name, bodies, "logs of the build", f"{fix}\nuseradd --no-log-init … for lastlog"
            )
        places = below(overlay, folders(overlay, "root/*", "opt/*", "app/*", "src/*", "usr/src/*", "home/*/*", "*"))
        archives = [
            node
            for node in places
            if overlay.names[node].endswith(_ARCHIVES)
            and overlay.names[overlay.parent[node]] in ("", "root", "opt", "app", "src", "downloads")
        ]
        for bodies in per_layer(analysis, archives, LOW_BYTES):
            fix = "unpack while downloading, in one RUN: curl -fsSL URL | tar -xz -C /opt"
            yield finding(analysis, self.name, bodies, "archives, left after they were unpacked", fix)


CHECK = Leftovers()
