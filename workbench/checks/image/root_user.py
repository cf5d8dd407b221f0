"""Whether containers run as root."""

from collections.abc import Iterable

from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding


class RootUser:
    """Without USER a container runs as root. Whoever breaks out of the service is root on what is mounted, too."""

    name = "root_user"
    title = "runs as root"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The image's user, when it is root."""
        user = analysis.index.detail.user
        if user.partition(":")[0].strip() in ("", "root", "0"):
            alpine = analysis.overlay.find("etc/alpine-release") is not None
            add = "adduser -D -u 10001 app" if alpine else "useradd --no-log-init --uid 10001 app"
            yield ImageFinding(
                self.name,
                "medium",
                f"containers run as root: {'USER is ' + user if user else 'there is no USER'}",
                f"RUN {add}\nUSER 10001\nand copy files with their owner: COPY --chown=10001 …",
            )


CHECK = RootUser()
