"""Packages whose version the day decides."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.checks.evidence import some
from workbench.checks.installs import install_of
from workbench.measure.text import printable
from workbench.model.dockerfile_findings import DockerfileFinding


class PipUnpinned:
    """pip takes the newest version that there is when the step runs, which is when the cache happens to miss."""

    name = "pip_unpinned"
    title = "packages without a version"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for step, commands in situation.runs():
            for command in commands:
                install = install_of(command)
                if install is None or install.installer != "pip":
                    continue
                loose = [name for name in install.packages if not set(name) & set("=<>~@$/{")]
                loose = [name for name in loose if name not in ("pip", "setuptools", "wheel")]
                if loose and not any(word.startswith(("-c", "--constraint")) for word in command.options()):
                    yield situation.finding(
                        self.name,
                        "low",
                        step.line,
                        f"pip takes whatever version of {printable(some(loose))} is newest when the step happens to "
                        "run",
                        "name versions (package==1.2.3), or install from a list with them: pip install -r "
                        "requirements.txt",
                    )


CHECK = PipUnpinned()
