"""Sources that are copied before the dependencies are installed."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import BRIEF_SECONDS, DockerfileSituation
from workbench.checks.installs import Install, install_of
from workbench.measure.dockerfile import Step
from workbench.measure.dockerfile_words import commands_of, copy_words
from workbench.measure.rebuild.context_files import relative
from workbench.measure.text import printable
from workbench.measure.units import duration
from workbench.model.dockerfile_findings import DockerfileFinding


class CopyBeforeInstall:
    """A COPY of the whole folder changes with every source file, and every step below it then runs again.

    Copy the list of dependencies alone, install, and copy the sources last: the installation comes from the cache.
    """

    name = "copy_before_install"
    title = "sources before dependencies"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for place in sorted(situation.needed):
            swept = 0
            for step in situation.stages[place].own_steps:
                if step.word in ("COPY", "ADD") and is_sweeping(step):
                    swept = swept or step.line
                elif step.word == "RUN" and swept:
                    found = [install for command in commands_of(step) if (install := install_of(command)) is not None]
                    if found and not any(install.needs_sources for install in found):
                        yield _finding(situation, swept, step, found[0])


def is_sweeping(step: Step) -> bool:
    """Whether a COPY takes the whole context."""
    words = copy_words(step)
    return not words.from_ and any(relative(source) == "." for source in words.sources)


def _finding(situation: DockerfileSituation, swept: int, step: Step, install: Install) -> DockerfileFinding:
    seconds = situation.seconds(step.line)
    cost = f", {duration(seconds)} each time" if seconds is not None else ""
    if install.manifest:
        fix = f"COPY {printable(install.manifest)} alone before line {step.line}, and move line {swept} below it"
    else:
        fix = f"move line {swept} below line {step.line}"
    slight = seconds is not None and seconds < BRIEF_SECONDS
    message = (
        f"the whole folder is copied before {install.installer} installs in line {step.line}, "
        f"so that any change of a file installs everything again{cost}"
    )
    return DockerfileFinding(CHECK.name, "low" if slight else "high", swept, message, fix, seconds, None)


CHECK = CopyBeforeInstall()
