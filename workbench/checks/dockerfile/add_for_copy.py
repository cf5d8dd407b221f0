"""ADD where COPY would do, or a download that the cache cannot judge."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile_words import copy_words
from workbench.measure.rebuild.stages import ELSEWHERE
from workbench.measure.text import printable, shorten
from workbench.model.dockerfile_findings import DockerfileFinding

_PACKED = (".tar", ".gz", ".tgz", ".bz2", ".tbz", ".tbz2", ".xz", ".txz", ".zst")


class AddForCopy:
    """ADD unpacks archives and fetches URLs.

    For plain files COPY says what is meant.

    A URL is fetched at each build to see whether it changed, and what was fetched stays in the image with the
    layer.
    """

    name = "add_for_copy"
    title = "ADD"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for _, step in situation.built_steps():
            if step.word != "ADD":
                continue
            words = copy_words(step)
            away = [source for source in words.sources if source.startswith(ELSEWHERE)]
            packed = any(source.endswith(_PACKED) or "$" in source or "*" in source for source in words.sources)
            if away and not any(name == "checksum" for name, _ in words.flags):
                yield situation.finding(
                    self.name,
                    "medium",
                    step.line,
                    f"ADD fetches {printable(shorten(away[0], 80))} at every build, and nothing checks what it gets",
                    "add --checksum=sha256:…, or fetch, check, use and delete it in one RUN with curl",
                )
            elif words.sources and not away and not packed:
                yield situation.finding(
                    self.name,
                    "low",
                    step.line,
                    "ADD copies plain files, for which COPY is meant",
                    "write COPY instead of ADD",
                )


CHECK = AddForCopy()
