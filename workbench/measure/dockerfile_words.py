"""What one instruction says: its flags, what a COPY copies, what a RUN mounts and which commands it runs."""

import json
import re
import shlex
from dataclasses import dataclass
from functools import lru_cache

from workbench.measure.dockerfile import Step

_FLAG = re.compile(r"--(?P<name>[a-z][\w-]*)(?:=(?P<value>\"[^\"]*\"|\S*))?(?:\s+|$)")
_WORD = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+""", re.DOTALL)
_ENDS = frozenset({"&&", "||", ";", "|", "&", "(", ")", ";;", "|&", "{", "}"})
_BEFORE = frozenset(
    {"sudo", "exec", "time", "then", "do", "else", "if", "while", "until", "!", "command", "env", "nice", "eatmydata"}
)
_SETS = re.compile(r"[A-Za-z_]\w*=")
_TO_ANOTHER = re.compile(r"(?:(?<!\d)\d++)?>&(?:\d++|-)|&>(?=\s|/)")
_REDIRECTION = re.compile(r"\d*(?:>>?\|?|<)(?P<file>.*)")
_HEREDOC_MARK = re.compile(r"""(?:(?<!\d)\d++)?<<-?["']?[\w.-]+["']?""")
_QUOTING = re.compile(r"[\"'\\]")
_SHEBANG = re.compile(r"#!")
_MOST_COMMANDS = 500
_LONGEST = 200_000
_LONGEST_NAME = 8192
"""No file has a longer one, and taking quotes off one takes time by the square of it."""


@dataclass(frozen=True, slots=True)
class CopyWords:
    """A COPY or ADD."""

    sources: tuple[str, ...]
    """As written; here-documents are none of them."""
    destination: str
    from_: str
    """The stage or image that it copies from; empty for the context."""
    flags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Mount:
    """A `--mount` of a RUN."""

    kind: str
    """`bind`, `cache`, `secret`, `ssh`, `tmpfs`."""
    target: str
    source: str
    from_: str


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command of a RUN, its words without quotes."""

    words: tuple[str, ...]

    @property
    def program(self) -> str:
        """Its name without the folder."""
        return self.words[0].rpartition("/")[2] if self.words else ""

    def options(self) -> frozenset[str]:
        """Everything that begins with a dash."""
        return frozenset(word for word in self.words[1:] if word.startswith("-"))

    def operands(self) -> tuple[str, ...]:
        """Everything else."""
        return tuple(word for word in self.words[1:] if not word.startswith("-"))


def flags_of(step: Step) -> tuple[tuple[tuple[str, str], ...], str]:
    """The flags of an instruction, `--name=value`, and what follows them."""
    at, flags = 0, []
    while found := _FLAG.match(step.rest, at):
        flags.append((found["name"], (found["value"] or "").strip('"')))
        at = found.end()
    return tuple(flags), step.rest[at:]


def flag(step: Step, name: str) -> str:
    """The value of one flag; empty when it is not there."""
    return next((value for key, value in flags_of(step)[0] if key == name), "")


def json_form(step: Step) -> list[str] | None:
    """The words of the JSON form (`["a", "b"]`); `None` for the shell's form."""
    text = flags_of(step)[1].strip()
    if not text.startswith("["):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and all(isinstance(word, str) for word in found) else None


def copy_words(step: Step) -> CopyWords:
    """What a COPY or ADD copies, and to where."""
    flags, text = flags_of(step)
    words = json_form(step)
    if words is None:
        words = [_unquoted(word) for word in _WORD.findall(text)]
    if step.heredocs:
        words = [word for word in words if not word.startswith("<<")]
        sources, destination = words[:-1], words[-1] if words else ""
    else:
        sources, destination = words[:-1], words[-1] if len(words) > 1 else ""
    origin = next((value for name, value in flags if name == "from"), "")
    return CopyWords(tuple(sources), destination, origin, flags)


def mounts_of(step: Step) -> tuple[Mount, ...]:
    """What a RUN mounts."""
    found = []
    for name, value in flags_of(step)[0]:
        if name == "mount":
            told = {key.lower(): given for key, _, given in (part.partition("=") for part in value.split(","))}
            target = told.get("target") or told.get("dst") or told.get("destination") or ""
            source = told.get("source") or told.get("src") or ""
            found.append(Mount(told.get("type") or "bind", target, source, told.get("from") or ""))
    return tuple(found)


@lru_cache(maxsize=256)
def commands_of(step: Step) -> tuple[Command, ...]:
    """The simple commands of a RUN in their order, whatever joins them; at most 500.

    A here-document is a script when nothing but its mark follows RUN, or a shell.
    """
    words = json_form(step)
    if words is not None:
        if len(words) == 3 and words[0].rpartition("/")[2] in ("sh", "bash", "dash", "ash") and "c" in words[1]:
            return _commands(words[2])
        return (Command(tuple(words)),) if words else ()
    text = flags_of(step)[1]
    if not step.heredocs:
        return _commands(text)
    before = text.strip()
    if re.fullmatch(r"""(?:(?:/\w+)*/?(?:ba|da|a)?sh\s+)?\d*<<-?["']?[\w.-]+["']?""", before):
        script = step.heredocs[0]
        first = script.split("\n", 1)[0]
        return () if _SHEBANG.match(first) and not re.search(r"sh\b", first) else _commands(script)
    return _commands(_HEREDOC_MARK.sub("", text))


def packages_installed(command: Command) -> tuple[str, ...]:
    """The packages that an `apt-get install` or its like names, without versions."""
    words = [word for word in command.operands()[1:] if not word.startswith("$")]
    return tuple(dict.fromkeys(word.partition("=")[0].partition("/")[0] for word in words))


def is_apt(command: Command, verb: str) -> bool:
    """Whether it is `apt-get VERB` or `apt VERB`."""
    return command.program in ("apt-get", "apt", "aptitude") and verb in command.operands()[:1]


def pip_words(command: Command) -> tuple[str, ...] | None:
    """What follows `install` of pip, however it is called; `None` when it is no such command."""
    words = command.words
    if command.program.startswith("python") and words[1:3] == ("-m", "pip"):
        words = words[2:]
    elif command.program == "uv" and words[1:2] == ("pip",):
        words = words[1:]
    elif not re.fullmatch(r"pip[\d.]*", command.program):
        return None
    place = next((at for at, word in enumerate(words) if not word.startswith("-") and at), None)
    return words[place + 1 :] if place is not None and words[place] == "install" else None


def _commands(text: str) -> tuple[Command, ...]:
    commands: list[Command] = []
    for line in _joined(text[:_LONGEST]):
        words: list[str] = []
        for token in [*_tokens(line), ";"]:
            if token in _ENDS or set(token) <= set(";&|()"):
                while words and (words[0] in _BEFORE or _SETS.match(words[0])):
                    words.pop(0)
                if words and len(commands) < _MOST_COMMANDS:
                    commands.append(Command(tuple(words)))
                words = []
            else:
                words.append(token)
    return tuple(commands)


def _without_redirections(tokens: list[str]) -> list[str]:
    found, skip = [], False
    for token in tokens:
        redirects = _REDIRECTION.fullmatch(token)
        if not skip and redirects is None:
            found.append(token)
        skip = redirects is not None and not redirects["file"]
    return found


def _joined(text: str) -> list[str]:
    return text.replace("\\\n", " ").split("\n")


def _tokens(line: str) -> list[str]:
    lexer = shlex.shlex(_TO_ANOTHER.sub(" ", line), posix=True, punctuation_chars="();|&")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        tokens = list(lexer)
    except ValueError:  # a quote that is never closed
        tokens = line.split()
    comment = next((at for at, token in enumerate(tokens) if token.startswith("#")), len(tokens))
    return _without_redirections(tokens[:comment])


def _unquoted(word: str) -> str:
    if len(word) > _LONGEST_NAME or not _QUOTING.search(word):
        return word
    try:
        return "".join(shlex.split(word)) or word
    except ValueError:
        return word
