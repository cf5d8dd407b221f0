"""Which line of a Dockerfile a builder's step is."""

from workbench.measure.dockerfile import Stage, all_steps, parse

_COUNTED = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})
"""What BuildKit counts as a step of a stage, beside its FROM."""


class DockerfileSteps:
    """The steps of one Dockerfile.

    Args:
        text: The whole file.
    """

    def __init__(self, text: str) -> None:
        self._stages = parse(text)
        self._lines = text.splitlines()

    def counted_line(self, stage: str, index: int, total: int) -> int | None:
        """The line of a stage's step as BuildKit numbers it, from 1 to `total`.

        A FROM is the first of them, unless it names another stage: then there is one fewer.
        """
        found = self._stage(stage)
        if found is None:
            return None
        counted = [step.line for step in found.steps if step.word in _COUNTED]
        place = index - 1 - (total - len(counted))
        return counted[place] if 0 <= place < len(counted) else None

    def every_line(self) -> list[int]:
        """The line of each instruction in the order of the file, FROM and all, as the classic builder counts."""
        own = [step.line for step in all_steps(self._stages)]
        bases = [number for number, line in enumerate(self._lines, 1) if line.upper().split()[:1] == ["FROM"]]
        return sorted({*own, *bases})

    def _stage(self, name: str) -> Stage | None:
        if not name:
            return self._stages[-1] if len(self._stages) == 1 else None
        for number, stage in enumerate(self._stages):
            if name.lower() in {stage.name, f"stage-{number}"}:
                return stage
        return None
