"""A file that is damaged, newer or somebody else's is told apart and left exactly as it is."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from workbench.errors import StoreCorrupt, StoreError, StoreNewer
from workbench.model.runs import NewRun
from workbench.store import Store
from workbench.store.migrate import APPLICATION_ID, Migration, shipped

MakeRun = Callable[..., NewRun]
BASE = Migration(
    1, "CREATE TABLE store (created_ns INTEGER); INSERT INTO store VALUES (0);\nCREATE TABLE a (x); -- ; \n"
)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def refused(path: Path, kind: type[StoreError], *, migrations: tuple[Migration, ...] | None = None) -> StoreError:
    """Open it, expect a refusal, and find every file as it was."""
    before = files_of(path.parent)
    with pytest.raises(StoreError) as caught:
        Store.open(path, migrations)
    assert type(caught.value) is kind
    assert str(path) in caught.value.reason
    assert caught.value.hint
    assert caught.value.exit_code == 3
    assert files_of(path.parent) == before
    return caught.value


@pytest.fixture
def used(path: Path, make_run: MakeRun) -> Path:
    """A closed store with runs in it."""
    with Store.open(path) as store:
        for _ in range(20):
            store.record_run(make_run())
    return path


@pytest.mark.parametrize(
    "junk", [b"x", b"not a database\n" * 1000, b"SQLite format 3\x00", b"SQLite format 3\x00" * 99]
)
def test_a_file_that_is_no_database_is_left_alone(path: Path, junk: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(junk)
    error = refused(path, StoreCorrupt)
    assert f"mv {path.parent} {path.parent}.old" in error.hint


def test_a_store_cut_short_is_left_alone(used: Path) -> None:
    os.truncate(used, 5000)
    refused(used, StoreCorrupt)


def test_a_store_with_a_damaged_table_says_so_when_it_is_met(used: Path) -> None:
    content = bytearray(used.read_bytes())
    pages = range(4096, len(content), 4096)
    for page in pages:
        content[page : page + 8] = b"\xff" * 8
    used.write_bytes(content)
    with pytest.raises(StoreCorrupt, match="is damaged"), Store.open(used) as store:
        store.runs()
    assert used.read_bytes() == bytes(content)


def test_a_store_that_lost_a_table_is_damaged(used: Path) -> None:
    with closing(sqlite3.connect(used)) as raw:
        raw.execute("DROP TABLE run")
    with Store.open(used) as store, pytest.raises(StoreCorrupt, match="no such table"):
        store.runs()


def test_a_newer_store_is_left_alone(used: Path) -> None:
    with closing(sqlite3.connect(used)) as raw:
        raw.execute(f"PRAGMA user_version = {len(shipped()) + 1}")
    error = refused(used, StoreNewer)
    assert "newer workbench" in error.reason
    assert "update" in error.hint


def test_a_newer_store_whose_change_is_still_in_the_journal_is_left_alone(used: Path) -> None:
    with closing(sqlite3.connect(used)) as raw:
        raw.execute(f"PRAGMA user_version = {len(shipped()) + 1}")
        assert (used.parent / "runs.db-wal").stat().st_size > 0
        main = used.read_bytes()
        with pytest.raises(StoreNewer):
            Store.open(used)
        assert used.read_bytes() == main


@pytest.mark.parametrize("mark", [0, 0x0F055112])
def test_somebody_elses_database_is_left_alone(path: Path, mark: int) -> None:
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE bookmarks (url)")
        raw.execute(f"PRAGMA application_id = {mark}")
    assert "is not a store of the workbench" in refused(path, StoreCorrupt).reason


def test_somebody_elses_database_in_wal_mode_keeps_its_bytes(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("CREATE TABLE bookmarks (url)")
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt, match="is not a store"):
        Store.open(path)
    assert path.read_bytes() == before


def test_an_empty_file_becomes_a_store(path: Path, make_run: MakeRun) -> None:
    """A workbench died between making the file and its tables."""
    path.parent.mkdir(parents=True)
    path.touch()
    with Store.open(path) as store:
        assert store.record_run(make_run()) == 1


def test_the_file_says_whose_it_is(used: Path) -> None:
    with closing(sqlite3.connect(used)) as raw:
        assert raw.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert raw.execute("PRAGMA user_version").fetchone() == (len(shipped()),)
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []


def test_shipped_migrations_are_numbered_without_a_gap() -> None:
    assert [step.version for step in shipped()] == list(range(1, len(shipped()) + 1))


def test_an_older_store_is_brought_up_to_date_with_its_rows(path: Path) -> None:
    Store.open(path, (BASE,)).close()
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("INSERT INTO a VALUES (1)")
    step = Migration(2, "-- a comment\nALTER TABLE a ADD COLUMN y DEFAULT 5;\nUPDATE a SET x = x + 1;")
    for _ in range(2):  # the second time nothing is left to do
        Store.open(path, (BASE, step)).close()
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT x, y FROM a").fetchall() == [(2, 5)]
        assert raw.execute("PRAGMA user_version").fetchone() == (2,)
    assert refused(path, StoreNewer, migrations=(BASE,))


def test_a_step_that_fails_is_undone_whole(path: Path) -> None:
    Store.open(path, (BASE,)).close()
    before = path.read_bytes()
    broken = Migration(2, "CREATE TABLE b (x);\nINSERT INTO nowhere VALUES (1);")
    with pytest.raises(StoreError):
        Store.open(path, (BASE, broken))
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT name FROM sqlite_master WHERE name = 'b'").fetchone() is None
        assert raw.execute("PRAGMA user_version").fetchone() == (1,)
    assert path.read_bytes() == before


def test_a_store_that_stays_locked_says_so(used: Path, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.store.database.BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(used, isolation_level=None)) as other, Store.open(used) as store:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is locked by another program"):
            store.record_run(make_run())
        assert len(store.runs()) == 20  # reading goes on
        other.execute("ROLLBACK")
        assert store.record_run(make_run()) == 21


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="Not a directory") as caught:
        Store.open(tmp_path / "file" / "workbench" / "runs.db")
    assert str(tmp_path / "file") in caught.value.reason
    assert "XDG_DATA_HOME" in caught.value.hint


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "runs.db").mkdir()
    with pytest.raises(StoreError, match="Is a directory"):
        Store.open(tmp_path / "runs.db")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user that may not write")
def test_a_folder_of_another_user_is_named() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        os.seteuid(65534)
        try:
            with pytest.raises(StoreError, match=f"{folder}/workbench cannot be used: Permission denied"):
                Store.open(Path(folder) / "workbench" / "runs.db")
        finally:
            os.seteuid(0)


def test_a_disk_that_takes_no_more_is_an_error_and_the_store_stays_whole(used: Path, make_run: MakeRun) -> None:
    """The kernel refuses the child's writes beyond a size, as a full disk or a quota does."""
    script = f"""
import resource, sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from conftest import new_run
from workbench.errors import StoreError
from workbench.model.runs import Metric, NewArtifact, Sample
from workbench.store import Store
store = Store.open(Path({str(used)!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
large = Metric("large", "s", 1.0, samples=tuple(Sample(float(i)) for i in range(50_000)))
for run in (new_run(metrics=(large,)), new_run(artifacts=(NewArtifact("a", "b", bytes(300_000)),))):
    try:
        store.record_run(run)
    except StoreError as error:
        print(error.reason)
print(len(store.runs()))
"""
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    table, file, count = child.stdout.splitlines()
    assert "cannot be used" in table
    assert "File too large" in file
    assert count == "20"
    with Store.open(used) as store:
        assert len(store.runs()) == 20
        assert store.record_run(make_run()) > 20
    assert not list(used.parent.glob("artifacts/.incoming-*"))


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="only root can mount a small disk")
def test_a_full_disk_is_an_error_and_the_store_stays_whole(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from conftest import new_run
from workbench.errors import StoreError
from workbench.model.runs import Metric, NewArtifact, Sample
from workbench.store import Store
path = Path({str(tmp_path)!r}) / "runs.db"
store = Store.open(path)
first = store.record_run(new_run())
large = Metric("large", "s", 1.0, samples=tuple(Sample(float(i)) for i in range(100_000)))
for run in (new_run(metrics=(large,)), new_run(artifacts=(NewArtifact("a", "b", bytes(3_000_000)),))):
    try:
        store.record_run(run)
    except StoreError as error:
        print(error.reason)
store.close()
with Store.open(path) as again:
    print([run.id for run in again.runs()] == [first], again.record_run(new_run()) > first)
"""
    mount = f'mount -t tmpfs -o size=1m none "{tmp_path}" && exec "$0" -c "$1"'
    child = subprocess.run(
        ["unshare", "--mount", "sh", "-c", mount, sys.executable, script], capture_output=True, text=True, check=False
    )
    if "mount" in child.stderr or "unshare" in child.stderr:
        pytest.skip(f"no mounting here: {child.stderr.strip()}")
    assert child.returncode == 0, child.stderr + child.stdout
    table, file, whole = child.stdout.splitlines()
    assert "disk is full" in table
    assert "No space left on device" in file
    assert whole == "True True"


def aged(file: Path, hours: float) -> None:
    then = time.time() - hours * 3600
    os.utime(file, (then, then))


def test_what_a_crash_left_is_cleared_at_the_next_opening(used: Path) -> None:
    with closing(sqlite3.connect(used)) as raw, raw:
        raw.execute("UPDATE store SET created_ns = created_ns - 86400 * 1000000000")
    artifacts = used.parent / "artifacts"
    kept = [file for file in artifacts.rglob("*") if file.is_file()]
    orphans = [artifacts / "ab" / ("c" * 62), artifacts / ".incoming-old"]
    young = [artifacts / "ab" / ("d" * 62), artifacts / ".incoming-young"]
    foreign = [artifacts / "ab" / "readme", artifacts / "notes.txt"]
    before_the_store = artifacts / "ef" / ("0" * 62)
    for file in (*orphans, *young, *foreign, before_the_store):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"x")
    for file in (*kept, *orphans, *foreign):
        aged(file, 2)
    aged(before_the_store, 48)
    Store.open(used).close()
    assert not any(file.exists() for file in orphans)
    assert all(file.exists() for file in (*kept, *young, *foreign, before_the_store))
    assert kept
