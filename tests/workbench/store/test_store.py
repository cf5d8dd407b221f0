"""What is recorded comes back, and nothing else does."""

import hashlib
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import __version__
from workbench.errors import RunUnknown, StoreError
from workbench.measure.secrets import MASK
from workbench.model.runs import (
    Artifact,
    Conditions,
    Environment,
    Metric,
    NewArtifact,
    NewRun,
    Pairing,
    Sample,
    Target,
)
from workbench.store import Store
from workbench.store.rows import nanoseconds, seconds_of

MakeRun = Callable[..., NewRun]


def test_a_run_comes_back_whole(store: Store, make_run: MakeRun) -> None:
    environment = Environment("h", "Xeon", 8, None, 1 << 34, "6.1", 2, "docker", "28.5.2", "overlay2")
    conditions = Conditions(
        image_id="sha256:ab",
        git_commit="c0ffee",
        git_dirty=False,
        configuration=(("rate", "500"), ("seconds", "30")),
        load_1_minute=0.5,
        pressure=(("cpu.some.avg10", 1.25),),
    )
    metrics = (
        Metric("p50", "ms", 4.0, -1, 2, "noisy", (Sample(3.5, 0.1), Sample(4.5))),
        Metric("size", "B", None, 0),
    )
    run = make_run(
        target=Target("url", "http://localhost:8080/items", (("method", "GET"),)),
        environment=environment,
        project="shop",
        label="before",
        status="interrupted",
        metrics=metrics,
        conditions=conditions,
        pairing=Pairing("s1", 3, "before"),
        note="on a quiet box",
    )
    run_id = store.record_run(run)
    detail = store.run(run_id)
    assert detail.summary == store.runs()[0]
    assert detail.summary.target == run.target
    assert (detail.summary.project, detail.summary.kind, detail.summary.label) == ("shop", "latency", "before")
    assert (detail.summary.started_at, detail.summary.ended_at) == (run.started_at, run.ended_at)
    assert (detail.summary.status, detail.summary.note, detail.summary.pinned) == ("interrupted", run.note, False)
    assert (detail.summary.metrics, detail.summary.artifacts) == (2, 1)
    assert detail.environment == environment
    assert detail.conditions == conditions
    assert detail.pairing == run.pairing
    assert detail.metrics == metrics
    assert detail.tool_version == __version__
    (artifact,) = detail.artifacts
    assert artifact == Artifact("log", "text/plain", hashlib.sha256(b"hello").hexdigest(), 5)
    assert store.artifact(artifact).read_bytes() == b"hello"


def test_a_run_without_anything_optional_comes_back(store: Store, make_run: MakeRun) -> None:
    run_id = store.record_run(make_run(ended_at=None, metrics=(), artifacts=()))
    detail = store.run(run_id)
    assert (detail.summary.ended_at, detail.pairing, detail.conditions) == (None, None, Conditions())
    assert (detail.metrics, detail.artifacts) == ((), ())


def test_runs_are_listed_newest_first(store: Store, make_run: MakeRun) -> None:
    ids = [store.record_run(make_run(started_at=float(at))) for at in (20, 10, 30, 30)]
    assert [run.id for run in store.runs()] == [ids[3], ids[2], ids[0], ids[1]]
    assert [run.id for run in store.runs(limit=2)] == [ids[3], ids[2]]
    assert store.runs(limit=0) == store.runs(limit=-1) == ()
    assert [run.id for run in store.runs(limit=1, before=ids[2])] == [ids[0]], "of those, not of all"


def test_runs_are_found_by_kind_and_target(store: Store, make_run: MakeRun) -> None:
    first = store.record_run(make_run(kind="build"))
    second = store.record_run(make_run(target=Target("container", "web")))
    assert [run.id for run in store.runs(kind="build")] == [first]
    assert [run.id for run in store.runs(target="web")] == [second]
    assert store.runs(kind="build", target="web") == ()
    assert store.runs(target="' OR 1=1 --") == ()
    assert store.runs(kind="\udcff") == ()


def test_one_target_and_one_environment_are_kept_once(store: Store, make_run: MakeRun, path: Path) -> None:
    store.record_run(make_run(target=Target("image", "api:1.4", (("build", "x"),))))
    store.record_run(make_run())
    store.record_run(make_run(project="other"))
    with sqlite3.connect(path) as raw:
        counts = [raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("target", "environment")]
    raw.close()
    assert counts == [2, 1]
    assert {run.target.specification for run in store.runs()} == {(("build", "x"),), ()}


def test_notes_and_pins_are_kept(store: Store, make_run: MakeRun) -> None:
    run_id = store.record_run(make_run())
    store.note(run_id, "after TOKEN=hunter2")
    store.pin(run_id)
    assert (store.runs()[0].note, store.runs()[0].pinned) == (f"after TOKEN={MASK}", True)
    store.pin(run_id, pinned=False)
    assert not store.runs()[0].pinned


def test_an_unknown_run_is_named(store: Store) -> None:
    for act in (store.run, store.pin, store.delete, lambda run_id: store.note(run_id, "x")):
        with pytest.raises(RunUnknown, match="there is no run 7") as caught:
            act(7)
        assert caught.value.exit_code == 2


def test_a_deleted_run_is_gone_and_its_id_is_never_used_again(store: Store, make_run: MakeRun, path: Path) -> None:
    run_id = store.record_run(make_run())
    store.delete(run_id)
    assert store.runs() == ()
    with sqlite3.connect(path) as raw:
        left = [
            raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("metric", "sample", "artifact")
        ]
    raw.close()
    assert left == [0, 0, 0]
    assert list((path.parent / "artifacts").iterdir()) == []
    assert store.record_run(make_run()) > run_id


def test_equal_artifacts_are_one_file_until_the_last_run_goes(store: Store, make_run: MakeRun, path: Path) -> None:
    first, second = store.record_run(make_run()), store.record_run(make_run())
    (artifact,) = store.run(first).artifacts
    assert [f for f in (path.parent / "artifacts").rglob("*") if f.is_file()] == [store.artifact(artifact)]
    store.delete(first)
    assert store.artifact(artifact).read_bytes() == b"hello"
    store.delete(second)
    with pytest.raises(StoreError, match="is gone"):
        store.artifact(artifact)


def test_a_damaged_artifact_is_mended_by_the_next_equal_one(store: Store, make_run: MakeRun) -> None:
    (artifact,) = store.run(store.record_run(make_run())).artifacts
    store.artifact(artifact).write_bytes(b"hell")
    store.record_run(make_run())
    assert store.artifact(artifact).read_bytes() == b"hello"


def test_an_artifact_can_be_a_large_file(store: Store, make_run: MakeRun, tmp_path: Path) -> None:
    source = tmp_path / "large"
    source.write_bytes(bytes(range(256)) * 20_000)
    run_id = store.record_run(make_run(artifacts=(NewArtifact("dump", "application/octet-stream", source),)))
    (artifact,) = store.run(run_id).artifacts
    assert artifact.size_bytes == 5_120_000
    assert artifact.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert store.artifact(artifact).read_bytes() == source.read_bytes()


def test_a_run_whose_artifact_cannot_be_read_leaves_nothing(store: Store, make_run: MakeRun, path: Path) -> None:
    absent = path.parent / "absent"
    artifacts = (NewArtifact("log", "text/plain", b"hello"), NewArtifact("dump", "text/plain", absent))
    with pytest.raises(StoreError, match=f"{absent} cannot be used: No such file"):
        store.record_run(make_run(artifacts=artifacts))
    assert store.runs() == ()
    assert list((path.parent / "artifacts").iterdir()) == []


@pytest.mark.parametrize(
    "metrics",
    [
        (Metric("p50", "ms", float("nan")),),
        (Metric("p50", "ms", float("inf")),),
        (Metric("p50", "ms", 1.0, samples=(Sample(1.0), Sample(float("nan")))),),
        (Metric("p50", "ms", 1.0), Metric("p50", "ms", 2.0)),
    ],
)
def test_figures_that_cannot_be_kept_are_refused(
    store: Store, make_run: MakeRun, path: Path, metrics: tuple[Metric, ...]
) -> None:
    with pytest.raises(ValueError, match="p50"):
        store.record_run(make_run(metrics=metrics))
    assert store.runs() == ()
    assert not (path.parent / "artifacts").exists()


@pytest.mark.parametrize("moment", [1e10, -1e10, float("inf")])
def test_a_moment_beyond_the_columns_is_refused(store: Store, make_run: MakeRun, path: Path, moment: float) -> None:
    with pytest.raises(StoreError, match="one is larger"):
        store.record_run(make_run(ended_at=moment))
    assert store.runs() == ()
    assert list((path.parent / "artifacts").iterdir()) == []


def test_a_failed_write_leaves_nothing(store: Store, make_run: MakeRun, path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        store.record_run(make_run(target=Target("planet", "mars")))  # type: ignore[arg-type]  # that is the test
    assert store.runs() == ()
    assert list((path.parent / "artifacts").iterdir()) == []
    assert store.record_run(make_run()) > 0


def test_secrets_never_reach_the_disk(store: Store, make_run: MakeRun, path: Path) -> None:
    secret = "hunter2hunter2"
    store.record_run(
        make_run(
            target=Target("url", f"http://me:{secret}@host/x", (("api_key", secret), ("url", f"http://u:{secret}@h"))),
            label=f"PASSWORD={secret}",
            note=f"--token {secret}",
            project=f"x TOKEN={secret}",
            conditions=Conditions(configuration=(("password", secret), ("command", f"run --password={secret}"))),
        )
    )
    kept = b"".join(file.read_bytes() for file in path.parent.rglob("*") if file.is_file())
    assert b"hunter2" not in kept
    assert [run.target.name for run in store.runs(target=f"http://me:{secret}@host/x")] == [f"http://me:{MASK}@host/x"]


def test_hostile_text_is_kept_as_text(store: Store, make_run: MakeRun) -> None:
    hostile = "\x00\x1b[31m'; DROP TABLE run; --\ud800\u202e日本"
    run_id = store.record_run(make_run(label=hostile, target=Target("image", "x" * 100_000)))
    detail = store.run(run_id)
    assert detail.summary.label == hostile.replace("\ud800", "?")
    assert len(detail.summary.target.name) == 4000


def test_only_the_owner_can_read_it(store: Store, make_run: MakeRun, path: Path) -> None:
    store.record_run(make_run())
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    for file in path.parent.rglob("*"):
        assert stat.S_IMODE(file.stat().st_mode) == (0o700 if file.is_dir() else 0o600), file


def test_several_threads_may_use_one_store(store: Store, make_run: MakeRun) -> None:
    def work() -> None:
        for _ in range(10):
            store.record_run(make_run())
            store.runs()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.runs()) == 40


def test_it_can_be_closed_twice_and_opened_again(path: Path, make_run: MakeRun) -> None:
    with Store.open(path) as store:
        run_id = store.record_run(make_run())
    store.close()
    with Store.open(path) as again:
        assert again.run(run_id).metrics == make_run().metrics
    assert {file.name for file in path.parent.iterdir()} == {"runs.db", "artifacts"}


@given(st.floats(0, 4e9))
def test_times_come_back_exactly(seconds: float) -> None:
    assert abs(seconds_of(nanoseconds(seconds)) - seconds) <= 0.5e-9
    if seconds >= 1e7:
        assert seconds_of(nanoseconds(seconds)) == seconds
