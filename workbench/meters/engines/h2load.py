"""h2load, with HTTP/1.1: clients that each send at a share of the rate, and no sooner than their last answer came."""

import re
from pathlib import Path

from workbench.meters.address import Address
from workbench.meters.engines.base import Errand, Found
from workbench.model.latency import HttpRequest, LoadPlan

_SUMMARY = re.compile(r"requests: \d+ total, (\d+) started, .*, (\d+) timeout")
_BODIES = re.compile(r"traffic: .*\((\d+)\) data")


class H2load:
    """See the module."""

    name = "h2load"
    keeps_rate = True
    shows_headers = True
    install = "apt-get install nghttp2-client"

    def errand(self, plan: LoadPlan, request: HttpRequest, address: Address, folder: Path) -> Errand:
        """How it is called."""
        (folder / "log").unlink(missing_ok=True)
        clients = max(1, min(plan.connections, round(plan.rate)))
        timeout = str(max(1, round(plan.timeout_seconds)))
        words = ["--h1", "-t", "1", "-c", str(clients), "--rps", f"{plan.rate / clients:.6f}"]
        words += ["-D", str(max(1, round(plan.seconds))), "-N", timeout, "--log-file", str(folder / "log")]
        words += ["-H", f":method: {request.method}", "-H", f"host: {address.authority}"]
        for name, value in request.headers:
            words += ["-H", f"{name.lower()}: {value}"]
        if request.body:
            body = folder / "body"
            body.write_bytes(request.body)
            words += ["-d", str(body)]
        if not plan.keep_alive:
            words += ["-H", "connection: close"]
        return Errand((*words, address.url))

    def read(self, output: str, folder: Path, plan: LoadPlan) -> Found:
        """Its log has a line for each request: when it began, its status or −1, and microseconds."""
        summary = _SUMMARY.search(output)
        if summary is None:
            raise ValueError("no summary")
        found = Found(seconds=max(1, round(plan.seconds)))
        with (folder / "log").open(encoding="ascii") as log:
            for line in log:
                _, status, took = line.split()[:3]
                if int(status) > 0:
                    found.latency.record(int(took) / 1e6)
                    found.answered += 1
                    found.status(int(status))
        started, timeouts = int(summary[1]), int(summary[2])
        found.failed("timeout", timeouts)
        if not found.answered:
            found.failed("no_answer", max(1, started) - timeouts)
        # Those that were under way at the end are neither answered nor failed
        found.sent = found.answered + timeouts + found.errors.get("no_answer", 0)
        bodies = _BODIES.search(output)
        found.body_bytes = int(bodies[1]) if bodies else 0
        return found


ENGINE = H2load()
