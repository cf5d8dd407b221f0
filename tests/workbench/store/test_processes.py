"""Several workbenches on one store, and one that is killed in the middle of writing."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from workbench.model.runs import NewRun
from workbench.store import Store

MakeRun = Callable[..., NewRun]

WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from conftest import new_run
from workbench.model.runs import Metric, NewArtifact, Sample
from workbench.store import Store

path, label, count = Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
print("ready", flush=True)
sys.stdin.readline()
with Store.open(path) as store:
    for number in range(count):
        samples = tuple(Sample(float(i)) for i in range(50))
        metric = Metric("m", "s", float(number), samples=samples)
        shared = NewArtifact("shared", "text/plain", b"the same in every run")
        own = NewArtifact("own", "text/plain", f"{label} {number} ".encode() * 500)
        run = new_run(label=f"{label} {number}", metrics=(metric,), artifacts=(shared, own))
        print(store.record_run(run), flush=True)
"""


@contextmanager
def writers(path: Path, count: int, *labels: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that all begin to write at the same moment."""
    here = str(Path(__file__).parent)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, here, str(path), label, str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for label in labels
    ]
    try:
        for process in started:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def check_whole(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
        samples = "(SELECT count(*) FROM sample WHERE metric_id = metric.id)"
        assert raw.execute(f"SELECT name FROM metric WHERE n <> {samples}").fetchall() == []


def test_two_workbenches_write_at_once_and_nothing_is_lost(path: Path) -> None:
    with writers(path, 200, "left", "right") as both:
        written = [process.communicate()[0].split() for process in both]
        assert [process.returncode for process in both] == [0, 0]
    ids = {int(run_id) for run_ids in written for run_id in run_ids}
    assert len(ids) == 400
    with Store.open(path) as store:
        runs = store.runs(limit=1000)
        assert {run.id for run in runs} == ids
        assert {run.label for run in runs} == {f"{who} {n}" for who in ("left", "right") for n in range(200)}
        shared, own = store.run(min(ids)).artifacts
        assert store.artifact(shared).read_bytes() == b"the same in every run"
        assert len(store.artifact(own).read_bytes()) == own.size_bytes
    assert sum(1 for file in (path.parent / "artifacts").rglob("*") if file.is_file()) == 401
    check_whole(path)


@pytest.mark.parametrize("attempt", range(5))
def test_many_workbenches_may_be_the_first_at_once(path: Path, attempt: int) -> None:
    with writers(path, 1, *"abcdef") as all_of_them:
        assert [process.wait() for process in all_of_them] == [0] * 6
    with Store.open(path) as store:
        assert {run.label for run in store.runs()} == {f"{label} 0" for label in "abcdef"}
    check_whole(path)


@pytest.mark.parametrize("after", [1, 2, 7, 20, 33])
def test_a_workbench_killed_while_it_writes_loses_no_run_it_has_recorded(
    path: Path, make_run: MakeRun, after: int
) -> None:
    with writers(path, 100_000, "doomed") as (process,):
        assert process.stdout
        recorded = [int(process.stdout.readline()) for _ in range(after)]
        process.send_signal(signal.SIGKILL)
        recorded += [int(line) for line in process.stdout.read().split()]
        assert process.wait() == -signal.SIGKILL
    with Store.open(path) as store:
        assert {run.id for run in store.runs(limit=100_000)} >= set(recorded)
        for run_id in recorded:
            for artifact in store.run(run_id).artifacts:
                assert store.artifact(artifact).stat().st_size == artifact.size_bytes
        assert store.record_run(make_run()) > max(recorded)
    check_whole(path)


def test_nothing_of_a_killed_workbench_is_left_an_hour_later(path: Path) -> None:
    with writers(path, 100_000, "doomed") as (process,):
        assert process.stdout
        process.stdout.readline()
    artifacts = path.parent / "artifacts"
    (artifacts / ".incoming-half").write_bytes(b"killed while it was being written")
    orphan = artifacts / "00" / ("1" * 62)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"killed before its run was written")
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE store SET created_ns = created_ns - 86400 * 1000000000")
    then = time.time() - 2 * 3600
    for file in artifacts.rglob("*"):
        if file.is_file():
            os.utime(file, (then, then))
    with Store.open(path) as store:
        kept = {artifact for run in store.runs(limit=100_000) for artifact in store.run(run.id).artifacts}
        files = {file for file in artifacts.rglob("*") if file.is_file()}
        assert files == {store.artifact(artifact) for artifact in kept}
