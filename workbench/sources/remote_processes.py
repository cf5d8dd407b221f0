"""The processes of a container on another machine, as its engine's `ps` tells them."""

import re
from collections import deque
from collections.abc import Mapping, Sequence

import docker
import docker.errors

from workbench.measure.arguments import masked_text
from workbench.measure.process_tree import parents_first
from workbench.measure.text import shorten
from workbench.model.processes import Process
from workbench.sources.answers import Answer, texts
from workbench.sources.base import Clock
from workbench.sources.process_table import LONGEST_COMMAND, MOST_PROCESSES

WINDOW_SECONDS = 30.0
"""`ps` counts CPU time in whole seconds, so a rate is told over so long, and not before `SHORTEST_WINDOW_SECONDS`."""
SHORTEST_WINDOW_SECONDS = 10.0

_WANTED = "-o pid,ppid,uid,stat,nlwp,rss,etimes,cputimes,wchan:32,args"
_USUAL = "-ef"
"""What every `ps` understands, busybox's among them."""
_CPU_TIME = re.compile(r"(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)", re.ASCII)


class RemoteProcesses:
    """Asks the engine, which runs `ps` and tells everybody who follows its events: ask seldom.

    Args:
        clock: Any seconds.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._arguments = _WANTED
        self._looks: deque[tuple[float, Mapping[int, float]]] = deque()

    def read(self, client: docker.APIClient, container_id: str, now: float) -> tuple[tuple[Process, ...], int, float]:
        """Processes, parents first, how many were left out, and over how many seconds their CPU is counted.

        Args:
            client: The engine's.
            container_id: The container; it runs.
            now: Unix time in seconds.

        Raises:
            docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
        """
        answer = self._ask(client, container_id)
        titles = [title.upper() for title in texts(answer, "Titles")]
        found = answer.get("Processes")
        rows = [row for row in found if isinstance(row, list)] if isinstance(found, list) else []
        shown = [dict(zip(titles, map(str, row), strict=False)) for row in rows[:MOST_PROCESSES]]
        looked_at = self._clock()
        times = {pid: used for row in shown if (pid := _whole(row, "PID")) and (used := _cpu_seconds(row)) is not None}
        while self._looks and looked_at - self._looks[0][0] > WINDOW_SECONDS:
            self._looks.popleft()
        then, used_then = self._looks[0] if self._looks else (looked_at, {})
        self._looks.append((looked_at, times))
        window = looked_at - then if looked_at - then >= SHORTEST_WINDOW_SECONDS else 0.0

        def cpu(pid: int) -> float | None:
            if not window or pid not in times or pid not in used_then or times[pid] < used_then[pid]:
                return None
            return 100 * (times[pid] - used_then[pid]) / window

        processes = parents_first(
            _process(row, pid, cpu(pid), now) for row in shown if (pid := _whole(row, "PID")) is not None
        )
        return processes, max(0, len(rows) - MOST_PROCESSES), window

    def _ask(self, client: docker.APIClient, container_id: str) -> Answer:
        try:
            answer: Answer = client.top(container_id, ps_args=self._arguments)
        except docker.errors.APIError:
            if self._arguments == _USUAL:
                raise
            answer = client.top(container_id, ps_args=_USUAL)
            self._arguments = _USUAL
        return answer


def _process(row: Mapping[str, str], pid: int, cpu_percent: float | None, now: float) -> Process:
    command = masked_text(row.get("COMMAND") or row.get("CMD") or "")
    kilobytes, elapsed = _whole(row, "RSS"), _whole(row, "ELAPSED")
    waits_in = row.get("WCHAN", "").strip("-?0")
    return Process(
        pid=pid,
        parent_pid=_whole(row, "PPID") or 0,
        name=_name(command),
        command=shorten(command, LONGEST_COMMAND),
        user_id=_whole(row, "UID"),
        state=(row.get("STAT") or row.get("S") or "")[:1],
        waits_in=waits_in,
        started_at=now - elapsed if elapsed is not None else 0.0,
        threads=_whole(row, "NLWP"),
        cpu_percent=cpu_percent,
        memory_bytes=None if kilobytes is None else kilobytes * 1024,
    )


def _name(command: str) -> str:
    """The program's, as the kernel would have it, which no column of `ps` can hold: it may have blanks."""
    words: Sequence[str] = command.split(maxsplit=1)
    return words[0].rpartition("/")[2].strip("[]:")[:15] if words else ""


def _whole(row: Mapping[str, str], title: str) -> int | None:
    value = row.get(title, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def _cpu_seconds(row: Mapping[str, str]) -> float | None:
    """`TIME` in seconds, or as `[[days-]hours:]minutes:seconds`."""
    value = row.get("TIME", "")
    if (seconds := _whole(row, "TIME")) is not None:
        return float(seconds)
    match = _CPU_TIME.fullmatch(value)
    if match is None or len(value) > 32:
        return None
    days, hours, minutes, last = (int(part or 0) for part in match.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + last)
