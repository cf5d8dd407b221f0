"""Compilers in the image that is meant to run."""

import re
from collections.abc import Iterable

from workbench.checks.dockerfile_check import DockerfileSituation
from workbench.checks.evidence import some
from workbench.checks.installs import install_of
from workbench.measure.dockerfile_words import is_apt
from workbench.measure.text import printable
from workbench.model.dockerfile_findings import DockerfileFinding

_TOOL = re.compile(
    r"build-essential|build-base|(?:gcc|g\+\+|gfortran|clang|llvm)(?:-?[\d.]+)?|make|cmake|ninja-build|autoconf|automake"
    r"|libtool|pkg-config|pkgconf|git|mercurial|subversion|swig|bison|flex|rustc|cargo|golang(?:-go)?|gcc-c\+\+"
    r"|linux-headers(?:-[\w.]+)?|(?:lib|python|musl|postgresql|zlib|openssl)[\w.+-]*-(?:dev|devel)",
    re.ASCII,
)


class BuildTools:
    """Compilers, headers and git are needed to build, not to run.

    A stage of its own holds them and hands over the result.
    """

    name = "build_tools"
    title = "build tools in the last stage"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        for step, commands in situation.runs(final_only=True):
            removed = any(is_apt(command, verb) for command in commands for verb in ("purge", "remove", "autoremove"))
            removed |= any(command.program == "apk" and "del" in command.operands()[:1] for command in commands)
            found = [install for command in commands if (install := install_of(command)) is not None]
            tools = [
                name
                for install in found
                if install.installer in ("apt", "apk", "dnf")
                for name in install.packages
                if _TOOL.fullmatch(name)
            ]
            if tools and not removed:
                yield situation.finding(
                    self.name,
                    "medium",
                    step.line,
                    f"build tools become a part of the image: {printable(some(tools))}",
                    "install and build in a stage of its own (FROM … AS build), and COPY --from=build what came of it",
                )


CHECK = BuildTools()
