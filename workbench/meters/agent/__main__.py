"""Runs one plan: JSON in, lines of JSON out. SIGINT and SIGTERM end it early, and what was measured is the result.

The plan is on standard input, whose end then means that whoever started this is gone; or in the file that is named, and
then the result goes into a file beside it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import sys
from contextlib import suppress
from typing import Any

from workbench.meters.agent.load import Load
from workbench.meters.agent.pace import enter_network, precise_loop

RESULT = ".result"
"""What the result's file is called after the plan's."""


def _tell(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, separators=(",", ":")) + "\n")
    sys.stdout.flush()


async def _measure(plan: dict[str, Any], watches_input: bool) -> dict[str, Any]:
    load = Load(plan, lambda progress: _tell({"progress": progress}))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, load.stop)
    if watches_input:

        def heard() -> None:
            loop.remove_reader(0)
            load.stop()

        loop.add_reader(0, heard)
    return await load.run()


def main(arguments: list[str]) -> int:
    """Run it; 0 when there is a result."""
    if arguments:
        with open(arguments[0], "rb") as file:  # noqa: PTH123  what is needed to start is little
            plan = json.load(file)
    else:
        plan = json.loads(sys.stdin.buffer.readline())
    try:
        if plan["network"]:
            enter_network(plan["network"])
    except OSError as error:
        _tell({"failure": f"the network cannot be entered: {error.strerror}"})
        return 1
    gc.freeze()  # nothing of a run is garbage that matters, and looking for it takes time from the schedule
    gc.disable()
    loop = precise_loop()
    asyncio.set_event_loop(loop)
    document = {"result": loop.run_until_complete(_measure(plan, not arguments))}
    if arguments:
        with open(arguments[0] + RESULT, "w", encoding="ascii") as file:  # noqa: PTH123
            json.dump(document, file)
    else:
        _tell(document)
    return 0


def start() -> None:
    """Run what the command line says, and exit."""
    code = 1
    with suppress(BrokenPipeError, KeyboardInterrupt):  # nobody hears it
        code = main(sys.argv[1:])
    sys.exit(code)


if __name__ == "__main__":
    start()
