"""`workbench bench`: latency at a fixed rate, the rate up to which a service keeps up, start-up, and pulls."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli import output, talk
from workbench.cli.bench_arguments import MOST_RATE, add_arguments, refuse
from workbench.cli.giving_up import until_told
from workbench.cli.verb import Call, Verb
from workbench.errors import UsageError, WorkbenchError
from workbench.measure.text import printable
from workbench.measure.units import duration, quantity

if TYPE_CHECKING:
    from workbench.benching import Benching, Wish
    from workbench.model.latency import LoadPlan, LoadProgress

_LARGEST_BODY = 16 << 20
_NOBODY_ANSWERS = 3


def _run(call: Call) -> int:
    from workbench.benching import Benching

    refuse(call.arguments)
    if call.settings.read_only and (call.arguments.startup or call.arguments.timed or call.arguments.inside):
        raise UsageError("the workbench is read-only", "--startup, --timed and --inside need leave to start containers")
    benching = Benching(call.settings)
    try:
        if call.arguments.startup:
            from workbench.cli import bench_startup

            return bench_startup.run(call, benching)
        if call.arguments.pull:
            from workbench.cli import bench_pull

            return bench_pull.run(call, benching.engine)
        return _load(call, benching)
    finally:
        talk.end_progress()
        benching.close()


VERB = Verb("bench", "Measure latency at a fixed rate, the knee, start-up, or a pull", add_arguments, _run)


def _load(call: Call, benching: "Benching") -> int:
    from workbench.cli import bench_output

    wish = _wish(call.arguments)
    _warn(wish)
    with until_told(keeps=True) as stop:
        if call.arguments.find_knee:
            most = call.arguments.most or MOST_RATE
            outcome = benching.find_knee(wish, most, call.arguments.p99_limit, _show, stop)
        else:
            outcome = benching.run(wish, _show, stop)
    talk.end_progress()
    if not call.arguments.no_keep:
        try:
            talk.say(f"kept as run {benching.keep(outcome, wish)}")
        except WorkbenchError as error:  # the result is shown either way
            talk.say(f"not kept among the runs: {error.reason}")
    if call.arguments.json:
        output.json(bench_output.document(outcome))
    else:
        for line in bench_output.lines(outcome):
            output.text(line)
    return 0 if outcome.result.answered else _NOBODY_ANSWERS


def _warn(wish: "Wish") -> None:
    """Say, before it is so, that a secret will be in the list of processes."""
    from workbench.benching import shown_secrets

    if names := ", ".join(shown_secrets(wish)):
        talk.say(f"{wish.engine} takes {names} on its command line, where every user of this machine can read it;")
        talk.say("  without --engine, or with wrk or locust, nobody can")


def _wish(wanted: argparse.Namespace) -> "Wish":
    from workbench.benching import Wish

    body = _body(wanted.body) if wanted.body else b""
    return Wish(
        targets=tuple(wanted.targets),
        plan=_plan(wanted),
        method=wanted.method or ("POST" if body else "GET"),
        headers=tuple(wanted.header),
        body=body,
        engine=wanted.engine or "",
        inside=wanted.inside,
        container=wanted.container,
    )


def _plan(wanted: argparse.Namespace) -> "LoadPlan":
    from workbench.model.latency import LoadPlan

    return LoadPlan(
        rate=wanted.rate or 10.0,
        seconds=wanted.seconds or (3.0 if wanted.find_knee else 10.0),
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


def _show(told: "LoadProgress") -> None:
    from workbench.cli.bench_output import time_of

    note = f"{told.note} · " if told.note else ""
    if told.elapsed_seconds < 0:
        talk.progress(f"{note}warming up · {duration(-told.elapsed_seconds)} left")
        return
    if told.p50_ms is None and told.note:
        talk.progress(f"{note}{duration(max(0.0, told.seconds - told.elapsed_seconds))} left")
        return
    left = max(0.0, told.seconds - told.elapsed_seconds)
    errors = f" · {told.errors} failed" if told.errors else ""
    talk.progress(
        f"{note}{told.answered} answers · p50 {time_of(told.p50_ms)} · p99 {time_of(told.p99_ms)}"
        f"{errors} · {duration(left)} left"
    )
