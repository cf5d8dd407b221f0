"""A context as it lies in a folder: what is sent of it, what it weighs, and what need not be in it."""

import os
import tarfile
from pathlib import Path
from threading import Event

import pytest

from workbench.errors import Stopped, UsageError
from workbench.measure.context_report import context_report
from workbench.model.build_context import ContextKind
from workbench.sources import build_context
from workbench.sources.build_context import ContextDigests, read_context
from workbench.sources.context_archive import packed_context


@pytest.fixture
def context(tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    for path, size in {
        "Dockerfile": 10,
        "src/app.py": 100,
        "src/__pycache__/app.pyc": 50,
        "lib/__pycache__/x.pyc": 60,
        ".git/objects/pack": 5000,
        "env/pyvenv.cfg": 1,
        "env/lib/big.so": 9000,
        "data/rows.csv": 2_000_000,
        "data/few.csv": 20,
        "logs/old/keep.txt": 7,
        "logs/new.txt": 8,
    }.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * size)
    (folder / "away").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    return folder


def test_listing_with_and_without_patterns(context: Path) -> None:
    (context / ".dockerignore").write_text("logs\n!logs/old/*.txt\n**/__pycache__\n")
    listing = read_context(context, context / "Dockerfile")
    assert listing.ignore_file == ".dockerignore"
    assert "logs/old/keep.txt" in listing.entries
    assert listing.entries["logs"].kind == "folder", "what is kept brings its folders along"
    assert "logs/new.txt" not in listing.entries
    assert listing.entries["away"].kind == "link"
    assert not [path for path in listing.entries if path.startswith("away/")], "no link is followed"
    assert "pipe" not in listing.entries
    assert {part.path: part.bytes for part in listing.left_out} == {
        "logs": 8,
        "src/__pycache__": 50,
        "lib/__pycache__": 60,
    }
    report = context_report(listing, ["."])
    assert report.all_bytes - report.sent_bytes == 118
    (context / "Dockerfile.dockerignore").write_text("*\n")
    assert read_context(context, context / "Dockerfile").ignore_file == "Dockerfile.dockerignore"


def test_secrets_that_are_sent(context: Path) -> None:
    for name in (".pgpass", ".env.staging", ".env.example", "keys.kdbx"):
        (context / "src" / name).write_bytes(b"x")
    report = context_report(read_context(context, context / "Dockerfile"), ["src"])
    secrets = {part.pattern for part in report.unneeded if part.reason == "it may hold secrets"}
    assert secrets == {"**/.pgpass", "**/.env.staging", "**/keys.kdbx"}


def test_what_need_not_be_sent(context: Path) -> None:
    listing = read_context(context, context / "Dockerfile")
    report = context_report(listing, ["."])
    assert [(part.pattern, part.path, part.places, part.bytes) for part in report.unneeded] == [
        ("/data/rows.csv", "data/rows.csv", 1, 2_000_000),
        ("/env", "env", 1, 9001),
        ("**/.git", ".git", 1, 5000),
        ("**/__pycache__", "lib/__pycache__", 2, 110),
    ]
    assert [part.pattern for part in context_report(listing, ["src"]).unneeded] == ["**/__pycache__"]
    assert context_report(listing, ["data/rows.csv"]).unneeded == (), "a step names it"
    assert report.largest[0].path == "data"
    folder = next(part for part in report.largest if part.path == "data")
    assert (folder.bytes, folder.files, folder.is_folder) == (2_000_020, 2, True)
    patterns = "".join(f"{part.pattern}\n" for part in report.unneeded)
    (context / ".dockerignore").write_text(patterns)
    assert context_report(read_context(context, context / "Dockerfile"), ["."]).unneeded == (), "the patterns do it"


def test_a_large_folder_is_read_in_part(context: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_context(context, context / "Dockerfile")
    monkeypatch.setattr(build_context, "MOST_ENTRIES", len(whole.entries))
    assert read_context(context, context / "Dockerfile").is_complete
    monkeypatch.setattr(build_context, "MOST_ENTRIES", len(whole.entries) - 1)
    assert not read_context(context, context / "Dockerfile").is_complete


def test_what_is_left_out_does_not_count_as_sent(context: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        (context / "node_modules" / f"{number}").mkdir(parents=True)
        (context / "node_modules" / f"{number}" / "index.js").write_bytes(b"x")
    (context / ".dockerignore").write_text("node_modules\n")
    monkeypatch.setattr(build_context, "MOST_ENTRIES", 30)
    whole = read_context(context, context / "Dockerfile")
    assert (whole.is_complete, whole.is_weighed) == (True, True)
    assert [(part.path, part.bytes, part.files) for part in whole.left_out] == [("node_modules", 30, 30)]
    monkeypatch.setattr(build_context, "MOST_LEFT_OUT", 20)
    partly = read_context(context, context / "Dockerfile")
    assert (partly.is_complete, partly.is_weighed) == (True, False)
    assert partly.entries == whole.entries
    assert not context_report(partly, ["."]).is_complete, "its sizes with what is left out are too small"
    unseen = read_context(context, context / "Dockerfile", weighs_left_out=False)
    assert (unseen.is_complete, unseen.entries) == (True, whole.entries)
    assert [(part.path, part.bytes) for part in unseen.left_out] == [("node_modules", 0)]


def test_the_classic_builder_is_sent_a_context_with_a_large_folder_left_out(
    context: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        (context / f"{number}.tmp").touch()
        (context / "env" / f"{number}").touch()
    monkeypatch.setattr(build_context, "MOST_ENTRIES", 30)
    with (
        pytest.raises(UsageError, match="more files"),
        packed_context(context, context / "Dockerfile", Event()),
    ):
        pass
    (context / ".dockerignore").write_text("env\n*.tmp\n")
    with packed_context(context, context / "Dockerfile", Event()) as packed, tarfile.open(fileobj=packed.file) as sent:
        assert "src/app.py" in sent.getnames()
    monkeypatch.setattr(build_context, "MOST_SIFTED", 20)
    assert not read_context(context, context / "Dockerfile").is_complete, "the walk has an end"


def test_what_cannot_be_read(context: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        read_context(context / "nothing", context / "Dockerfile")
    (context / ".dockerignore").write_text("[a\n")
    with pytest.raises(UsageError, match=r"\.dockerignore"):
        read_context(context, context / "Dockerfile")


def test_stopped(context: Path) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(Stopped):
        read_context(context, context / "Dockerfile", stop)


def test_stopped_within_one_large_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(600):
        (tmp_path / f"{number}.csv").touch()
    stop, taken, kind = Event(), [], build_context._kind

    def stopping(mode: int) -> ContextKind | None:
        stop.set()
        taken.append(mode)
        return kind(mode)

    monkeypatch.setattr(build_context, "_kind", stopping)
    with pytest.raises(Stopped):
        read_context(tmp_path, tmp_path / "Dockerfile", stop)
    assert len(taken) < 600


def test_digests_are_of_content_and_mode_and_not_of_time(context: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def digest(path: str) -> str:
        return ContextDigests(context)(read_context(context, context / "Dockerfile").entries[path])

    before, link = digest("src/app.py"), digest("away")
    os.utime(context / "src/app.py", (1, 1))
    assert digest("src/app.py") == before
    (context / "src/app.py").chmod(0o755)
    assert digest("src/app.py") != before
    (context / "src/app.py").chmod(0o644)
    (context / "src/app.py").write_bytes(b"y" * 100)
    assert digest("src/app.py") != before
    (context / "away").unlink()
    (context / "away").symlink_to("elsewhere")
    assert digest("away") != link
    monkeypatch.setattr(build_context, "MOST_HASHED_BYTES", 10)
    digests = ContextDigests(context)
    digests(read_context(context, context / "Dockerfile").entries["src/app.py"])
    assert digests.problems
