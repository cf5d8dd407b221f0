"""Whether a RUN may stand above a COPY without changing the image.

It may when each of its commands is one of which it is known what it reads and writes: apt-get, apk and pip install from
indexes into the system's own folders. Then nothing of what a COPY puts into another folder matters to it, but for the
lists of requirements that it names, which are copied first; and nothing that it writes is overwritten.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from posixpath import join, normpath

from workbench.measure.dockerfile import Step
from workbench.measure.dockerfile_words import Command, commands_of, json_form, mounts_of, pip_words

ReadFile = Callable[[str], str | None]
"""The text of a file of the context; `None` when it cannot be read."""

_SYSTEM = frozenset(
    ("bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "root", "run", "sbin", "sys", "tmp", "var")
)
_SHELL = re.compile(r"[`<>$*?~]")
"""What the shell reads, or writes where it is: substitutions, redirections, patterns."""
_HARMLESS = re.compile(
    r"--mount=\S+|>\s*/dev/null|2>&1|'[^']*'|\"[^\"$`\\]*\"|/var/(?:lib/apt/lists|cache/apt(?:/archives)?)/[\w.]*\*(?=[\s;&]|$)"
)
"""Flags, quoted words, and the patterns with which apt's leftovers are deleted."""
_APT = frozenset(("update", "install", "clean", "autoclean"))
_IDLE = frozenset(("set", "sleep", "true", ":", "echo"))
"""What neither reads nor writes a file, as long as nothing is redirected."""
_REMOVED = ("/var/lib/apt/lists", "/var/cache/apt", "/root/.cache")
_FLAGS = frozenset(
    (
        *("--no-cache-dir", "--no-compile", "--quiet", "-q", "-qq", "--upgrade", "-U", "--no-deps", "--prefer-binary"),
        *("--disable-pip-version-check", "--no-input", "--pre", "--require-hashes", "--break-system-packages"),
        *("--root-user-action=ignore", "--no-warn-script-location", "-v"),
    )
)
_WITH_URL = frozenset(("-i", "--index-url", "--extra-index-url", "--trusted-host", "--timeout", "--retries"))
_PACKAGE = re.compile(
    r"[A-Za-z0-9][\w.-]*(?:\[[\w.,\s-]*\])?\s*"
    r"(?:(?:[=<>!~]=?=?|;)[^/\\]*|@\s*https?://[^\s;]*(?:\s*;[^/\\]*)?)?",
    re.ASCII,
)
_IN_A_LIST = re.compile(r"--(?:hash|index-url|extra-index-url|trusted-host|prefer-binary|pre|only-binary|no-binary)\b")


@dataclass(frozen=True, slots=True)
class Movable:
    """That a RUN may be moved, or why not."""

    manifests: tuple[str, ...] = ()
    """The files that it reads, as it names them."""
    obstacle: str = ""
    """Why it may not be moved; empty when it may."""


def movable(step: Step) -> Movable:
    """Whether a RUN reads and writes only what is known."""
    if json_form(step) is not None or step.heredocs or _SHELL.search(_in_doubt(step)):
        return Movable(obstacle="it uses the shell in ways of which it cannot be told what they read")
    if any(mount.kind == "bind" or mount.from_ for mount in mounts_of(step)):
        return Movable(obstacle="it mounts files")
    manifests: list[str] = []
    commands = commands_of(step)
    for command in commands:
        told = _of(command)
        if told is None:
            return Movable(obstacle=f"it runs {' '.join(command.words[:2])}, of which it cannot be told what it reads")
        manifests += told
    return Movable(tuple(dict.fromkeys(manifests))) if commands else Movable(obstacle="it runs nothing that is known")


def is_plain_list(text: str | None) -> bool:
    """Whether a list of requirements names packages of an index alone: no other file, no folder, no variable."""
    if text is None:
        return False
    for line in text.replace("\\\n", " ").splitlines():
        wanted = re.sub(r"(?:^|\s)#.*", "", line).strip()
        if not wanted or _IN_A_LIST.match(wanted):
            continue
        wanted = re.sub(r"\s--hash=\S+", "", wanted)
        if "${" in wanted or "file:" in wanted or not _PACKAGE.fullmatch(wanted):
            return False
    return True


def is_apart(folder: str) -> bool:
    """Whether what is copied into a folder cannot meet what an installation reads or writes."""
    parts = [part for part in normpath(folder).split("/") if part]
    if not folder.startswith("/") or not parts or parts[0] in _SYSTEM:
        return False
    return parts[0] != "usr" or parts[1:2] == ["src"]


def place_of(name: str, directory: str | None) -> str | None:
    """A path in the image; `None` when it depends on a folder that is not known."""
    if name.startswith("/"):
        return normpath(name)
    return None if directory is None else normpath(join(directory, name))


def _in_doubt(step: Step) -> str:
    return _HARMLESS.sub(" ", step.rest)


def _of(command: Command) -> list[str] | None:
    """The lists that a command reads; `None` when it is none that is known."""
    operands = command.operands()
    if command.words[0] in ("apt-get", "apt"):
        plain = all(not word.startswith((".", "/")) for word in operands)
        return [] if operands[:1] and operands[0] in _APT and plain else None
    if command.words[0] == "apk":
        return [] if operands[:1] == ("add",) and all(not word.startswith((".", "/")) for word in operands) else None
    if command.words[0] == "rm":
        return [] if operands and all(word.startswith(_REMOVED) and ".." not in word for word in operands) else None
    if command.words[0] in _IDLE:
        return []
    told = pip_words(command) if re.fullmatch(r"pip[\d.]*", command.words[0]) else None
    return None if told is None else _pip(told)


def _pip(words: tuple[str, ...]) -> list[str] | None:
    manifests, at = [], 0
    while at < len(words):
        word, value = words[at], words[at + 1] if at + 1 < len(words) else ""
        at += 1
        if word in ("-r", "--requirement", "-c", "--constraint"):
            manifests.append(value)
            at += 1
        elif word in _WITH_URL:
            if not re.match(r"https?://|[\w.:-]+$", value):
                return None
            at += 1
        elif word.startswith(("--index-url=http", "--extra-index-url=http", "--trusted-host=")) or word in _FLAGS:
            continue
        elif word.startswith("-") or not _PACKAGE.fullmatch(word):
            return None
    return manifests if all(manifests) and not any("://" in name for name in manifests) else None
