"""hey: workers that each send at a share of the rate, and no sooner than their last answer came."""

import csv
import math
from pathlib import Path

from workbench.meters.address import Address
from workbench.meters.engines.base import Errand, Found
from workbench.model.latency import HttpRequest, LoadPlan


class Hey:
    """See the module."""

    name = "hey"
    keeps_rate = True
    shows_headers = True
    install = "apt-get install hey"

    def errand(self, plan: LoadPlan, request: HttpRequest, address: Address, folder: Path) -> Errand:
        """How it is called: with a number of requests, since it does not tell which of them have failed."""
        workers, count = _shares(plan)
        words = ["-n", str(count), "-c", str(workers), "-q", f"{plan.rate / workers:.6f}", "-m", request.method]
        words += ["-t", str(max(1, round(plan.timeout_seconds))), "-o", "csv", "-host", address.authority]
        for name, value in request.headers:
            words += ["-H", f"{name}: {value}"]
        if request.body:
            body = folder / "body"
            body.write_bytes(request.body)
            words += ["-D", str(body)]
        if not plan.keep_alive:
            words.append("-disable-keepalive")
        return Errand((*words, address.url))

    def read(self, output: str, folder: Path, plan: LoadPlan) -> Found:  # noqa: ARG002  one signature
        """A line for each answer."""
        lines = output.splitlines()
        begin = next((at for at, line in enumerate(lines) if line.startswith("response-time,")), None)
        if begin is None:
            raise ValueError("no table")
        found = Found(sent=_shares(plan)[1])
        for row in csv.DictReader(lines[begin:]):
            took, offset = float(row["response-time"]), float(row["offset"])
            found.latency.record(took)
            found.answered += 1
            found.status(int(row["status-code"]))
            found.seconds = max(found.seconds, offset + took)
        found.seconds = max(found.seconds, plan.seconds)
        found.failed("no_answer", found.sent - found.answered)
        return found


def _shares(plan: LoadPlan) -> tuple[int, int]:
    """Workers, and requests in all: each worker sends as many."""
    workers = max(1, min(plan.connections, round(plan.rate)))
    return workers, workers * math.ceil(plan.rate * plan.seconds / workers)


ENGINE = Hey()
