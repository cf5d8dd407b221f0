"""The options of `workbench bench`, and which of them go together."""

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path

from workbench.cli.readings import length_of_time
from workbench.errors import UsageError
from workbench.measure.byte_sizes import parse_size
from workbench.meters import engines

MOST_RATE = 100_000.0
_MOST_SECONDS = 3600.0
_MOST_BLOCKS = 1000
_MOST_CONNECTIONS = 4000
_MOST_STARTS = 1000
_METHOD = re.compile(r"[A-Z]{1,20}")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}):[ \t]*([^\r\n\0]*)")
_LEAST_SPEED = 1000
"""Bits or bytes a second."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Every option, by what is measured."""
    rate, seconds = _number(MOST_RATE, "a rate"), _number(_MOST_SECONDS, "a number of seconds")
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help="URL, or container as NAME[:PORT][/path]; several go in turn"
    )
    parser.add_argument("--rate", type=rate, metavar="R", help="requests a second (default: 10)")
    parser.add_argument("--for", type=seconds, dest="seconds", metavar="S", help="measure S seconds (default: 10)")
    parser.add_argument(
        "--warmup", type=_warmup, default=2.0, metavar="S", help="at the same rate before that (default: 2)"
    )
    parser.add_argument(
        "--blocks",
        type=_count(_MOST_BLOCKS),
        default=10,
        metavar="N",
        help="look at the time in N parts, which show how it scatters (default: 10)",
    )
    parser.add_argument("--method", type=_method, metavar="M", help="HTTP method (default: GET, or POST with --body)")
    parser.add_argument(
        "--header", type=_header, action="append", default=[], metavar="'NAME: VALUE'", help="add a header; repeatable"
    )
    parser.add_argument("--body", type=Path, metavar="FILE", help="send this file as each request's body")
    parser.add_argument(
        "--connections", type=_count(_MOST_CONNECTIONS), default=256, metavar="N", help="at once at most (default: 256)"
    )
    parser.add_argument("--no-keep-alive", action="store_true", help="a new connection for each request")
    parser.add_argument(
        "--timeout", type=length_of_time, metavar="S", help="give a request up (default: 10), or a start (default: 60)"
    )
    parser.add_argument("--insecure", action="store_true", help="take any certificate")
    parser.add_argument(
        "--engine", choices=engines.names(), help="send with this program, if it is installed (default: built-in)"
    )
    parser.add_argument(
        "--inside", action="store_true", help="measure a container from inside its network, in any case"
    )
    parser.add_argument("--container", default="", metavar="NAME", help="whose CPU and memory to read, of a URL")
    parser.add_argument("--no-keep", action="store_true", help="don't keep it among the runs")
    parser.add_argument("--json", action="store_true", help="write one JSON document")
    knee = parser.add_argument_group("knee")
    knee.add_argument(
        "--find-knee", action="store_true", help="raise the rate until the service does not keep up; --for is each step"
    )
    knee.add_argument("--most", type=rate, metavar="R", help="the highest rate to try")
    knee.add_argument("--p99-limit", type=length_of_time, metavar="MS", help="the p99 that is still good")
    startup = parser.add_argument_group("start-up")
    startup.add_argument(
        "--startup", default="", metavar="TARGET", help="start another container like this one, or one of this image"
    )
    startup.add_argument(
        "--ready",
        action="append",
        default=[],
        metavar="SIGN",
        help="http:/path, http:PORT/path, tcp:PORT, log:REGEX or healthy; repeatable (default: healthy, else tcp)",
    )
    startup.add_argument("--repeat", type=_count(_MOST_STARTS), default=5, metavar="N", help="how often (default: 5)")
    pull = parser.add_argument_group("pull")
    pull.add_argument("--pull", default="", metavar="IMAGE", help="how long it takes to come, by a model")
    pull.add_argument("--bandwidth", type=_bandwidth, metavar="B", help="bits a second (default: 100M)")
    pull.add_argument("--extract", type=_speed, metavar="B", help="unpacked bytes a second (default: 150M)")
    pull.add_argument("--registry", action="store_true", help="ask the image's registry for its layers' sizes")
    pull.add_argument(
        "--have", action="append", default=[], metavar="IMAGE", help="its layers are there already; repeatable"
    )
    pull.add_argument("--timed", action="store_true", help="pull it really; it must not be here, and is removed again")


def refuse(wanted: argparse.Namespace) -> None:
    """Name what does not go together.

    Raises:
        UsageError: when something does not.
    """
    asked = [name for name in ("targets", "startup", "pull") if getattr(wanted, name)]
    if not asked:
        raise UsageError("TARGET is missing", "workbench bench http://host:port/path, or … bench CONTAINER:PORT")
    if len(asked) > 1:
        raise UsageError("one thing is measured at a time", "either TARGET, or --startup TARGET, or --pull IMAGE")
    for needs, names in (
        ("find_knee", ("most", "p99_limit")),
        ("startup", ("ready",)),
        ("pull", ("bandwidth", "extract", "registry", "have", "timed")),
    ):
        for name in names:
            if getattr(wanted, name) and not getattr(wanted, needs):
                raise UsageError(f"{_option(name)} goes with {_option(needs)}")
    if wanted.engine and wanted.find_knee:
        raise UsageError("the knee is looked for with the built-in meter", "leave out --engine")
    if wanted.timed and (wanted.bandwidth or wanted.extract or wanted.registry or wanted.have):
        raise UsageError("--timed measures what the others suppose", "either --timed, or --bandwidth and the like")


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _number(most: float, what: str) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = _float(text)
        if not 0 < value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not {what} up to {most:g}")
        return value

    return parse


def _count(most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {most}")
        return int(text)

    return parse


def _warmup(text: str) -> float:
    value = _float(text)
    if not 0 <= value <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds up to {_MOST_SECONDS:g}")
    return value


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _method(text: str) -> str:
    if not _METHOD.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no HTTP method")
    return text


def _header(text: str) -> tuple[str, str]:
    found = _HEADER.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError("a header is written NAME: VALUE")  # its value may be a secret
    return found[1], found[2].strip()


def _speed(text: str) -> float:
    try:
        value = parse_size(text.removesuffix("/s"))
    except ValueError:
        value = 0
    if value < _LEAST_SPEED:
        raise argparse.ArgumentTypeError(f"{text!r} is no speed such as 100M")
    return float(value)


def _bandwidth(text: str) -> float:
    """Bits a second as typed, in bytes a second: `100M`, `1Gbit/s`."""
    return _speed(re.sub(r"(?:bits?(?:/s|ps)?|bps)$", "", text, flags=re.IGNORECASE)) / 8
