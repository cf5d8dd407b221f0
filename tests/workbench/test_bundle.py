"""Bundles: what is opened without an engine is what was there, nothing secret is in it, and nothing is overwritten."""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from workbench import bundle as bundles
from workbench.bundle import Bundle, Findings, bundle_path, runs_of, write_bundle
from workbench.errors import NotFound, RecordingError
from workbench.history import History
from workbench.measure.file_names import dated_name
from workbench.model.containers import Container, ContainerUsage, EngineInfo, FleetSnapshot, MemoryParts
from workbench.model.events import EngineEvent
from workbench.model.host import HostSnapshot
from workbench.model.logs import LogLine
from workbench.model.processes import FocusSnapshot, Process
from workbench.model.runs import Environment, NewRun, RunSummary, Target
from workbench.model.verdicts import Verdict
from workbench.places import store_file
from workbench.session import Session
from workbench.settings import Settings
from workbench.sources.recording import RecordedWorld
from workbench.store import Store

ENGINE = EngineInfo("unix:///x", None, "docker", "20.10", "1.41", "overlay2", "Debian", 1, 2, 8_000_000_000)
START = 1_790_000_000.0
API = Container("a" * 64, "api \x1b[31m/../x", "shop/api:1", "sha256:1", "running", "Up 2 minutes", 1.7e9, "shop", 0.5)
DB = replace(API, id="b" * 64, name="db", cpu_limit_cores=None)
HOST = HostSnapshot(12.5, 2, 0.25, 3, 4, 0, 0)
VERDICT = Verdict("cpu-quota", "act", "high", "own CPU quota", "throttled 63% of periods", ("63% > 5%",), "raise it")


class Shop:
    """Knows no container's configuration and no image."""

    name = "shop"

    def image(self, reference: str) -> None:
        raise NotFound(f"no image {reference}")

    def container(self, container_id: str) -> None:
        raise NotFound(f"no container {container_id}")


def fleet(second: float) -> FleetSnapshot:
    def usage(number: int) -> ContainerUsage:
        memory = MemoryParts(anonymous_bytes=number, kernel_bytes=round(second))
        return ContainerUsage(1.0, second / 7, 1000 * round(second), 10**9, throttled_percent=second, memory=memory)

    return FleetSnapshot(ENGINE, (replace(API, usage=usage(1)), replace(DB, usage=usage(2))), measured_from="cgroup v1")


def kept(seconds: int = 120) -> History:
    """A history in which everything tells the second."""
    history = History(lambda: START + seconds, lambda: 0.0)
    for second in range(seconds + 1):
        at = START + second
        history.add("fleet", at, fleet(float(second)))
        history.add("host", at, replace(HOST, cpu_percent=float(second)))
        history.add("focus", at, FocusSnapshot(API.id, (Process(7, 1, "api", cpu_percent=float(second)),)))
    history.add_events((EngineEvent(START + 5, "oom", API.id, "api"),))
    history.note("rolled out with token ghp_" + "a1" * 20, START + 6)
    history.mark("A", API.id, START + 7)
    return history


FINDINGS = Findings(
    (VERDICT,),
    tuple(LogLine(START + second, f"line {second} password=hunter2 " + "x" * 9000) for second in range(1200)),
)
_open: list[RecordedWorld] = []


@pytest.fixture(autouse=True)
def _closes_what_was_opened() -> Iterator[None]:
    yield
    while _open:
        _open.pop().close()


def opened(path: Path) -> RecordedWorld:
    _open.append(RecordedWorld(path))
    return _open[-1]


def write(path: Path, history: History, until: float = START + 120, **options: float) -> Bundle:
    return write_bundle(path, history, Shop(), API.id, FINDINGS, until=until, interval=1.0, **options)  # type: ignore[arg-type]


def test_what_is_opened_shows_the_same_figures(tmp_path: Path) -> None:
    history = kept()
    path = tmp_path / "x.ndjson.gz"
    done = write(path, history)
    assert path.stat().st_mode & 0o777 == 0o600
    assert done.bytes_written == path.stat().st_size
    world = opened(path)
    assert world.header.about == API.id
    assert world.now() == pytest.approx(START + 120)
    assert world.fleet.read() == history.fleet_at(START + 120), "it is opened at its end"
    for second in (0, 1, 59, 119):
        at = START + second
        assert world.value_at("fleet", at) == history.fleet_at(at)
        assert world.value_at("host", at) == history.host_at(at)
        assert world.value_at("focus", at) == history.focus_at(at, API.id)
    assert world.verdicts(API.id) == (VERDICT,)
    assert world.verdicts(DB.id) == ()


def test_the_session_of_a_bundle_has_its_history(tmp_path: Path) -> None:
    history = kept()
    path = tmp_path / "x.ndjson.gz"
    write(path, history)
    session = Session.replay(path, Settings())
    try:
        session._fill_history()
        again = session.history
        assert session.about == API.id
        assert again.span() == pytest.approx((START, START + 120))
        assert again.fleet_at(START + 60) == history.fleet_at(START + 60)
        assert again.focus_at(START + 60, API.id) == history.focus_at(START + 60, API.id)
        ours, theirs = (
            each.series(API.id, "throttled_percent", START, START + 120).values for each in (history, again)
        )
        assert list(ours) == list(theirs)
        assert again.events(START, START + 120) == history.events(START, START + 120)
        assert again.marks() == history.marks()
        assert again.fleet_at(START - 1) is None
    finally:
        session.close()


def test_logs_are_bounded_masked_and_played_up_to_the_moment(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    write(path, kept())
    content = path.read_text()
    assert "hunter2" not in content
    assert "ghp_a1" not in content
    assert "\x1b" not in content
    world = opened(path)
    lines = list(world.logs(API.id, tail=3))
    assert lines == [], "its thousand lines are all later than its end"
    with pytest.raises(NotFound, match="no log"):
        list(world.logs(DB.id, tail=3))
    early = replace(FINDINGS, log=tuple(LogLine(START + second, f"line {second}") for second in range(10)))
    write_bundle(tmp_path / "y", kept(), Shop(), API.id, early, until=START + 120, interval=1.0)  # type: ignore[arg-type]
    again = opened(tmp_path / "y")
    assert [line.text for line in again.logs(API.id, tail=2)] == ["line 8", "line 9"]
    assert [line.text for line in again.logs(API.id, tail=9, since=START + 8)] == ["line 8", "line 9"]


def test_only_the_wanted_minutes_are_in_it(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write(path, kept(), START + 100, seconds=20)
    span = opened(path).span()
    assert span == pytest.approx((START + 80, START + 100))


def test_a_large_fleet_is_written_less_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MOST_READINGS", 60)
    path = tmp_path / "x.ndjson"
    done = write(path, kept())
    assert done.readings < 100
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    fleets = [line for line in lines if line.get("source") == "fleet"]
    assert len(fleets) * 2 <= 60
    assert opened(path).fleet.read() == kept().fleet_at(START + 120), "the last moment is always in it"


def test_without_readings_there_is_no_bundle_and_no_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with pytest.raises(RecordingError, match="nothing is kept"):
        write(path, History(lambda: START, lambda: 0.0), START)
    assert not path.exists()


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("precious")
    with pytest.raises(RecordingError, match="exists"):
        write(path, kept())
    assert path.read_text() == "precious"


def test_what_fails_halfway_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> Iterator[object]:
        raise RuntimeError("boom")

    monkeypatch.setattr(bundles, "_findings", fails)
    with pytest.raises(RuntimeError):
        write(tmp_path / "x", kept())
    assert list(tmp_path.iterdir()) == []


def test_names_of_files_are_safe_and_not_taken(tmp_path: Path) -> None:
    first = bundle_path(tmp_path / "deep" / "folder", API, START)
    assert first.name.startswith("incident-api_31m_.._x-")
    assert first.parent.stat().st_mode & 0o777 == 0o700
    first.touch()
    assert bundle_path(first.parent, API, START).name == first.name.replace(".ndjson", "-2.ndjson")
    assert dated_name("incident", "../../\n\u202e", START, ".gz").count("-") == 2
    assert len(dated_name("x", "y" * 5000, START, "")) < 100


def test_runs_that_concern_the_container_are_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert runs_of(API) == ()
    assert not store_file().exists(), "asking makes no store"
    store_file().parent.mkdir(parents=True)
    with Store.open(store_file()) as store:
        for target in ("shop/api:1", "shop/other:1"):
            store.record_run(NewRun(Target("image", target), Environment("h"), "build", START))
    runs: tuple[RunSummary, ...] = runs_of(API)
    assert [run.target.name for run in runs] == ["shop/api:1"]
    path = tmp_path / "x"
    findings = replace(FINDINGS, runs=runs)
    write_bundle(path, kept(), Shop(), API.id, findings, until=START + 120, interval=1.0)  # type: ignore[arg-type]
    assert opened(path).runs(API.id) == runs


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: [*lines, b'{"t":1,"kind":"log","of":"a","value":[{"at":"x"}]}'],
        lambda lines: [*lines, b'{"t":1,"kind":"log","of":"a"}'],
        lambda lines: [*lines, b'{"t":1,"kind":"verdicts","source":"host","of":"a","value":[]}'],
        lambda lines: [lines[0].replace(b'"bundle":true', b'"bundle":7'), *lines[1:]],
    ],
)
def test_a_hostile_bundle_is_refused_in_words(tmp_path: Path, spoil: Callable[[list[bytes]], list[bytes]]) -> None:
    path = tmp_path / "x.ndjson.gz"
    write(path, kept(5), START + 5)
    lines = gzip.decompress(path.read_bytes()).splitlines()
    path.write_bytes(gzip.compress(b"\n".join(spoil(lines)) + b"\n"))
    with pytest.raises(RecordingError) as caught:
        opened(path)
    assert str(path) in caught.value.reason
