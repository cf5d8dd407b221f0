"""Runs listed, changed, deleted with a way back, and carried to another machine in a file that is not trusted."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.workbench.store.conftest import new_run
from workbench.comparing.runs import compare_runs
from workbench.errors import RunUnknown, StoreError, UsageError
from workbench.model.runs import Conditions, Metric, NewArtifact, Pairing, Sample
from workbench.places import store_file
from workbench.run_book import RunBook
from workbench.run_files import import_runs
from workbench.store import Store


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "here"))
    return tmp_path


def record(*values: float, **changes: object) -> int:
    metric = Metric("p50", "ms", values[0], -1, samples=tuple(Sample(value) for value in values[1:]))
    with Store.open(store_file()) as store:
        return store.record_run(new_run(metrics=(metric,), **changes))


def test_a_look_makes_no_store() -> None:
    book = RunBook()
    assert book.runs() == ()
    book.close()
    assert not store_file().exists()


def test_what_is_deleted_can_be_brought_back_until_the_book_closes() -> None:
    first, second = record(4.0), record(5.0, started_at=1_800_000_000.0)
    book = RunBook()
    assert [run.id for run in book.runs()] == [second, first]
    book.delete([first])
    assert [run.id for run in book.runs()] == [second]
    with Store.open(store_file()) as store:
        assert len(store.runs()) == 2, "nothing is lost before the workbench closes"
    assert book.undo() == (first,)
    assert len(book.runs()) == 2
    assert book.undo() == ()
    book.delete([first])
    book.delete([second])
    assert book.undo() == (second,)
    book.close()
    with Store.open(store_file()) as store:
        assert [run.id for run in store.runs()] == [second]


def test_labels_notes_and_pins() -> None:
    number = record(4.0)
    book = RunBook()
    book.label(number, "after the fix")
    book.note(number, "quiet box, token=hunter2")
    book.pin(number, pinned=True)
    [run] = book.runs()
    assert (run.label, run.pinned) == ("after the fix", True)
    assert "hunter2" not in run.note
    with pytest.raises(RunUnknown):
        book.label(99, "x")
    book.close()


def test_the_course_of_a_metric_with_its_change_of_level() -> None:
    for number in range(24):
        record((10.0 if number < 12 else 15.0) + 0.1 * (number % 3), started_at=1_700_000_000.0 + number)
    newest = record(15.1, started_at=1_800_000_000.0)
    record(99.0, started_at=1_750_000_000.0, kind="other")
    book = RunBook()
    page = book.page(newest)
    [course] = page.courses
    assert len(course.trend.values) == 25
    [point] = course.points
    assert (point.place, course.trend.runs[point.place]) == (12, 13)
    book.close()


def test_trends_leave_out_what_was_measured_otherwise() -> None:
    record(10.0)
    record(11.0, environment=replace(new_run().environment, kernel="6.8"))
    record(12.0, status="failed")
    with Store.open(store_file()) as store:
        redefined = (Metric("p50", "ms", 13.0, -1, definition_version=2),)
        newest = store.record_run(new_run(metrics=redefined))
        [trend] = store.trends(newest)
    assert trend.values == (13.0,)


# --- files ---------------------------------------------------------------------------------------------------------


def test_runs_go_to_another_machine_and_are_equal_there(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [record(4.0, 3.5, 4.5, pairing=Pairing("s", 0, "before"), label="x"), record(5.0, started_at=1.8e9)]
    book = RunBook()
    path, size = book.export(numbers)
    assert path.suffix == ".wbrun"
    assert size == path.stat().st_size
    again, _ = book.export(numbers)
    assert again != path
    here = [book.page(number).detail for number in numbers]
    assert book.import_(path).known == 2, "what is here already is not doubled"
    book.close()

    monkeypatch.setenv("XDG_DATA_HOME", str(data / "there"))
    other = RunBook()
    got = other.import_(path)
    assert (len(got.ids), got.known) == (2, 0)
    there = [other.page(number).detail for number in got.ids]
    for one, same in zip(here, there, strict=True):
        assert replace(one, summary=same.summary) == same
        assert replace(one.summary, id=same.summary.id) == same.summary
    with Store.open(store_file()) as store:
        assert store.artifact(there[0].artifacts[0]).read_bytes() == b"hello"
    other.close()


def test_an_export_overwrites_nothing_and_leaves_nothing_half(data: Path) -> None:
    number = record(4.0)
    book = RunBook()
    target = data / "x.wbrun"
    target.write_text("mine")
    with pytest.raises(StoreError, match="is there already"):
        book.export([number], target)
    assert target.read_text() == "mine"
    with pytest.raises(StoreError, match="cannot be written"):
        book.export([number], data / "nowhere" / "x.wbrun")
    with Store.open(store_file()) as store:
        [artifact] = store.run(number).artifacts
        store.artifact(artifact).unlink()
    with pytest.raises(StoreError, match="is gone"):
        book.export([number], data / "y.wbrun")
    assert not (data / "y.wbrun").exists()
    book.close()


def exported(data: Path) -> Path:
    book = RunBook()
    path, _ = book.export([record(4.0)], data / "good.wbrun")
    book.close()
    return path


def rewritten(good: Path, **files: bytes | None) -> Path:
    """The file with some of its parts replaced."""
    bad = good.with_name("bad.wbrun")
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
        for name in old.namelist():
            content = files.get("run" if name == "run.json" else "artifact", old.read(name))
            if content is not None:
                new.writestr(name, content)
    return bad


def scrambled(good: Path, method: int) -> Path:
    """The file packed in this way, with bytes in the middle of its content that are not."""
    bad = good.with_name("scrambled.wbrun")
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    content = bytearray(bad.read_bytes())
    content[60:90] = b"\xff" * 30
    bad.write_bytes(content)
    return bad


def test_hostile_files_are_refused(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = exported(data)
    with zipfile.ZipFile(good) as packed:
        document = json.loads(packed.read("run.json"))
    monkeypatch.setenv("XDG_DATA_HOME", str(data / "there"))
    long = {**document, "runs": document["runs"] * 1001}
    digest = document["runs"][0]["artifacts"][0]["sha256"]
    climbing = json.loads(json.dumps(document).replace(digest, "../../etc/passwd"))
    huge = json.loads(json.dumps(document))
    huge["runs"][0]["artifacts"][0]["size_bytes"] = 1 << 40
    endless, late = json.loads(json.dumps(document)), json.loads(json.dumps(document))
    endless["runs"][0]["artifacts"][0]["size_bytes"] = -2
    late["runs"][0]["summary"]["started_at"] = 1e200
    infinite = json.dumps(document).replace("4.0", "1e999")
    files = {
        "no zip": good.with_name("text.wbrun"),
        "no JSON": rewritten(good, run=b"\xff"),
    }
    files["no zip"].write_text("hello")
    for path in files.values():
        with Store.open(store_file()) as store, pytest.raises(StoreError):
            import_runs(store, path)
    for changed in (
        {"run": json.dumps({**document, "schema": 2}).encode()},
        {"run": json.dumps(long).encode()},
        {"run": json.dumps(climbing).encode()},
        {"run": json.dumps(huge).encode()},
        {"run": json.dumps(endless).encode()},
        {"run": json.dumps(late).encode()},
        {"run": infinite.encode()},
        {"run": json.dumps({**document, "runs": [{}]}).encode()},
        {"artifact": b"other"},
        {"artifact": b"longer than it says it is"},
        {"artifact": None},
    ):
        with Store.open(store_file()) as store, pytest.raises(StoreError):
            import_runs(store, rewritten(good, **changed))
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
        with Store.open(store_file()) as store, pytest.raises(StoreError):
            import_runs(store, scrambled(good, method))
    with Store.open(store_file()) as store:
        assert store.runs() == ()
        with pytest.raises(StoreError, match="cannot be read"):
            import_runs(store, data / "nothing.wbrun")
        assert len(import_runs(store, good).ids) == 1


# --- two runs ------------------------------------------------------------------------------------------------------


def test_two_runs_with_all_repeats_of_their_series() -> None:
    ids = {"before": 0, "after": 0}
    for pair in range(6):
        for side, level in (("before", 40.0), ("after", 30.0)):
            ids[side] = record(level + pair / 10, pairing=Pairing("s", pair, side))  # type: ignore[arg-type]  # a side
    compared = compare_runs([ids["before"]], [ids["after"]])
    [row] = compared.rows
    assert (row.verdict, row.n) == ("better", 6)
    [alone] = compare_runs([ids["before"]], [ids["before"] - 2]).rows
    assert (alone.verdict, alone.n) == ("inconclusive", 1), "both are of one side"
    with pytest.raises(UsageError, match="of kind"):
        compare_runs([ids["before"]], [record(1.0, kind="build")])
    with pytest.raises(RunUnknown):
        compare_runs([ids["before"]], [99])


def test_runs_of_the_very_same_are_repeats_where_both_sides_differ() -> None:
    old, new = (Conditions(image_id=f"sha256:{digit * 64}") for digit in "ab")
    ids = [record(level + number, conditions=how) for number in range(4) for level, how in ((40.0, old), (30.0, new))]
    failed = record(99.0, conditions=old, status="failed")
    record(99.0, conditions=Conditions(image_id=old.image_id, configuration=(("rate", "9"),)))
    [row] = compare_runs(ids[:1], ids[1:2]).rows
    assert (row.verdict, row.before_values, row.n) == ("better", (40.0, 41.0, 42.0, 43.0), 4)
    [row] = compare_runs(ids[:1], ids[2:3]).rows
    assert (row.n, row.verdict) == (1, "inconclusive"), "nothing tells which side the others are of"
    [row] = compare_runs([failed], ids[1:2]).rows
    assert row.before_values == (99.0,), "one that failed is no repeat of those that did not"


def test_two_profiles_that_were_kept() -> None:
    stacks = (b"main;slow 600\nmain;other 400\n", b"main;slow 100\nmain;other 900\n")
    ids = [record(1.0, kind="profile", artifacts=(NewArtifact("stacks", "text/plain", text),)) for text in stacks]
    compared = compare_runs(ids[:1], ids[1:2])
    assert compared.kind == "profiles"
    assert next(row for row in compared.rows if row.title == "slow").verdict == "changed"
    book = RunBook()
    profile = book.profile(ids[0])
    assert profile is not None
    assert profile.samples == 1000
    assert book.profile(record(1.0)) is None
    book.close()
