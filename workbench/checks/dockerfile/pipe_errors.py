"""A failure that a pipe hides."""

import re
from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.model.dockerfile_findings import DockerfileFinding

_PIPED = re.compile(r"\b(?:curl|wget)\b(?:(?!\b(?:curl|wget)\b)[^|;&\n])*+\|(?!\|)")
"""The last of the downloads before a pipe is the one that is found, so that no part of a text is read twice."""


class PipeErrors:
    """The shell looks only at the last command of a pipe: a step whose download failed is a success, and cached."""

    name = "pipe_errors"
    title = "pipes without pipefail"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for place in sorted(situation.needed):
            safe = False
            for step in situation.stages[place].own_steps:
                safe |= step.word == "SHELL" and "pipefail" in step.rest
                text = "\n".join((step.rest, *step.heredocs))
                if step.word == "RUN" and not safe and "pipefail" not in text and _PIPED.search(text):
                    yield situation.finding(
                        self.name,
                        "low",
                        step.line,
                        "when the download in this pipe fails, the step succeeds all the same and is cached",
                        'put SHELL ["/bin/bash", "-o", "pipefail", "-c"] before it, or download to a file first',
                    )


CHECK = PipeErrors()
