"""Commands of a RUN that install packages, whatever installs them."""

from dataclasses import dataclass
from typing import Literal

from workbench.measure.dockerfile_words import Command, is_apt, packages_installed, pip_words

Installer = Literal["apt", "apk", "dnf", "pip", "conda", "npm", "poetry", "uv", "pipenv", "go", "cargo", "bundler"]

CACHES: dict[Installer, str] = {
    "apt": (
        "--mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked"
    ),
    "pip": "--mount=type=cache,target=/root/.cache/pip",
    "npm": "--mount=type=cache,target=/root/.npm",
    "poetry": "--mount=type=cache,target=/root/.cache/pypoetry",
    "uv": "--mount=type=cache,target=/root/.cache/uv",
    "pipenv": "--mount=type=cache,target=/root/.cache/pipenv",
    "go": "--mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build",
    "cargo": "--mount=type=cache,target=/usr/local/cargo/registry",
}
"""The mount that keeps what each downloads from one build to the next."""

_TAKES_A_VALUE = frozenset(("-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f", "--find-links"))
_TAKES_A_VALUE |= frozenset(("-t", "--target", "--prefix", "--root", "--platform", "--python-version", "--only-binary"))
_TAKES_A_VALUE |= frozenset(
    ("--no-binary", "--trusted-host", "--progress-bar", "--timeout", "--retries", "--cache-dir")
)


@dataclass(frozen=True, slots=True)
class Install:
    """One command that installs."""

    installer: Installer
    packages: tuple[str, ...]
    """Named in the command itself."""
    manifest: str
    """The file that lists what to install; empty when none is named or implied."""
    needs_sources: bool = False
    """Whether it installs the project itself, so that sources have to be there."""


def install_of(command: Command) -> Install | None:
    """What a command installs; `None` when it installs nothing."""
    words, program = command.operands(), command.program
    first = words[0] if words else ""
    if is_apt(command, "install"):
        return Install("apt", packages_installed(command), "")
    if program == "apk" and first == "add":
        return Install("apk", words[1:], "")
    if program in ("dnf", "yum", "microdnf") and first == "install":
        return Install("dnf", words[1:], "")
    told = pip_words(command)
    if told is not None:
        return _pip(told)
    if program in ("conda", "mamba", "micromamba") and ("install" in words[:2] or "update" in words[:2]):
        return Install("conda", words[1:], "environment.yml" if words[:2] == ("env", "update") else "")
    return _from_a_manifest(program, first)


def _pip(words: tuple[str, ...]) -> Install:
    packages, manifest, sources, at = [], "", False, 0
    while at < len(words):
        word = words[at]
        value = words[at + 1] if at + 1 < len(words) else ""
        at += 1
        if word in ("-r", "--requirement"):
            manifest, at = manifest or value, at + 1
        elif (word.startswith(("-r", "--requirement=")) and not word.startswith("--r")) or word.startswith(
            "--requirement="
        ):
            manifest = manifest or word.partition("=")[2] or word[2:]
        elif word in ("-e", "--editable"):
            sources, at = True, at + 1
        elif word in _TAKES_A_VALUE:
            at += 1
        elif word.startswith((".", "/")):
            sources = True
        elif not word.startswith("-"):
            packages.append(word)
    return Install("pip", tuple(packages), manifest, sources)


def _from_a_manifest(program: str, verb: str) -> Install | None:
    known: dict[tuple[str, str], tuple[Installer, str]] = {
        ("npm", "ci"): ("npm", "package-lock.json"),
        ("npm", "install"): ("npm", "package.json"),
        ("yarn", "install"): ("npm", "yarn.lock"),
        ("pnpm", "install"): ("npm", "pnpm-lock.yaml"),
        ("poetry", "install"): ("poetry", "poetry.lock"),
        ("uv", "sync"): ("uv", "uv.lock"),
        ("pipenv", "install"): ("pipenv", "Pipfile.lock"),
        ("pipenv", "sync"): ("pipenv", "Pipfile.lock"),
        ("go", "mod"): ("go", "go.mod"),
        ("cargo", "fetch"): ("cargo", "Cargo.lock"),
        ("bundle", "install"): ("bundler", "Gemfile.lock"),
    }
    found = known.get((program, verb))
    return None if found is None else Install(found[0], (), found[1])
