"""Whether the image's name says which version it is."""

from collections.abc import Iterable

from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding


class LatestTag:
    """`latest` means another image tomorrow: nobody can tell what ran, nor go back to it."""

    name = "latest_tag"
    title = "only tagged latest"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """That every name of the image ends in `latest`, or that its base's does."""
        references = [name for name in analysis.index.detail.references if "@" not in name]
        if references and all(_is_latest(name) for name in references):
            name = references[0].removesuffix(":latest")
            yield ImageFinding(
                self.name,
                "low",
                f"the image has no other tag than {references[0]}",
                f"docker build -t {name}:$(git describe --always) …",
            )
        base = analysis.base.name
        if base and "@" not in base and _is_latest(base):
            yield ImageFinding(
                self.name,
                "low",
                f"its base image is {base}: the next build may stand on another one",
                f"FROM {base.removesuffix(':latest')}:VERSION",
            )


def _is_latest(reference: str) -> bool:
    last = reference.rpartition("/")[2]
    return last.endswith(":latest") or ":" not in last


CHECK = LatestTag()
