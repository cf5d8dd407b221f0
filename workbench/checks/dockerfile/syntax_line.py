"""A frontend that is fetched for every build."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile import directives
from workbench.measure.text import printable, shorten
from workbench.model.dockerfile_findings import DockerfileFinding


class SyntaxLine:
    """`# syntax=` has BuildKit fetch the named frontend.

    That takes a registry, and a second or two even when it is there.
    """

    name = "syntax_line"
    title = "# syntax"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        frontend = directives(situation.text).get("syntax")
        if frontend and situation.builder == "buildx":
            yield situation.finding(
                self.name,
                "info",
                1,
                f"BuildKit asks a registry for {printable(shorten(frontend, 60))} at each build, and cannot build "
                "without one",
                "delete the line where the builder's own frontend will do: BuildKit has known here-documents and "
                "mounts since 0.10",
            )


CHECK = SyntaxLine()
