"""A program that signals do not reach."""

import json
import re
from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.measure.dockerfile_words import json_form
from workbench.model.dockerfile_findings import DockerfileFinding

_PLAIN = re.compile(r"[\w./:=,@+-]+", re.ASCII)
_MOST_WORDS = 12


class ShellForm:
    """`CMD python app.py` runs a shell that runs the program.

    A shell that stays gets SIGTERM and does not pass it on: `docker stop` takes its ten seconds, kills, and loses
    what was under way.
    """

    name = "shell_form"
    title = "shell form"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        last = {step.word: step for step in situation.final_steps() if step.word in ("CMD", "ENTRYPOINT")}
        for step in last.values():
            if step.word == "CMD" and "ENTRYPOINT" in last and json_form(last["ENTRYPOINT"]) is None:
                continue  # it is not used at all
            text = step.rest.strip()
            if text and json_form(step) is None and not text.startswith("exec "):
                pasted = _json_form(text)
                yield situation.finding(
                    self.name,
                    "medium",
                    step.line,
                    f"{step.word} runs through a shell, which may keep SIGTERM from the program: stopping then takes "
                    "ten seconds and kills it",
                    f"write {step.word} {pasted}" if pasted else "write the JSON form, or begin with exec",
                )


def _json_form(text: str) -> str:
    """The same without a shell, where it needs none; else empty."""
    words = text.split()
    if len(words) > _MOST_WORDS or not all(_PLAIN.fullmatch(word) for word in words):
        return ""
    return json.dumps(words)


CHECK = ShellForm()
