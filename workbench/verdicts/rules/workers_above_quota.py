"""It runs more workers than its quota has cores: they take each other's turns."""

import math
import re
from collections import Counter

from workbench.model.processes import FocusSnapshot, Process
from workbench.model.verdicts import Verdict
from workbench.verdicts.rule import Rule
from workbench.verdicts.rules.cpu_quota import THROTTLED_PERCENT
from workbench.verdicts.window import Window
from workbench.verdicts.words import cores, figure, name, share, target, word

SERVERS = re.compile(r"\b(gunicorn|uvicorn|hypercorn|granian|uwsgi|celery|puma|unicorn|php-fpm|apache2|httpd|nginx)\b")
"""Programs that start worker processes, one for each request or job at a time."""
SPAWNED = re.compile(r"multiprocessing[.](spawn|forkserver) import (spawn_main|main)|--multiprocessing-fork")
"""How Python's own workers call themselves."""
THREAD_SETTINGS = (
    "GOMAXPROCS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "TOKIO_WORKER_THREADS",
    "WEB_CONCURRENCY",
)
"""Environment variables that say how many workers or threads there are."""
MOST_BELIEVED = 10_000
"""A setting that says more is no number of workers."""


def look(window: Window) -> Verdict | None:
    """More workers of a known server, or threads by a known setting, than the quota's cores, rounded up."""
    quota = window.quota_cores
    if quota is None or not window.running:
        return None
    counted = _counted(window.focus) if window.focus else None
    found = counted or _set(window)
    if found is None:
        return None
    count, what = found
    room = max(1, math.ceil(quota - 1e-9))
    if count <= room:
        return None
    throttled = window.mean.throttled_percent
    return Verdict(
        "workers-above-quota",
        "watch",
        window.confidence(counted is None, throttled is None or throttled <= THROTTLED_PERCENT, seconds=60.0),
        word(f"{count} workers on a quota of {cores(quota)}"),
        f"{count} {what} share a quota of {cores(quota)}"
        + (f", throttled in {throttled:.0f}% of periods" if throttled else ""),
        (
            figure(what, str(count), f"more than {room}, its quota rounded up"),
            share("throttled", throttled, THROTTLED_PERCENT, unit="of periods"),
        ),
        f"run {room}, or give it a core for each: docker update --cpus "
        f"{min(count, window.situation.cpus or count)} {target(window.container)}",
        min(100.0, 100.0 * (count - room) / count),
    )


def _counted(focus: FocusSnapshot) -> tuple[int, str] | None:
    """The most worker processes that one master of a known server has."""
    by_pid = {process.pid: process for process in focus.processes}
    workers: Counter[tuple[int, str]] = Counter()
    for process in focus.processes:
        master = by_pid.get(process.parent_pid)
        server = _server(master) if master else ""
        if master and server and (_server(process) == server or SPAWNED.search(process.command)):
            workers[master.pid, server] += 1
    if not workers:
        return None
    ((_, server), count) = workers.most_common(1)[0]
    return count, f"{server} worker processes"


def _server(process: Process) -> str:
    found = SERVERS.search(process.command or process.name)
    return found[1] if found else ""


def _set(window: Window) -> tuple[int, str] | None:
    """The largest number that its environment sets."""
    detail = window.situation.detail
    told = [
        (int(value), f"workers or threads by its {name(setting)}")
        for setting, value in (detail.environment if detail else ())
        if setting in THREAD_SETTINGS and value.isdecimal() and len(value) < 6 and 0 < int(value) <= MOST_BELIEVED
    ]
    return max(told, default=None)


RULE = Rule("workers-above-quota", "more workers than its quota's cores", look)
