"""A base image that is another one tomorrow."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile import stage_of
from workbench.measure.text import printable
from workbench.model.dockerfile_findings import DockerfileFinding


class BaseTag:
    """Without a tag, or with `latest`, the base changes under the Dockerfile.

    Builds differ, and nobody knows since when.
    """

    name = "base_tag"
    title = "no pinned base"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for place in sorted(situation.needed):
            stage = situation.stages[place]
            image = stage.image
            named = stage_of(situation.stages, image, place) is not None
            if named or image.lower() in ("", "scratch") or "$" in image or "@" in image:
                continue
            name, colon, tag = image.rpartition("/")[2].partition(":")
            if not colon or tag == "latest":
                what = "has no tag" if not colon else "is latest"
                yield situation.finding(
                    self.name,
                    "medium",
                    stage.origin.line,
                    f"the base image {printable(image)} {what}, so that it is another one from day to day",
                    f"name a version: FROM {printable(name)}:1.2.3, or pin its digest: FROM {printable(name)}@sha256:…",
                )


CHECK = BaseTag()
