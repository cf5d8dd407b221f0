"""Secrets in an image's environment, labels and history."""

import shlex
from collections.abc import Iterable

from workbench.checks.evidence import some
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.secrets import MASK, is_secret_name
from workbench.model.image_index import ImageFinding


class SecretSettings:
    """Whoever can pull an image can read its environment and every instruction of its history, ARG values included.

    Values are masked here; the names are enough to find them.
    """

    name = "secret_settings"
    title = "secrets in ENV and history"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """Variables and labels with a secret's name or value, and instructions that hold a secret."""
        detail = analysis.index.detail
        variables = [name for name, value in detail.environment if value and (is_secret_name(name) or MASK in value)]
        if variables:
            yield ImageFinding(
                self.name,
                "high",
                f"the image sets {some(variables)} in its environment, with a value (masked here)",
                f"revoke it, drop the ENV, and give it when a container starts: docker run -e {_word(variables[0])} …",
            )
        labels = [name for name, value in analysis.index.labels if value and (is_secret_name(name) or MASK in value)]
        if labels:
            yield ImageFinding(
                self.name, "medium", f"the image has labels that hold secrets: {some(labels)}", "drop the LABEL"
            )
        for row in detail.layers:
            if MASK in row.instruction and not row.instruction.startswith(("ENV ", "LABEL ")):
                yield ImageFinding(
                    self.name,
                    "high",
                    "an instruction of the history holds a secret (masked here)",
                    "revoke it; at build time use: RUN --mount=type=secret,id=token …",
                    layer=row.index,
                    instruction=row.instruction,
                )


def _word(name: str) -> str:
    return shlex.quote(name)


CHECK = SecretSettings()
