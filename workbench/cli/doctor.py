"""`workbench doctor`: one line per thing that the workbench can use, fine, missing or broken, each with its fix."""

import argparse
from typing import TYPE_CHECKING

from workbench.cli import output, talk
from workbench.cli.giving_up import until_told
from workbench.cli.verb import Call, Verb
from workbench.measure.units import quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.model.doctor import Examined

SCHEMA = 1
_STATUS_WIDTH = len("missing")
_WORLD_MISSING = 3


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="write one JSON document instead of lines")
    parser.add_argument(
        "--fetch",
        nargs="*",
        metavar="PYTHON",
        help="fetch memray and line_profiler for containers' Pythons (default: 3.10 to 3.14) and examine nothing",
    )


def _run(call: Call) -> int:
    if call.arguments.fetch is not None:
        return _fetch(call.arguments.fetch)
    from workbench import doctor  # docker takes 105 ms to import

    examined = doctor.examine(doctor.Surroundings(context=call.settings.context))
    ok = all(each.status == "fine" for each in examined if each.essential)
    if call.arguments.json:
        output.json({"schema": SCHEMA, "ok": ok, "checks": examined})
        return 0 if ok else _WORLD_MISSING
    for line in lines(examined):
        output.text(line)
    talk.say(_sum(examined, ok=ok))
    return 0 if ok else _WORLD_MISSING


def _fetch(versions: "Sequence[str]") -> int:
    from workbench.profilers.wheels.beforehand import fetch_beforehand, kept_summary

    try:
        with until_told() as stop:
            for line in fetch_beforehand(versions, stop, talk.progress):
                talk.end_progress()
                output.text(line)
    finally:
        talk.end_progress()
    place, _, size = kept_summary()
    talk.say(f"{quantity(size, 'B')} in {place}")
    return 0


def lines(examined: "Sequence[Examined]") -> list[str]:
    """What is told of each: its status first, then the fix on a line of its own."""
    width = max((len(each.title) for each in examined), default=0)
    indent = " " * (_STATUS_WIDTH + width + 4)
    told = []
    for each in examined:
        told.append(f"{each.status:<{_STATUS_WIDTH}}  {each.title:<{width}}  {each.detail}")
        if each.fix:
            told.append(f"{indent}fix: {each.fix}")
    return told


def _sum(examined: "Sequence[Examined]", *, ok: bool) -> str:
    if not ok:
        return "the main job cannot run: mend the engine first, or see it all without one: workbench demo"
    lacking = sum(each.status != "fine" for each in examined)
    return f"the main job can run; {lacking} of {len(examined)} could be better" if lacking else "all is fine"


VERB = Verb("doctor", "Examine what the workbench can use on this machine", _add_arguments, _run)
