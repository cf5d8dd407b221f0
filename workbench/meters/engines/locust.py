"""locust: users that each send at a share of the rate, and no sooner than their last answer came."""

import json
from base64 import b64encode
from pathlib import Path

from workbench.measure.histogram import Histogram, cell_of
from workbench.meters.address import Address
from workbench.meters.engines.base import Errand, Found
from workbench.model.latency import HttpRequest, LoadPlan

_EACH = 5.0
"""Requests a second of one user; a user waits for each answer."""
_FILE = """
import base64, json, os
from locust import FastHttpUser, constant_throughput, task

PLAN = json.loads(os.environ["WORKBENCH_LOCUST_PLAN"])


class Caller(FastHttpUser):
    wait_time = constant_throughput(PLAN["each"])
    network_timeout = connection_timeout = PLAN["timeout"]

    @task
    def call(self):
        body = base64.b64decode(PLAN["body"]) or None
        self.client.request(PLAN["method"], PLAN["target"], headers=PLAN["headers"], data=body, name="target")
"""


class Locust:
    """See the module."""

    name = "locust"
    keeps_rate = True
    shows_headers = False
    install = "pip install locust"

    def errand(self, plan: LoadPlan, request: HttpRequest, address: Address, folder: Path) -> Errand:
        """How it is called: with a file of its own; what is sent goes through the environment, out of others' sight."""
        users = max(1, min(plan.connections, round(plan.rate / _EACH)))
        script = folder / "locustfile.py"
        script.write_text(_FILE)
        wanted = {
            "each": plan.rate / users,
            "timeout": plan.timeout_seconds,
            "method": request.method,
            "target": address.target,
            "headers": {"Host": address.authority, **dict(request.headers)},
            "body": b64encode(request.body).decode(),
        }
        host = address.url.removesuffix(address.target)
        words = ("-f", str(script), "--headless", "--json", "--skip-log-setup", "--host", host)
        length = ("-u", str(users), "-r", str(users), "-t", f"{max(1, round(plan.seconds))}s")
        return Errand((*words, *length), {"WORKBENCH_LOCUST_PLAN": json.dumps(wanted)})

    def read(self, output: str, folder: Path, plan: LoadPlan) -> Found:  # noqa: ARG002  one signature
        """Counts of milliseconds, which it rounds to two digits."""
        begin = output.index("[\n")
        entries, _ = json.JSONDecoder().raw_decode(output[begin:])
        found, cells = Found(seconds=plan.seconds), []
        for entry in entries:
            found.sent += int(entry["num_requests"])
            found.failed("failed", int(entry["num_failures"]))
            found.body_bytes += int(entry["total_content_length"])
            cells += [(cell_of(round(float(ms) * 1000)), int(count)) for ms, count in entry["response_times"].items()]
        found.latency = Histogram(cells)
        found.answered = found.sent - sum(found.errors.values())
        return found


ENGINE = Locust()
