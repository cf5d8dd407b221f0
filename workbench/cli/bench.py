"""`workbench bench`: latency at a fixed rate, the rate up to which a service keeps up, start-up, and pulls."""

import argparse
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli import output, talk
from workbench.cli.giving_up import until_told
from workbench.cli.readings import length_of_time
from workbench.cli.verb import Call, Verb
from workbench.errors import UsageError, WorkbenchError
from workbench.measure.text import printable
from workbench.measure.units import duration, quantity

if TYPE_CHECKING:
    from workbench.benching import Benching, Outcome, Wish
    from workbench.model.latency import LoadPlan, LoadProgress

_MOST_RATE = 100_000.0
_MOST_SECONDS = 3600.0
_MOST_BLOCKS = 1000
_MOST_CONNECTIONS = 4000
_LARGEST_BODY = 16 << 20
_METHOD = re.compile(r"[A-Z]{1,20}")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}):[ \t]*([^\r\n\0]*)")
_DEFAULT_SECONDS = 10.0
_NOBODY_ANSWERS = 3


def _number(most: float, what: str) -> "type[float]":
    def parse(text: str) -> float:
        try:
            value = float(text.removesuffix("s").removesuffix("/"))
        except ValueError:
            value = math.nan
        if not 0 < value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not {what} up to {most:g}")
        return value

    return parse  # type: ignore[return-value]


def _count(most: int) -> "type[int]":
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {most}")
        return int(text)

    return parse  # type: ignore[return-value]


def _method(text: str) -> str:
    if not _METHOD.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no HTTP method")
    return text


def _header(text: str) -> tuple[str, str]:
    found = _HEADER.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError("a header is written NAME: VALUE")  # its value may be a secret
    return found[1], found[2].strip()


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help="URL, or container as NAME[:PORT][/path]; several go in turn"
    )
    parser.add_argument("--rate", type=_number(_MOST_RATE, "a rate"), metavar="R", help="requests a second (10)")
    parser.add_argument(
        "--for", type=_number(_MOST_SECONDS, "seconds"), dest="seconds", metavar="S", help="measure S seconds (10)"
    )
    parser.add_argument(
        "--warmup", type=float, default=2.0, metavar="S", help="seconds at the same rate before that (default: 2)"
    )
    parser.add_argument(
        "--blocks",
        type=_count(_MOST_BLOCKS),
        default=10,
        metavar="N",
        help="look at the time in N parts, by which runs are compared (default: 10)",
    )
    parser.add_argument(
        "--find-knee", action="store_true", help="raise the rate until the service does not keep up; --for is each step"
    )
    parser.add_argument("--most", type=_number(_MOST_RATE, "a rate"), metavar="R", help="where --find-knee ends")
    parser.add_argument(
        "--p99-limit", type=length_of_time, metavar="MS", help="with --find-knee: the p99 that is still good"
    )
    parser.add_argument("--method", type=_method, metavar="M", help="GET, or POST with --body")
    parser.add_argument(
        "--header", type=_header, action="append", default=[], metavar="'NAME: VALUE'", help="add a header; repeatable"
    )
    parser.add_argument("--body", type=Path, metavar="FILE", help="send this file as each request's body")
    parser.add_argument(
        "--connections", type=_count(_MOST_CONNECTIONS), default=256, metavar="N", help="at once at most (default: 256)"
    )
    parser.add_argument("--no-keep-alive", action="store_true", help="a new connection for each request")
    parser.add_argument("--timeout", type=length_of_time, metavar="S", help="give up after S seconds (10; a start 60)")
    parser.add_argument("--insecure", action="store_true", help="take any certificate")
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
    startup.add_argument("--repeat", type=_count(1000), default=5, metavar="N", help="how often (default: 5)")
    parser.add_argument("--container", default="", metavar="NAME", help="whose CPU and memory to read, of a URL")
    parser.add_argument("--no-keep", action="store_true", help="don't keep it among the runs")
    parser.add_argument("--json", action="store_true", help="write one JSON document")


def _run(call: Call) -> int:
    from workbench.benching import Benching

    _refuse(call.arguments)
    benching = Benching(call.settings)
    try:
        if call.arguments.startup:
            from workbench.cli import bench_startup

            return bench_startup.run(call, benching)
        return _load(call, benching)
    finally:
        talk.end_progress()
        benching.close()


def _load(call: Call, benching: "Benching") -> int:
    from workbench.cli import bench_output

    wish = _wish(call.arguments)
    with until_told(keeps=True) as stop:
        if call.arguments.find_knee:
            most = call.arguments.most or _MOST_RATE
            outcome = benching.find_knee(wish, most, call.arguments.p99_limit, _show, stop)
        else:
            outcome = benching.run(wish, _show, stop)
    talk.end_progress()
    if not call.arguments.no_keep:
        _keep(benching, outcome, wish)

    if call.arguments.json:
        output.json(bench_output.document(outcome))
    else:
        for line in bench_output.lines(outcome):
            output.text(line)
    return 0 if outcome.result.answered else _NOBODY_ANSWERS


VERB = Verb("bench", "Measure latency at a fixed rate, the knee, start-up, or a pull", _add_arguments, _run)


def _refuse(wanted: argparse.Namespace) -> None:
    """Name what does not go together."""
    if wanted.startup and wanted.targets:
        raise UsageError("--startup takes one target and goes by itself", "workbench bench --startup TARGET")
    if not wanted.startup and not wanted.targets:
        raise UsageError("TARGET is missing", "workbench bench http://host:port/path, or … bench CONTAINER:PORT")
    for name in ("most", "p99_limit"):
        if getattr(wanted, name) is not None and not wanted.find_knee:
            raise UsageError(f"--{name.replace('_', '-')} goes with --find-knee")
    if wanted.ready and not wanted.startup:
        raise UsageError("--ready goes with --startup")


def _wish(wanted: argparse.Namespace) -> "Wish":
    from workbench.benching import Wish

    body = _body(wanted.body) if wanted.body else b""
    return Wish(
        targets=tuple(wanted.targets),
        plan=_plan(wanted),
        method=wanted.method or ("POST" if body else "GET"),
        headers=tuple(wanted.header),
        body=body,
        container=wanted.container,
    )


def _plan(wanted: argparse.Namespace) -> "LoadPlan":
    from workbench.model.latency import LoadPlan

    if not 0 <= wanted.warmup <= _MOST_SECONDS:
        raise UsageError("--warmup is a number of seconds")
    return LoadPlan(
        rate=wanted.rate or 10.0,
        seconds=wanted.seconds or (3.0 if wanted.find_knee else _DEFAULT_SECONDS),
        warmup_seconds=wanted.warmup,
        blocks=wanted.blocks,
        connections=wanted.connections,
        keep_alive=not wanted.no_keep_alive,
        timeout_seconds=wanted.timeout or 10.0,
        verify=not wanted.insecure,
    )


def _body(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_BODY + 1)
    except OSError as error:
        raise UsageError(f"{printable(str(path))} cannot be read: {error.strerror}") from None
    if len(content) > _LARGEST_BODY:
        raise UsageError(f"{printable(str(path))} is larger than {quantity(_LARGEST_BODY, 'B')}")
    return content


def _keep(benching: "Benching", outcome: "Outcome", wish: "Wish") -> None:
    """Keep it as a run. The result is shown either way, so that this fails is only told."""
    try:
        talk.say(f"kept as run {benching.keep(outcome, wish)}")
    except WorkbenchError as error:
        talk.say(f"not kept among the runs: {error.reason}")


def _show(told: "LoadProgress") -> None:
    note = f"{told.note} · " if told.note else ""
    if told.elapsed_seconds < 0:
        talk.progress(f"{note}warming up · {duration(-told.elapsed_seconds)} left")
        return
    left = max(0.0, told.seconds - told.elapsed_seconds)
    errors = f" · {told.errors} failed" if told.errors else ""
    talk.progress(
        f"{note}{told.answered} answers · p50 {milliseconds(told.p50_ms)} · p99 {milliseconds(told.p99_ms)}"
        f"{errors} · {duration(left)} left"
    )


def milliseconds(value: float | None) -> str:
    """Three digits: `0.412 ms`, `41.2 ms`, `4.12 s`; `None` gives `–`."""
    from workbench.cli.bench_output import time_of

    return time_of(value)
