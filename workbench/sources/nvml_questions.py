"""Questions to NVML, where no answer is an answer: what a chip, a driver or this user has not is `None`."""

from typing import Any

from workbench.sources.nvml_problems import FUNCTION_NOT_FOUND, REFUSALS, WHOLE_DRIVER, WHOLE_GPU

Absent = set[tuple[str, bool]]
"""Functions that the driver's library lacks, so that they are not looked up again: name, and whether versioned."""


class Questions:
    """Questions to one GPU in one reading.

    Args:
        nvml: The module `pynvml`, initialised.
        absent: Shared by all questions to one driver; filled here.
    """

    def __init__(self, nvml: Any, absent: Absent) -> None:  # noqa: ANN401  pynvml has no types
        self.nvml = nvml
        self._absent = absent
        self.answers = 0
        """How many came back."""
        self.refusal = 0
        """The last return code that says more than "this chip has no such figure"."""
        self.code = 0
        """The return code of the newest question."""

    def ask(self, function: str, *arguments: Any, **more: Any) -> Any:  # noqa: ANN401  pynvml has no types
        """What a function of pynvml gives, or `None`.

        Raises:
            pynvml.NVMLError: when the driver or the whole GPU is gone.
        """
        key = (function, bool(more))
        self.code = FUNCTION_NOT_FOUND
        if key in self._absent:
            return None
        call = getattr(self.nvml, function, None)
        if call is None:
            self._absent.add(key)
            return None
        try:
            answer = call(*arguments, **more)
        except self.nvml.NVMLError as error:
            self.code = error.value
            if self.code in WHOLE_DRIVER | WHOLE_GPU:
                raise
            if self.code == FUNCTION_NOT_FOUND:
                self._absent.add(key)
            elif self.code in REFUSALS:
                self.refusal = self.code
            return None
        self.code = 0
        self.answers += 1
        return answer

    def figure(self, function: str, *arguments: Any) -> float | None:  # noqa: ANN401  pynvml has no types
        """A number, or `None`."""
        answer = self.ask(function, *arguments)
        return None if answer is None else float(answer)

    def whole(self, function: str, *arguments: Any) -> int | None:  # noqa: ANN401  pynvml has no types
        """A whole number, or `None`."""
        answer = self.ask(function, *arguments)
        return None if answer is None else int(answer)

    def text(self, function: str, *arguments: Any) -> str:  # noqa: ANN401  pynvml has no types
        """A string, empty when there is none."""
        try:
            answer = self.ask(function, *arguments)
        except UnicodeDecodeError:  # some drivers return garbage for a GPU they only half know
            return ""
        return answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer or "")


def scaled(value: float | None, factor: float) -> float | None:
    """A figure in another unit; what was not measured stays so."""
    return None if value is None else value * factor
