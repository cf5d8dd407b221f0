"""Recording the session that is open: what is written plays, whatever ends it, and is kept as a run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from threading import Event

import pytest

from tests.screens.worlds import PlainWorld, container
from workbench.model.reading import Fresh, Reading
from workbench.places import recordings_dir, store_file
from workbench.session import Session
from workbench.session_recording import Recorded
from workbench.settings import Settings
from workbench.sources.recording import RecordedWorld
from workbench.store import Store


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def started() -> tuple[Session, PlainWorld]:
    """A session that has read everything once."""
    world = PlainWorld((container("api", 1),))
    session = Session(world, Settings(interval=60.0))
    session.start(lambda _: None)
    while any(feed.newest() is None for feed in session.feeds.values()):
        time.sleep(0.001)
    return session, world


def test_what_was_there_already_is_in_it_and_so_are_notes() -> None:
    session, _ = started()
    recording = session.start_recording()
    assert session.start_recording() is recording
    session.history.note("here")
    done = Event()
    results: list[Reading[Recorded]] = []

    def ended(reading: Reading[Recorded]) -> None:
        results.append(reading)
        done.set()

    session.stop_recording(ended)
    assert done.wait(60)
    assert session.recording is None
    [result] = results
    assert isinstance(result, Fresh)
    assert (result.value.run, result.value.problem) == (1, "")
    session.history.note("too late")
    session.close()
    world = RecordedWorld(result.value.path)
    assert [each.name for each in world.fleet.read().containers] == ["api"]
    notes = [value for name, _, value in world.readings() if name == "events"]
    assert [event.detail for events in notes for event in events] == ["here"]  # type: ignore[attr-defined]
    world.close()
    with Store.open(store_file()) as store:
        [run] = store.runs()
        assert (run.kind, run.status, run.label) == ("recording", "complete", result.value.path.name)


def test_leaving_ends_the_recording_and_keeps_it() -> None:
    session, _ = started()
    session.start_recording()
    session.close()
    with Store.open(store_file()) as store:
        assert [run.kind for run in store.runs()] == ["recording"]


def test_without_an_engine_there_is_a_file_and_no_run() -> None:
    world = PlainWorld()
    world.lose_engine()
    session = Session(world, Settings(interval=60.0))
    recording = session.start_recording()
    session.close()
    assert recording.path.exists()
    assert not store_file().exists()


def test_a_session_that_is_killed_leaves_a_recording_that_plays() -> None:
    code = """
    import os, signal, time
    from tests.screens.worlds import PlainWorld, container, usage
    from workbench.session import Session
    from workbench.settings import Settings
    world = PlainWorld((container("api", 1),))
    session = Session(world, Settings(interval=0.2))
    session.start(lambda _: None)
    recording = session.start_recording()
    while not recording.bytes_written > 3000:
        world.show(container("api", 1, usage=usage(time.monotonic())))
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)
    """
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", dedent(code)], check=False, cwd=root, env={**os.environ})
    assert done.returncode == -signal.SIGKILL
    [path] = recordings_dir().iterdir()
    world = RecordedWorld(path)
    assert [each.name for each in world.fleet.read().containers] == ["api"]
    assert sum(name == "fleet" for name, _, _ in world.readings()) > 1
    world.close()
