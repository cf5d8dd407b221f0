"""Compilers and headers in the image that is meant to run."""

import re
from collections.abc import Iterable

from workbench.checks.evidence import Bodies, below, finding, folders, packages_by_layer, per_layer, some
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

_TOOL = re.compile(
    r"(?:gcc|g\+\+|cpp|gfortran|gdc|gobjc|clang|llvm|rustc|cargo|golang|ghc)(?:-?[\d.]+)?(?:-x86-64-linux-gnu|-aarch64-"
    r"linux-gnu)?|(?:binutils|binutils-x86-64-linux-gnu|binutils-aarch64-linux-gnu|build-essential|build-base|make|cmake"
    r"|cmake-data|ninja-build|autoconf|automake|libtool|m4|bison|flex|patch|pkg-config|pkgconf|dpkg-dev|git|git-man"
    r"|mercurial|subversion|swig|gdb|strace|linux-headers|linux-libc-dev|gcc-c\+\+|fakeroot)"
    r"|lib(?:gcc|stdc\+\+|gfortran|objc)-[\d.]+-dev|libc-dev-bin|libc6-dev|musl-dev|[\w.+-]+-(?:dev|devel|headers)"
    r"|cuda-(?:nvcc|compiler|command-line-tools|minimal-build)[\w.-]*",
    re.ASCII,
)
_FALLBACK = ("usr/lib/gcc", "usr/libexec/gcc", "usr/local/cuda/nvvm", "usr/local/cuda-*/nvvm")


class BuildTools:
    """Compilers, make, git and -dev packages are needed to build, not to run.

    A builder stage holds them and hands over what it built; the final stage starts from a small base again.
    """

    name = "build_tools"
    title = "build tools in the final image"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The system packages that are tools, by the layer that brought them; without a package list, gcc itself."""
        overlay = analysis.overlay
        tools = [
            place
            for place, package in enumerate(analysis.packages)
            if package.manager in ("deb", "rpm", "apk") and _TOOL.fullmatch(package.name)
        ]
        for layer, places, nodes in packages_by_layer(analysis, tools):
            counted = per_layer(analysis, nodes, with_hidden=False)
            if not counted:
                continue
            bodies = Bodies(layer, [node for group in counted for node in group.nodes])
            told = some([analysis.packages[place].name for place in places])
            yield finding(analysis, self.name, bodies, f"build tools: {told}", _fix(analysis, layer))
        if not any(package.manager in ("deb", "rpm", "apk") for package in analysis.packages):
            for bodies in per_layer(analysis, below(overlay, folders(overlay, *_FALLBACK)), with_hidden=False):
                yield finding(analysis, self.name, bodies, "a compiler's own files", _fix(analysis, bodies.layer))


def _fix(analysis: ImageAnalysis, layer: int | None) -> str:
    if layer is not None and analysis.is_base(layer):
        return "a slim variant of the base has none of them; what needs building is built in a stage from the full one"
    return (
        "build in a stage of its own and copy the result:\n"
        "FROM python:3.12 AS build\n"
        "RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r requirements.txt\n"
        "FROM python:3.12-slim\n"
        "COPY --from=build /venv /venv"
    )


CHECK = BuildTools()
