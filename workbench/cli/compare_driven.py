"""The options of `workbench compare` that have it measure both sides itself, and how far it is meanwhile."""

import argparse
import re
import shutil
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from workbench.cli import talk
from workbench.cli.build import named_value
from workbench.cli.compare_gates import judge
from workbench.cli.giving_up import until_told
from workbench.cli.readings import length_of_time
from workbench.cli.verb import Call
from workbench.errors import UsageError
from workbench.measure.text import printable, shorten
from workbench.measure.units import counted, duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workbench.comparing.driven.driver import Driver
    from workbench.measure.compare.gates import Gate
    from workbench.model.comparison import Comparison
    from workbench.model.driven import DrivenPlan, DriveProgress

_MOST_PAIRS = 100
_MOST_SECONDS = 600.0
_MOST_RATE = 20_000.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_URL = re.compile(r":?(?P<port>\d{1,5})?(?P<target>/[!-~]*)")
_ASKS = (
    *("build", "url", "rate", "seconds", "pairs", "builds"),
    *("touch", "ready", "knee", "profile", "env", "build_arg", "fresh"),
)
"""Any of these has both sides measured."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is measured, and how often."""
    driven = parser.add_argument_group(
        "measuring both sides",
        "BEFORE and AFTER are images, folders with a Dockerfile, or Dockerfiles. Each pair builds both, starts a "
        "container of both, asks it and removes it, in turns. What is measured is kept: the same command goes on.",
    )
    driven.add_argument("--pairs", type=_pairs, metavar="N", help="start and ask each side N times (default: 6)")
    driven.add_argument("--build", nargs=2, metavar="DIR", help="time builds of these contexts, for two images")
    driven.add_argument("--builds", type=_pairs, metavar="N", help="time N builds of each side (default: as --pairs)")
    driven.add_argument("--touch", default="", metavar="PATH", help="the source file to change before a build")
    driven.add_argument(
        "--build-arg", type=named_value, action="append", default=[], metavar="K=V", help="for builds; repeatable"
    )
    driven.add_argument("--builder", choices=("buildx", "classic"), help="default: buildx where it is installed")
    driven.add_argument("--url", default="", metavar="PORT/PATH", help="what to ask each container for, as 8000/items")
    driven.add_argument("--rate", type=_up_to(_MOST_RATE), metavar="R", help="requests a second (default: 10)")
    driven.add_argument(
        "--for",
        type=_up_to(_MOST_SECONDS),
        dest="seconds",
        metavar="S",
        help="of load in each pair (default: 10); of watching two containers (default: 60)",
    )
    driven.add_argument("--knee", type=_up_to(_MOST_RATE), metavar="R", help="look for the knee too, up to R a second")
    driven.add_argument(
        "--profile",
        action="store_true",
        help="once more each, with py-spy looking on: names the functions that a change comes from",
    )
    driven.add_argument(
        "--ready", action="append", default=[], metavar="SIGN", help="when it is ready, as in workbench bench"
    )
    driven.add_argument(
        "--env", type=named_value, action="append", default=[], metavar="K=V", help="for the containers; repeatable"
    )
    driven.add_argument("--fresh", action="store_true", help="measure anew, whatever an earlier call has measured")


def is_asked_for(wanted: argparse.Namespace) -> bool:
    """Whether both sides are to be measured."""
    named = [wanted.before, wanted.after]
    return any(getattr(wanted, name) for name in _ASKS) or wanted.pairs == 0 or any(map(is_context, named))


def refuse_with_containers(wanted: argparse.Namespace) -> None:
    """Containers that run already are only watched."""
    if wanted.pairs is not None or any(getattr(wanted, name) for name in _ASKS if name != "seconds"):
        raise UsageError(
            "containers that run already are watched as they are",
            "only --for S goes with them; name their images to have both started and asked",
        )


def is_context(typed: str) -> bool:
    """Whether it names a folder with a Dockerfile, or a Dockerfile itself."""
    from workbench.comparing.driven.subjects import is_context as is_one

    return is_one(typed)


def drive(call: Call, names: tuple[str, str], gates: "Sequence[Gate]") -> "tuple[Comparison, bool]":
    """Measure both, and say whether it was stopped."""
    from workbench.comparing.driven.driver import Driver
    from workbench.measure.compare.driven import known_rows

    if call.settings.read_only:
        raise UsageError("the workbench is read-only", "measuring both sides builds images and starts containers")
    if call.arguments.container:
        raise UsageError("--container goes with two bundles or recordings", "see workbench compare --help")
    plan = _plan(call.arguments, names)
    judge(gates, known_rows(plan))  # what can never be is refused before anything is measured, not after
    driver = Driver(call.settings, plan, fresh=call.arguments.fresh)
    try:
        with until_told(keeps=True) as stop:
            compared = driver.run(_show, stop)
    finally:
        talk.end_progress()
    _tell(driver)
    return compared, stop.is_set()


def _plan(wanted: argparse.Namespace, names: tuple[str, str]) -> "DrivenPlan":
    from workbench.comparing.driven.subjects import subject_of
    from workbench.meters.ready import parse_condition
    from workbench.model.driven import DrivenPlan

    contexts = wanted.build or ("", "")
    sides = [subject_of(name, builds) for name, builds in zip(names, contexts, strict=True)]
    pairs = 6 if wanted.pairs is None else wanted.pairs
    builds = pairs if wanted.builds is None else wanted.builds
    port, target = asked(wanted.url)
    if not target and (wanted.rate or wanted.seconds or wanted.knee or wanted.profile):
        raise UsageError("nothing is asked for", "--url PORT/path says what")
    if wanted.profile and not pairs:
        raise UsageError("--pairs 0 starts no container that --profile could record", "--pairs 1 is enough")
    return DrivenPlan(
        sides[0],
        sides[1],
        pairs=pairs,
        builds=builds if any(side.context for side in sides) else 0,
        arguments=tuple(wanted.build_arg),
        touched=wanted.touch,
        builder=wanted.builder or "",
        port=port,
        target=target,
        ready=tuple(parse_condition(typed) for typed in wanted.ready),
        rate=wanted.rate or 10.0,
        seconds=wanted.seconds or 10.0,
        knee_most=wanted.knee,
        profile=wanted.profile,
        environment=tuple(wanted.env),
    )


def asked(typed: str) -> tuple[int | None, str]:
    """Port and path of `8000/path`, `:8000/path`, `/path` or a URL of this machine.

    Only the containers that are started for it are asked, at their own addresses.
    """
    if not typed:
        return None, ""
    found = _URL.fullmatch(_of_this_machine(typed) if "://" in typed else typed)
    port = int(found["port"]) if found and found["port"] else None
    if not found or port == 0 or (port or 0) > 65535:
        raise UsageError(f"{printable(typed)} says not what to ask for", "PORT/path, such as 8000/items")
    return port, found["target"]


def _of_this_machine(url: str) -> str:
    """Port and path of a URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError(f"{printable(url)} is no URL") from None
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        raise UsageError(
            f"{printable(url)} is not on this machine",
            "only containers that are started for it are asked, as 8000/path",
        )
    return f"{port or ''}{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"


def _show(told: "DriveProgress") -> None:
    left = "" if told.left_seconds is None else f" · about {duration(told.left_seconds)} left"
    talk.progress(shorten(f"{told.done} of {told.of}{left} · {told.words}", shutil.get_terminal_size().columns - 1))


def _tell(driver: "Driver") -> None:
    if driver.found:
        more = "" if driver.missing else "; --fresh measures anew"
        talk.say(f"{driver.found} measurements were there from an earlier call{more}")
    if driver.missing:
        verb = "is" if driver.missing == 1 else "are"
        talk.say(f"{counted(driver.missing, 'measurement')} {verb} still to be made: the same command goes on")


def _pairs(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= _MOST_PAIRS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number up to {_MOST_PAIRS}")
    return int(text)


def _up_to(most: float) -> "Callable[[str], float]":
    def parse(text: str) -> float:
        value = length_of_time(text)
        if value > most:
            raise argparse.ArgumentTypeError(f"{text!r} is more than {most:g}")
        return value

    return parse
