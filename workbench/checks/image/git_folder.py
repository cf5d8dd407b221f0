"""Git's own data in an image."""

from collections.abc import Iterable

from workbench.checks.evidence import Severity, below, by_size, finding, named, per_layer
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding


class GitFolder:
    """A .git folder holds every version of every file, and with them each secret that was ever committed."""

    name = "git_folder"
    title = ".git in the image"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes in each repository, live or removed later, by layer."""
        overlay = analysis.overlay
        repositories = [node for node in named(overlay, ".git") if "HEAD" in overlay.children.get(node, {})]
        for bodies in per_layer(analysis, below(overlay, repositories), 1):
            severity: Severity = "high" if by_size(bodies.size(overlay)) == "high" else "medium"
            fix = (
                "echo .git >> .dockerignore\na clone in a RUN: git clone --depth 1 … && rm -rf …/.git, in the same RUN"
            )
            message = "Git history, with all that was ever committed"
            yield finding(analysis, self.name, bodies, message, fix, severity=severity)


CHECK = GitFolder()
