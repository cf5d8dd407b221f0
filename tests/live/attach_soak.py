"""Enters running Pythons again and again, and looks each time whether they are as before. Takes long; run by hand.

    python tests/live/attach_soak.py --attaches 200

Every Python that there is to be had x busy, idle, threaded, allocating; gdb, and from 3.14 on `sys.remote_exec` by
turns. A target that dies, hangs, keeps a thread, a process or a name of ours, or is slower afterwards is a failure.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Literal

import docker

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.live.attach_targets import KINDS, Interpreter, Told, mounted, told
from tests.live.engines import find_engine, run_script
from tests.live.labels import LABEL, run_id
from workbench.errors import EngineTimeout, WorkbenchError
from workbench.profilers.base import Wish
from workbench.profiling import Profiling
from workbench.settings import Settings

SLOWEST = 0.85
"""Of its rate before, what a target must reach after; the same program's rate varies by a tenth here."""
REST_SECONDS = 2.0
RATES = 3
TRIES = 5


def interpreters() -> Iterator[Interpreter]:
    base = run_script("base_image.sh")[0]
    for minor in range(8, 14):
        if found := mounted(f"3.{minor}", base):
            yield found
    sid = run_script("base_image.sh", "sid")[0]
    yield Interpreter("3.14", sid, "python3")
    yield Interpreter("3.15", sid, "python3.15")
    yield Interpreter("3.11 musl", run_script("base_image.sh", "musl")[0], "python3")


class Target:
    """A program that runs."""

    def __init__(self, client: docker.DockerClient, python: Interpreter, kind: str) -> None:
        self.python = python
        self.container = client.containers.run(
            python.image,
            [python.program, "-c", KINDS[kind]],
            detach=True,
            network_mode="none",
            volumes=list(python.volumes),
            labels={LABEL: run_id()},
        )
        self.pid = self.state()["Pid"]

    def state(self) -> dict[str, object]:
        self.container.reload()
        return dict(self.container.attrs["State"])

    def rate(self) -> Told:
        """The best of several whiles: the rest of the machine can only slow it down."""
        found = []
        for _ in range(RATES):
            before = len(self.container.logs())
            time.sleep(REST_SECONDS)
            found.append(told(self.container.logs()[before:]))
        return max(found, key=lambda one: one.per_second)

    def wrong(self) -> str:
        """What is not as it was."""
        state = self.state()
        if state["Running"] is not True or state["Pid"] != self.pid:
            return f"died: exit {state['ExitCode']}"
        if len(self.container.top()["Processes"]) != 1:
            return "a process is left"
        before, ends = len(self.container.logs()), time.monotonic() + 30
        while len(self.container.logs()) == before:
            if time.monotonic() > ends:
                return "hangs"
            time.sleep(0.1)
        return ""


def soak(target: Target, profiling: Profiling, attaches: int) -> tuple[int, list[str], list[float]]:
    """Enter it so many times; how many recordings came, what was wrong, and the seconds that each took."""
    recordings = 0
    wrong: list[str] = []
    took: list[float] = []
    can_both = target.python.version in {"3.14", "3.15"}
    for count in range(attaches):
        route: Literal["remote-exec", "gdb"] = "remote-exec" if can_both and count % 2 else "gdb"
        for _ in range(TRIES):
            began = time.monotonic()
            try:
                facts = profiling.probe(str(target.container.id))
                profiling.run(
                    "cprofile", facts, Wish(seconds=0.5, route=route, accepts_risk=True), lambda _: None, Event()
                )
                recordings += 1
            except EngineTimeout:  # the engine's fault: once more
                if found := target.wrong():
                    return recordings, [*wrong, found], took
                continue
            except WorkbenchError as error:
                if "lacks ctypes" not in error.reason:  # it went in, and said so
                    wrong.append(f"{route}: {error.reason}")
            took.append(time.monotonic() - began)
            break
        else:
            wrong.append("the engine does not answer")
        if found := target.wrong():
            return recordings, [*wrong, found], took
    return recordings, wrong, took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attaches", type=int, default=200, help="in all (default: 200)")
    parser.add_argument("--only", default="", help="versions, separated by commas")
    arguments = parser.parse_args()
    engine = find_engine()
    only = set(filter(None, arguments.only.split(",")))
    pythons = [python for python in interpreters() if not only or python.version in only]
    each = max(1, round(arguments.attaches / (len(pythons) * len(KINDS))))
    profiling = Profiling(Settings())
    attaches = recordings = failures = 0
    print(f"{'python':10} {'kind':10} {'recorded':>9} {'median':>8} {'rate before':>12} {'after':>10} {'':6} wrong")
    for python in pythons:
        for kind in KINDS:
            target = Target(engine.client, python, kind)
            try:
                time.sleep(1)
                before = target.rate()
                came, wrong, took = soak(target, profiling, each)
                after = target.rate() if not target.wrong() else Told(0, 0.0, 0)
                share = after.per_second / before.per_second if before.per_second else 0.0
                if kind != "idle" and share < SLOWEST:
                    wrong.append("slower")
                if after.threads != before.threads:
                    wrong.append(f"{after.threads} threads instead of {before.threads}")
            finally:
                target.container.remove(v=True, force=True)
            attaches, recordings, failures = attaches + len(took), recordings + came, failures + len(wrong)
            print(
                f"{python.version:10} {kind:10} {came:4} of {each:<2} {statistics.median(took or [0.0]):6.1f} s"
                f" {before.per_second:12.0f} {after.per_second:10.0f} {share:6.2f} {'; '.join(wrong)}",
                flush=True,
            )
    profiling.close()
    print(f"{attaches} attaches, {recordings} recordings, {failures} things wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
