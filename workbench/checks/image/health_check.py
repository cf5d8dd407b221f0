"""Whether the image tells how it is."""

from collections.abc import Iterable

from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding


class HealthCheck:
    """HEALTHCHECK lets an engine tell a service that hangs from one that works.

    Kubernetes uses probes of its own and ignores it. The check should be cheap: it runs every few seconds.
    """

    name = "health_check"
    title = "no HEALTHCHECK"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """That there is none; it matters more when the image serves on a port."""
        if analysis.index.healthcheck or not analysis.overlay.shipped_bytes:
            return
        ports = analysis.index.detail.exposed_ports
        port = ports[0].partition("/")[0] if ports else "8000"
        yield ImageFinding(
            self.name,
            "low" if ports else "info",
            f"there is no HEALTHCHECK, and the image serves on port {port}" if ports else "there is no HEALTHCHECK",
            "HEALTHCHECK --interval=30s --timeout=3s "
            f"CMD wget -q -O /dev/null http://127.0.0.1:{port}/health || exit 1",
        )


CHECK = HealthCheck()
