"""wrk: as fast as answers come, on a fixed number of connections. Its own script tells the whole histogram.

wrk corrects that for coordinated omission itself, by supposing that each connection meant to send at its mean pace.
"""

from pathlib import Path

from workbench.measure.histogram import Histogram, cell_of
from workbench.meters.address import Address
from workbench.meters.engines.base import Errand, Found
from workbench.model.latency import HttpRequest, LoadPlan

_TELL = """
function done(summary, latency)
  local e = summary.errors
  print("workbench", summary.duration, summary.requests, summary.bytes, e.connect, e.read, e.write, e.status, e.timeout)
  for i = 1, #latency do print("cell", latency(i)) end
end
"""
_FIGURES = 9


class Wrk:
    """See the module."""

    name = "wrk"
    keeps_rate = False
    shows_headers = False
    install = "apt-get install wrk"

    def errand(self, plan: LoadPlan, request: HttpRequest, address: Address, folder: Path) -> Errand:
        """How it is called."""
        script = folder / "tell.lua"
        headers = [("Host", address.authority), *request.headers]
        if not plan.keep_alive:
            headers.append(("Connection", "close"))
        lines = [f"wrk.headers[{_lua(name)}] = {_lua(value)}" for name, value in headers]
        lines += [f"wrk.method = {_lua(request.method)}", f"wrk.path = {_lua(address.target)}"]
        if request.body:
            lines.append(f"wrk.body = {_lua(request.body)}")
        script.write_text("\n".join([*lines, _TELL]))
        seconds, timeout = max(1, round(plan.seconds)), max(1, round(plan.timeout_seconds))
        connections = ("-t", "1", "-c", str(plan.connections))
        return Errand((*connections, "-d", f"{seconds}s", "--timeout", f"{timeout}s", "-s", str(script), address.url))

    def read(self, output: str, folder: Path, plan: LoadPlan) -> Found:  # noqa: ARG002  one signature
        """What its script has written."""
        found, cells = Found(), []
        told = False
        for line in output.splitlines():
            kind, *words = line.split()[: _FIGURES + 1] or [""]
            if kind == "workbench":
                figures = [int(float(word)) for word in words]
                micros, found.answered, _, connect, read, write, status, timeout = figures
                found.seconds, told = micros / 1e6, True
                found.failed("unreachable", connect)
                found.failed("reset", read + write)
                found.failed("timeout", timeout)
                found.failed("status_4xx_or_5xx", status)
                found.sent = found.answered + connect + read + write + timeout
            elif kind == "cell" and told:
                cells.append((cell_of(int(float(words[0]))), int(float(words[1]))))
        if not told:
            raise ValueError("no summary")
        found.latency = Histogram(cells)
        return found


def _lua(text: str | bytes) -> str:
    """A string of Lua that holds just these bytes, whatever they are."""
    raw = text if isinstance(text, bytes) else text.encode("latin-1", "replace")
    return '"' + "".join(f"\\{byte:03d}" for byte in raw) + '"'


ENGINE = Wrk()
