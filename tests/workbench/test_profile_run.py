"""A profile kept as a run is the same profile when it is opened again."""

import time
from dataclasses import replace
from pathlib import Path
from queue import Queue

import pytest

from tests.screens.worlds import PlainWorld
from workbench.cli import main
from workbench.errors import ProfileError, RunUnknown, StoreError
from workbench.measure.excerpts import written
from workbench.measure.stack_text import collapsed_stacks
from workbench.model.containers import EngineInfo
from workbench.model.probe import TargetFacts
from workbench.model.profile import SourceExcerpt
from workbench.model.reading import Fresh, Reading
from workbench.model.wish import Wish
from workbench.places import store_file
from workbench.profile_run import keep_profile, kept_runs
from workbench.profilers.base import Made, Recorded
from workbench.profiling import as_profile, kept_profile, opened
from workbench.session import Session
from workbench.session_profiles import SessionProfiles
from workbench.settings import Settings
from workbench.store import Store

ENGINE = EngineInfo(
    "unix:///var/run/docker.sock", None, "docker", "20.10.24", "1.41", "overlay2", "Debian", 2, 8, 33_600_000_000
)
FACTS = TargetFacts("container", "c" * 64, "api")
STACKS = 'process 7:"python3";thread (7): Main;main (/srv/app.py:3);handle (/srv/app.py:8) 400\n'
DUMP = (
    b'[{"pid":7,"os_thread_id":7,"thread_name":"a;b","active":true,"owns_gil":true,"command":"python3 x",'
    b'"frames":[{"name":"f","filename":"/a.py","line":2,"locals":[{"name":"x","repr":"1"}]},'
    b'{"name":"<module>","filename":"/a.py","line":9,"locals":null}]}]'
)
SAMPLED = Recorded(
    profiler="py-spy",
    how="sidecar",
    unit="samples",
    duration_seconds=4.25,
    taken_at=1_790_000_000.5,
    collapsed=STACKS,
    files=(Made("collapsed", "text/plain", STACKS.encode()),),
    python="3.12",
    overhead_percent=2.5,
    samples=400,
    rate=100,
    warnings=("it was stopped for each sample: on a loaded machine; so what", "another one"),
    complete=False,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def keep(recorded: Recorded) -> int:
    return keep_profile(recorded, FACTS, Wish(), ENGINE)


def test_all_that_is_shown_of_it_comes_back() -> None:
    outcome = kept_profile(keep(SAMPLED))
    assert outcome.recorded == SAMPLED
    assert outcome.profile == as_profile(SAMPLED, FACTS)
    assert outcome.container_id == FACTS.id
    assert outcome.run == 1
    assert opened(outcome).note == "kept as run 1"


def test_a_look_at_all_stacks_comes_back_as_one() -> None:
    taken = replace(
        SAMPLED,
        profiler="dump",
        collapsed=collapsed_stacks(DUMP),
        files=(Made("dump", "application/json", DUMP),),
        overhead_percent=None,
        rate=None,
    )
    outcome = kept_profile(keep(taken))
    assert outcome.recorded == taken
    assert opened(outcome).dump == DUMP
    assert taken.collapsed == 'process 7:"python3 x";thread (7): a,b;<module> (/a.py:9);f (/a.py:2) 1\n'


def test_what_py_spy_saw_is_offered_for_a_profile_line_by_line() -> None:
    told: Queue[Reading[tuple[str, ...]]] = Queue()
    keep(SAMPLED)
    profiles = SessionProfiles(PlainWorld(), Settings(), time.monotonic, lambda *_: None)
    profiles.functions("c" * 64, "api", told.put)
    reading = told.get(timeout=60)
    assert isinstance(reading, Fresh)
    assert reading.value == ("app:handle", "app:main")


def test_the_list_is_of_one_container_newest_first() -> None:
    assert kept_runs("api") == ()
    first, second = keep(SAMPLED), keep(replace(SAMPLED, taken_at=SAMPLED.taken_at + 60))
    assert [run.id for run in kept_runs("api")] == [second, first]
    assert kept_runs("other") == ()


def test_what_cannot_be_opened_says_why() -> None:
    with pytest.raises(RunUnknown, match="there is no run 1"):
        kept_profile(1)
    number = keep(SAMPLED)
    with pytest.raises(RunUnknown, match="there is no run 9"):
        kept_profile(9)
    with pytest.raises(ProfileError, match="a profile by perf"):
        kept_profile(keep(replace(SAMPLED, profiler="perf")))
    with Store.open(store_file()) as store:
        store.artifact(store.run(number).artifacts[0]).unlink()
    with pytest.raises(StoreError, match="is gone"):
        kept_profile(number)


def test_the_verb_opens_it_on_the_screens() -> None:
    seen: list[Session] = []

    def screens(session: Session) -> int:
        seen.append(session)
        session.close()
        return 0

    number = keep(SAMPLED)
    assert main(["runs", "open", str(number)], screens) == 0
    first = seen[0].profiles.first
    assert first is not None
    assert first.profile.samples == 400


def test_a_file_of_a_profile_is_opened_by_its_content(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[Session] = []

    def screens(session: Session) -> int:
        seen.append(session)
        session.close()
        return 0

    file = home / "stacks"
    file.write_text(STACKS)
    assert main(["open", str(file)], screens) == 0
    assert seen[0].profiles.first is not None
    assert seen[0].profiles.first.profile.target == "stacks"
    file.write_text("nothing\n")
    assert main(["open", str(file)], screens) == 3
    assert "is no bundle, no recording and no profile" in capsys.readouterr().err
    assert main(["open", str(home / "absent")], screens) == 3
    assert "No such file" in capsys.readouterr().err


def test_the_text_of_counted_lines_comes_back_with_them() -> None:
    lines = b'{"pid":7,"unit":1e-9,"functions":{"app:f":"found"},"lines":[["/srv/app.py",1,"f",2,300,3000000]]}'
    kept = (SourceExcerpt("/srv/app.py", 1, ("def f():", "    slow()")),)
    files = (Made("lines", "application/json", lines), Made("source", "application/json", written(kept)))
    recorded = replace(SAMPLED, profiler="lines", unit="seconds", collapsed="", files=files, samples=None)
    profile = kept_profile(keep(recorded)).profile
    assert profile.excerpts == kept
    assert [(line.place.line, line.hits) for line in profile.lines] == [(2, 300)]
