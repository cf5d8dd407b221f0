"""The headless front: one module per verb. `output` alone writes to stdout, `talk` alone to stderr."""

import argparse
import difflib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from workbench import __version__
from workbench.cli import (
    bench,
    build,
    bundle,
    compare,
    demo,
    doctor,
    gpu,
    image,
    profile,
    record,
    runs,
    stats,
    talk,
    why,
)
from workbench.cli import open as open_
from workbench.cli.verb import Call, OpenScreens, Verb
from workbench.errors import UsageError, WorkbenchError
from workbench.session import Session
from workbench.settings import Settings, load

VERBS: tuple[Verb, ...] = (
    *(bench.VERB, build.VERB, bundle.VERB, compare.VERB, demo.VERB, doctor.VERB, gpu.VERB, image.VERB),
    *(open_.VERB, profile.VERB, record.VERB, runs.VERB, stats.VERB, why.VERB),
)


class _Parser(argparse.ArgumentParser):
    """Argparse that raises instead of exiting."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"see {self.prog} --help")


def _refuse_unknown(argv: Sequence[str], parser: argparse.ArgumentParser) -> str:
    """Name an unknown verb or option before argparse mistakes what follows it for something else.

    Returns:
        The verb; empty for none.
    """
    verbs = {verb.name: verb for verb in VERBS}
    known = everywhere = _options(parser)
    chosen = ""
    takes_value = False
    for word in argv:
        if word == "--":
            break
        if word.startswith("--"):
            name = word.partition("=")[0]
            if chosen and name not in known and name in everywhere:
                raise UsageError(f"{name} goes before the verb", f"workbench {name} … {chosen}")
            if name not in known:
                hint = f"see workbench {chosen} --help" if chosen else "see workbench --help"
                raise UsageError(f"there is no option {name}{nearest(name, list(known))}", hint)
            takes_value = known[name] and "=" not in word
        elif takes_value:
            takes_value = False
        elif not chosen and not word.startswith("-"):
            if word not in verbs:
                raise UsageError(f"there is no verb {word}{nearest(word, list(verbs))}", "see workbench --help")
            chosen = word
            child = argparse.ArgumentParser()
            verbs[word].add_arguments(child)
            known = _options(child)
    return chosen


def _command_apart(argv: Sequence[str], chosen: str) -> tuple[Sequence[str], tuple[str, ...]]:
    """What comes before `--` and after it, for a verb that takes a command; argparse would mix the two."""
    takes_command = any(verb.takes_command for verb in VERBS if verb.name == chosen)
    if not takes_command or "--" not in argv:
        return argv, ()
    at = list(argv).index("--")
    return argv[:at], tuple(argv[at + 1 :])


def _options(parser: argparse.ArgumentParser) -> dict[str, bool]:
    """Every long option of a parser, and whether it takes a value."""
    return {
        option: action.nargs != 0
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--")
    }


def nearest(word: str, known: Sequence[str]) -> str:
    """`; did you mean X?` for the known word most like `word`, or nothing."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def build_parser() -> argparse.ArgumentParser:
    """Every option and verb. Imports nothing heavy: `--help` answers at once."""
    parser = _Parser(
        prog="workbench",
        description="Finds out why a container is slow, fat or dear. Without a verb: the screens.",
        epilog="Exit codes: 0 fine, 1 findings, 2 usage, 3 something in the world is missing, 4 a gate is not decided.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"workbench {__version__}")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file to use instead of the usual one")
    parser.add_argument(
        "--context", metavar="NAME", help="docker context to open (default: DOCKER_HOST, else the active one)"
    )
    parser.add_argument("--interval", type=float, metavar="SECONDS", help="seconds between two readings")
    parser.add_argument("--theme", metavar="NAME", help="colour theme")
    parser.add_argument(
        "--calm",
        action="store_true",
        default=None,
        help="fewer updates and colours, no animation: for a slow link",
    )
    parser.add_argument(
        "--read-only",
        action="store_true",
        default=None,
        help="do nothing to any container: no start, stop, pause, kill or remove, no shell, and no profile that makes "
        "anything in the engine or injects anything",
    )
    parser.add_argument("--replay", type=Path, metavar="FILE", help="play a recording instead of opening an engine")
    parser.add_argument("--or-demo", action="store_true", help="open the demo when no engine answers")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=_Parser)
    for verb in VERBS:
        child = verbs.add_parser(verb.name, help=verb.help, description=verb.help, allow_abbrev=False)
        verb.add_arguments(child)
    return parser


def main(argv: Sequence[str], open_screens: OpenScreens) -> int:
    """Run one command line.

    Args:
        argv: The arguments without the program's name.
        open_screens: The way to the screens, for calls that end there.

    Returns:
        The exit code: 0 fine, 1 findings, 2 usage, 3 something in the world is missing, 4 a gate without a verdict.
    """
    try:
        parser = build_parser()
        chosen = _refuse_unknown(argv, parser)
        argv, command = _command_apart(argv, chosen)
        arguments = parser.parse_args(argv)
        arguments.command = command
        if arguments.calm:
            os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")
        overrides = {name: getattr(arguments, name) for name in ("context", "interval", "theme", "calm", "read_only")}
        settings = load(arguments.config, overrides)
        verb = next((verb for verb in VERBS if verb.name == arguments.verb), None)
        if verb:
            return verb.run(Call(arguments, settings, open_screens))
        return open_screens(_session(arguments, settings))
    except WorkbenchError as error:
        return talk.fail(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0


def _session(arguments: argparse.Namespace, settings: Settings) -> Session:
    if arguments.replay:
        return Session.replay(arguments.replay, settings)
    session = Session.live(settings)
    if arguments.or_demo:
        try:
            session.world.fleet.read()
        except WorkbenchError as error:
            session.close()
            talk.say(f"{error.reason}: opening the demo")
            return Session.demo(settings)
    return session
