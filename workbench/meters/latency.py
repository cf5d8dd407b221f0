"""The built-in load test: a process of its own that sends at a fixed rate, and what it tells.

A process of its own, so that nothing that the workbench does meanwhile holds up the schedule.

The plan that `agent/` takes is one line of JSON: `rate`, `warmup`, `seconds`, `blocks`, `connections`, `keep_alive`,
`timeout`, `verify`, `network` (the file of a network namespace, or empty) and `requests`, each with `host`, `port`,
`server_name` (empty without TLS), `to_head` and `content`, all bytes of it in base 64.
"""

import json
import os
import selectors
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import IO, Any, cast

from workbench.errors import Stopped, WorkbenchError
from workbench.measure.histogram import Histogram
from workbench.measure.text import printable, shorten
from workbench.meters.address import Address
from workbench.model.latency import AnswerSample, HttpRequest, LoadBlock, LoadPlan, LoadProgress, LoadResult

Heard = Callable[[LoadProgress], object]

_ROOT = Path(__file__).parents[2]
START = "import sys; sys.path.insert(0, {root!r}); from workbench.meters.agent.__main__ import start; start()"
"""Runs the agent that lies below `root`; arguments of the program are the agent's."""
_LOOK_SECONDS = 0.1
_LATE_SECONDS = 15.0
"""How much later than planned the meter may end, beside waiting for the last answers."""
_LONGEST_LINE = 64 << 20
_LONGEST_COMPLAINT = 4000
_MOST = 1 << 53
"""What is counted or measured is below: whole numbers that a float holds."""


def measure(plan: LoadPlan, requests: Sequence[tuple[HttpRequest, Address]], heard: Heard, stop: Event) -> LoadResult:
    """Send requests at a fixed rate and say how the answers came; blocks.

    Args:
        plan: How.
        requests: Sent in turn, each to its address. All addresses are of one network.
        heard: Told twice a second how far it is; must not block.
        stop: Set to end it; what was measured is the result.

    Raises:
        Stopped: when it was stopped before anything was measured.
        WorkbenchError: when the meter fails.
    """
    line = json.dumps(agent_plan(plan, requests)) + "\n"
    command = [sys.executable, "-I", "-S", "-c", START.format(root=str(_ROOT))]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is ours to hand on
    ) as process:
        try:
            stdin, stdout = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
            with suppress(BrokenPipeError):  # it has failed already, and says why
                stdin.write(line.encode())
                stdin.flush()
            longest = plan.warmup_seconds + plan.seconds + plan.timeout_seconds + _LATE_SECONDS
            lines = _lines(stdout, stop, stdin.close, longest)
            found = read_result(lines, plan, heard)
        finally:
            if process.poll() is None:
                process.kill()
        if found is None:
            said = cast("IO[bytes]", process.stderr).read(_LONGEST_COMPLAINT).decode("utf-8", "replace")
            reason = shorten(printable(said.strip().rpartition("\n")[2]), 200) or f"exit code {process.wait()}"
            raise WorkbenchError(f"the meter failed: {reason}")
    return found


def agent_plan(plan: LoadPlan, requests: Iterable[tuple[HttpRequest, Address]]) -> dict[str, Any]:
    """The plan as the agent takes it."""
    asked = list(requests)
    return {
        "rate": plan.rate,
        "warmup": plan.warmup_seconds,
        "seconds": plan.seconds,
        "blocks": plan.blocks,
        "connections": plan.connections,
        "keep_alive": plan.keep_alive,
        "timeout": plan.timeout_seconds,
        "verify": plan.verify,
        "network": asked[0][1].network,
        "requests": [
            {
                "host": address.host,
                "port": address.port,
                "server_name": address.server_name,
                "to_head": request.method == "HEAD",
                "content": b64encode(request_bytes(request, address, keep_alive=plan.keep_alive)).decode(),
            }
            for request, address in asked
        ],
    }


def request_bytes(request: HttpRequest, address: Address, *, keep_alive: bool) -> bytes:
    """An HTTP/1.1 request. What it has no header for, and every client sends, is added."""
    given = {name.lower() for name, _ in request.headers}
    headers = [
        ("Host", address.authority),
        ("User-Agent", "container-workbench"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "gzip"),
    ]
    if request.body or request.method in {"POST", "PUT", "PATCH"}:
        headers.append(("Content-Length", str(len(request.body))))
    if not keep_alive:
        headers.append(("Connection", "close"))
    headers = [pair for pair in headers if pair[0].lower() not in given] + list(request.headers)
    lines = [f"{request.method} {address.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + request.body


def read_result(lines: Iterable[bytes], plan: LoadPlan, heard: Heard) -> LoadResult | None:
    """Follow what the agent writes; `None` when it ends without a result.

    Raises:
        Stopped: when it was stopped before anything was measured.
        WorkbenchError: when it says why it cannot measure, or what comes is not its own.
    """
    for line in lines:
        try:
            said = json.loads(line)
            if "result" in said:
                result = _result(said["result"])
                if result.was_stopped and not result.sent:
                    raise Stopped("stopped before anything was measured")
                return result
            if "failure" in said:
                raise WorkbenchError(f"the meter cannot measure: {printable(str(said['failure']))}")
            heard(_progress(said["progress"], plan))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise WorkbenchError("the meter's answer cannot be read") from error
    return None


def _progress(said: dict[str, Any], plan: LoadPlan) -> LoadProgress:
    return LoadProgress(
        elapsed_seconds=_number(said["elapsed"]),
        seconds=plan.seconds,
        sent=_count(said["sent"]),
        answered=_count(said["answered"]),
        errors=_count(said["errors"]),
        p50_ms=_known(said["p50"]),
        p99_ms=_known(said["p99"]),
        lag_p99_ms=_known(said["lag_p99"]),
    )


def _result(said: dict[str, Any]) -> LoadResult:
    whole, least, most = map(_count, said["bytes"])
    statuses = _counts(said["statuses"])
    return LoadResult(
        engine="built-in",
        began_at=_number(said["began"]),
        seconds=_number(said["seconds"]),
        was_stopped=said["stopped"] is True,
        sent=_count(said["sent"]),
        answered=sum(count for _, count in statuses),
        answered_in_time=_count(said["answered_in_time"]),
        errors=_counts(said["errors"]),
        statuses=statuses,
        body_bytes=whole,
        least_body_bytes=least,
        most_body_bytes=most,
        samples=tuple(_sample(one) if one else None for one in said["samples"]),
        waited=_count(said["waited"]),
        retried=_count(said["retried"]),
        latency=_cells(said["latency"]),
        service=_cells(said["service"]),
        connect=_cells(said["connect"]),
        lag=_cells(said["lag"]),
        blocks=tuple(
            LoadBlock(
                _number(one["seconds"]),
                _count(one["sent"]),
                _count(one["answered_in_time"]),
                _count(one["errors"]),
                _cells(one["latency"]),
            )
            for one in said["blocks"]
        ),
    )


def _cells(pairs: Iterable[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    return tuple(Histogram((_count(cell), _count(count)) for cell, count in pairs).pairs())


def _counts(said: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple((name, _count(count)) for name, count in sorted(said.items()))


def _sample(said: dict[str, Any]) -> AnswerSample:
    headers = tuple((str(name), str(value)) for name, value in said["headers"].items())
    return AnswerSample(_count(said["status"]), _count(said["head_bytes"]), _count(said["body_bytes"]), headers)


def _count(said: object) -> int:
    if not isinstance(said, int) or not 0 <= said < _MOST:
        raise ValueError("no count")
    return said


def _number(said: object) -> float:
    if not isinstance(said, int | float) or not -_MOST < said < _MOST:  # no number is below another
        raise ValueError("no number")
    return float(said)


def _known(said: object) -> float | None:
    return None if said is None else _number(said)


def _lines(stream: IO[bytes], stop: Event, hand_on: Callable[[], object], longest: float) -> Iterator[bytes]:
    """Lines of the agent as they come; when stopped it is told so, once."""
    gathered = b""
    deadline = time.monotonic() + longest
    told = False
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            if stop.is_set() and not told:
                told, deadline = True, time.monotonic() + _LATE_SECONDS
                hand_on()
            if time.monotonic() > deadline:
                raise WorkbenchError("the meter does not end", "this machine may be overloaded: try a lower rate")
            if not selector.select(_LOOK_SECONDS):
                continue
            piece = os.read(stream.fileno(), 1 << 20)
            if not piece:
                return
            *whole, gathered = (gathered + piece).split(b"\n")
            if len(gathered) > _LONGEST_LINE:
                raise WorkbenchError("the meter's answer is too large")
            yield from whole
