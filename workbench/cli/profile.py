"""`workbench profile TARGET`: where a Python container or process spends its time, without a restart or a new image."""

import argparse
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli import output, talk
from workbench.cli.giving_up import until_told
from workbench.cli.verb import Call, Verb
from workbench.errors import UsageError
from workbench.measure.text import printable
from workbench.measure.units import duration
from workbench.profilers import kinds

if TYPE_CHECKING:
    from workbench.model.probe import TargetFacts
    from workbench.profilers.base import Progress, Wish
    from workbench.profiling import Outcome, Profiling

_ONLY_FRESH = ("imports",)
_FRESH = ("cprofile", "imports", "memray", "lines")
FORMATS = ("json", "speedscope", "collapsed", "pstats", "chrome", "bin", "html")
_ROUTES = ("sidecar", "exec", "host", "local", "remote-exec", "gdb", "fresh")
_MOST_SECONDS = 3600.0
_MOST_RATE = 1000


def _seconds(text: str) -> float:
    try:
        seconds = float(text.removesuffix("s"))
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds up to {_MOST_SECONDS:.0f}")
    return seconds


def _rate(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= _MOST_RATE):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of samples a second up to {_MOST_RATE}")
    return int(text)


def _pid(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:10]) < 1 << 22):
        raise argparse.ArgumentTypeError(f"{text!r} is no process id")
    return int(text)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", nargs="?", default="", metavar="TARGET", help="container, by name or id")
    parser.add_argument("--with", dest="profiler", choices=kinds.names(), default="py-spy", help="profiler to use")
    parser.add_argument("--for", dest="seconds", type=_seconds, default=10.0, metavar="S", help="seconds to record")
    parser.add_argument("--rate", type=_rate, default=100, metavar="HZ", help="samples in a second (default: 100)")
    parser.add_argument(
        "--pid", type=_pid, metavar="N", help="process in the container; without TARGET, one of this machine"
    )
    parser.add_argument(
        "--function",
        dest="functions",
        action="append",
        default=[],
        metavar="MODULE:NAME",
        help="with lines: a function, MODULE:CLASS.NAME too; __main__ is the program's own file; several times",
    )
    parser.add_argument("--idle", action="store_true", help="count waiting threads too: wall time instead of CPU time")
    parser.add_argument("--native", action="store_true", help="frames of C, C++ and Cython too")
    parser.add_argument("--gil", action="store_true", help="only the thread that holds the interpreter's lock")
    parser.add_argument("--no-subprocesses", action="store_true", help="leave out the process's children")
    parser.add_argument("--locals", action="store_true", help="local variables in a dump, secrets masked")
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="a run of its own, of the same configuration; after --: another command for it",
    )
    parser.add_argument("--route", choices=_ROUTES, help="way in to take (default: the first that is open)")
    parser.add_argument(
        "--diff",
        nargs="+",
        metavar="PROFILE",
        help="instead of recording, compare BEFORE with AFTER: files, or run:N for one that is kept; "
        "several runs of each, for times: A1 A2 … -- B1 B2 …, or run:1,3,5 run:2,4,6",
    )
    parser.add_argument("--yes", action="store_true", help="agree to a way in that may harm the process, unasked")
    parser.add_argument("--probe", action="store_true", help="only tell what there is and which ways in are open")
    parser.add_argument("--show", action="store_true", help="open the result on the screens")
    parser.add_argument("--format", choices=FORMATS, help="what -o writes (default: by the profiler)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the result")
    parser.add_argument("--json", action="store_true", help="write the summary as JSON")


def _run(call: Call) -> int:
    wanted = call.arguments
    if wanted.diff:
        from workbench.cli import profile_diff

        profile_diff.compare(*_sides(wanted), as_json=wanted.json)
        return 0
    _refuse(wanted)
    from workbench.profilers.base import RiskUnasked
    from workbench.profiling import Profiling

    target: str | int = wanted.target or wanted.pid
    profiling = Profiling(call.settings)
    try:
        if wanted.probe:
            with until_told(keeps=True) as stop:
                facts = profiling.probe(target, stop)
            _tell_probe(profiling, facts, call)
            return 0
        wish = _wish(wanted)
        try:
            facts, outcome = _record(profiling, wanted.profiler, target, wish)
        except RiskUnasked as unasked:
            talk.end_progress()
            if not talk.agrees(unasked.reason):
                raise
            facts, outcome = _record(profiling, wanted.profiler, target, replace(wish, accepts_risk=True))
        talk.end_progress()
        outcome = profiling.keep(outcome, facts, wish)
    finally:
        talk.end_progress()
        profiling.close()
    if wanted.show:
        from workbench.profiling import opened
        from workbench.session import Session

        session = Session.live(call.settings)
        session.profiles.first = opened(outcome)
        return call.open_screens(session)
    from workbench.cli import profile_output

    profile_output.write(outcome, facts, wanted, call.settings)
    if outcome.run is not None:
        talk.say(f"kept as run {outcome.run}: workbench runs open {outcome.run}")
    elif outcome.not_kept:
        talk.say(f"not kept among the runs: {outcome.not_kept}")
    return 0


VERB = Verb("profile", "Profile a Python container or process as it runs", _add_arguments, _run, takes_command=True)


def _record(profiling: "Profiling", profiler: str, target: str | int, wish: "Wish") -> "tuple[TargetFacts, Outcome]":
    with until_told(keeps=True) as stop:
        facts = profiling.probe(target, stop)
        return facts, profiling.run(profiler, facts, wish, _show, stop)


def _sides(wanted: argparse.Namespace) -> tuple[list[str], list[str]]:
    """What --diff compares: of two the first is before; of more, what comes after `--` is after."""
    how = "workbench profile --diff BEFORE AFTER, or --diff A1 A2 … -- B1 B2 …"
    if wanted.target or wanted.output:
        raise UsageError("--diff compares two profiles that are there", how)
    before, after = list(wanted.diff), list(wanted.command)
    if not after and len(before) == 2:
        before, after = before[:1], before[1:]
    if not after:
        many = "several" if len(before) > 1 else "one"
        raise UsageError(f"--diff names {many}, and nothing to compare with", how)
    return before, after


def _refuse(wanted: argparse.Namespace) -> None:
    """Name what does not go together."""
    if not wanted.target and wanted.pid is None:
        raise UsageError("TARGET is missing", "workbench profile CONTAINER, or workbench profile --pid N")
    if wanted.fresh and wanted.route not in {None, "fresh"}:
        raise UsageError(f"--fresh and --route {wanted.route} are two ways", "take one of them")
    wanted.fresh = wanted.fresh or wanted.route == "fresh"
    if wanted.profiler in _ONLY_FRESH and not wanted.fresh:
        raise UsageError(f"--with {wanted.profiler} needs a fresh run", "add --fresh, or take --with py-spy")
    if wanted.fresh and wanted.profiler not in _FRESH:
        raise UsageError(f"a fresh run is profiled with {', '.join(_FRESH)}", "--with cprofile --fresh")
    if wanted.fresh and not wanted.target:
        raise UsageError("a fresh run is one of a container", "workbench profile CONTAINER --with cprofile --fresh")
    if wanted.command and not wanted.fresh:
        raise UsageError("a COMMAND goes with --fresh", "workbench profile CONTAINER --fresh -- COMMAND")
    if wanted.format == "pstats" and wanted.profiler != "cprofile":
        raise UsageError("only cprofile makes a pstats file", "--format speedscope, collapsed or json")
    if wanted.format == "bin" and wanted.profiler != "memray":
        raise UsageError("only memray makes a bin file", "--with memray --fresh")
    if wanted.format == "chrome" and wanted.profiler != "py-spy":
        raise UsageError("only py-spy tells when what ran", "--format speedscope, collapsed or json")
    _refuse_functions(wanted)
    if wanted.show and (wanted.output or wanted.json or wanted.probe):
        raise UsageError("--show opens the screens: it writes nothing", "leave out -o, --json and --probe")
    if wanted.format and not wanted.output:
        raise UsageError("--format says what -o writes", "add -o FILE")


def _refuse_functions(wanted: argparse.Namespace) -> None:
    """Functions go with lines, and lines with functions."""
    if wanted.functions and wanted.profiler != "lines":
        raise UsageError("--function names what --with lines counts", "--with lines --fresh --function MODULE:NAME")
    if wanted.profiler == "lines" and not wanted.probe:
        from workbench.profilers.kinds.lines import check_functions

        check_functions(tuple(wanted.functions))


def _wish(wanted: argparse.Namespace) -> "Wish":
    from workbench.profilers.base import Wish

    return Wish(
        seconds=wanted.seconds,
        rate=wanted.rate,
        pid=wanted.pid,
        idle=wanted.idle,
        native=wanted.native,
        gil=wanted.gil,
        locals=wanted.locals,
        subprocesses=not wanted.no_subprocesses,
        route="fresh" if wanted.fresh else wanted.route,
        command=wanted.command,
        functions=tuple(wanted.functions),
        accepts_risk=wanted.yes,
    )


def _tell_probe(profiling: "Profiling", facts: "TargetFacts", call: Call) -> None:
    from workbench.cli import profile_probe

    routes = profiling.routes(facts, _wish(call.arguments))
    if call.arguments.json:
        output.json(profile_probe.document(facts, routes))
    else:
        for line in profile_probe.lines(facts, routes):
            output.text(line)


def _show(progress: "Progress") -> None:
    note = f" · {progress.note}" if progress.note else ""
    samples = f" · {progress.samples} samples" if progress.samples else ""
    talk.progress(
        f"{progress.how} · {duration(progress.elapsed_seconds)} of {duration(progress.seconds)}{samples}"
        + printable(note)
    )
