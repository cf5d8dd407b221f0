"""Recordings: what is written is what plays, at the right moment, whatever happened to the file in between."""

import gzip
import json
import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from threading import Event
from typing import Any

import pytest

from workbench.errors import EngineTimeout, NotFound, RecordingError, WorkbenchError
from workbench.feed import Feed
from workbench.model.containers import Container, ContainerDetail, ContainerUsage, EngineInfo, FleetSnapshot
from workbench.model.gpu import GpuDevice, GpuSnapshot
from workbench.model.host import HostSnapshot
from workbench.model.images import ImageDetail, ImageSummary, Layer
from workbench.model.reading import Fresh, Missing
from workbench.recorder import MOST_IMAGES, Recorder
from workbench.sources import recording_file
from workbench.sources.recording import RecordedWorld
from workbench.sources.recording_file import RecordingWriter

ENGINE = EngineInfo("unix:///x", None, "docker", "20.10", "1.41", "overlay2", "Debian", 1, 2, 8_000_000_000)
API = Container(
    "a" * 64, "api", "shop/api:1.4", "sha256:" + "1" * 64, "running", "Up 2 minutes", 1_700_000_000.0, "shop", 0.5,
    ContainerUsage(1.0, 21.5, 40_000_000, 100_000_000, 1.5, 2.5, 0.0, None, 3, None),
)  # fmt: skip
WORKER = replace(API, id="b" * 64, name="wor\x1b[31mker", state="exited", status="Exited (137)", usage=None)
FLEET = FleetSnapshot(ENGINE, (API, WORKER))
HOST = HostSnapshot(None, 2, 0.25, 3, 4, 0, 0)
GPUS = GpuSnapshot("570", (GpuDevice(0, "H200", "GPU-0", 37.0, problem=""),))
IMAGE = ImageSummary("sha256:" + "1" * 64, ("shop/api:1.4", "shop/api:latest"), 145_000_000, 1_700_000_000.0, 2)
IMAGE_DETAIL = ImageDetail(
    IMAGE.id, IMAGE.references, 145_000_000, "amd64", "linux", "2025-01-01T00:00:00Z", "", "", (), ("sh",), (),
    (("PATH", "/bin"),), (Layer(0, "sha256:2", "COPY . /", 145_000_000, None),), "inspect",
)  # fmt: skip


def detail(container: Container) -> ContainerDetail:
    exit_code = 137 if container.state == "exited" else None
    return ContainerDetail(
        container.id, container.name, container.image, container.image_id, container.state, ("sh", "-c", "x"), "",
        "/", "2025-01-01T00:00:00Z", "", "", exit_code, exit_code == 137, "", 0, "no", 0.5, None, None, False,
        False, "bridge", (), ("/x → /y",), (("TOKEN", "••••••"),), (("project", "shop"),),
    )  # fmt: skip


class Still:
    """A source that is only there to be named."""

    def read(self) -> Any:
        raise AssertionError("the recorder reads nothing itself")

    def close(self) -> None: ...


class Shop:
    """A world whose details can be asked for, and which counts the questions."""

    def __init__(self) -> None:
        self.name = "shop"
        self.recorded = False
        self.fleet = self.host = self.gpu = self.images = Still()
        self.asked: list[str] = []
        self.failing: dict[str, WorkbenchError] = {}
        self.containers = {API.id: API, WORKER.id: WORKER}

    def image(self, reference: str) -> ImageDetail:
        self._count(reference)
        return replace(IMAGE_DETAIL, id=reference)

    def container(self, container_id: str) -> ContainerDetail:
        self._count(container_id)
        return detail(self.containers[container_id])

    def close(self) -> None: ...

    def _count(self, name: str) -> None:
        self.asked.append(name)
        if name in self.failing:
            raise self.failing[name]


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["shop.ndjson", "shop.ndjson.gz"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def record(path: Path, clock: Clock, world: Shop | None = None) -> None:
    """Five seconds of a session: a host every second, a fleet that changes once, a GPU that comes late."""
    recorder = Recorder(path, world or Shop(), 1.0, clock=clock)
    recorder.note("fleet", Fresh(FLEET, 100.25))
    recorder.note("images", Fresh((IMAGE,), 100.5))
    recorder.note("gpu", Missing("no driver", "install it"))
    for second in range(5):
        clock.now = 101.0 + second
        recorder.note("host", Fresh(replace(HOST, cpu_percent=10.0 * second), clock.now))
    recorder.note("fleet", Fresh(FLEET, 102.0))
    recorder.note("fleet", Fresh(FleetSnapshot(ENGINE, (WORKER,)), 103.0))
    recorder.note("gpu", Fresh(GPUS, 104.0))
    recorder.close()
    recorder.close()
    assert recorder.failure is None
    assert recorder.bytes_written == path.stat().st_size


_open: list[RecordedWorld] = []


@pytest.fixture(autouse=True)
def _closes_what_was_opened() -> Iterator[None]:
    yield
    while _open:
        _open.pop().close()


def opened(path: Path, **options: Any) -> RecordedWorld:
    """A recorded world that is closed after the test."""
    _open.append(RecordedWorld(path, **options))
    return _open[-1]


def play(path: Path, at: float) -> RecordedWorld:
    return opened(path, still_at=at)


def text_of(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode()


def test_what_was_recorded_is_what_plays(path: Path, clock: Clock) -> None:
    record(path, clock)
    world = play(path, 2.5)
    assert world.name == "recording of shop"
    assert world.fleet.read() == FLEET
    assert world.host.read() == replace(HOST, cpu_percent=10.0)
    assert world.images.read() == (IMAGE,)
    assert world.image(IMAGE.id) == IMAGE_DETAIL
    assert world.container(API.id) == detail(API)
    world.close()
    world.close()


def test_a_missing_reading_is_missing_when_it_was(path: Path, clock: Clock) -> None:
    record(path, clock)
    with pytest.raises(WorkbenchError, match="no driver") as caught:
        play(path, 3.9).gpu.read()
    assert caught.value.hint == "install it"
    assert play(path, 4.0).gpu.read() == GPUS


def test_every_source_gives_its_newest_reading_at_each_moment(path: Path, clock: Clock) -> None:
    record(path, clock)
    assert [play(path, at).host.read().cpu_percent for at in (0.0, 1.0, 1.999, 2.0, 4.5, 99.0)] == [0, 0, 0, 10, 30, 40]
    assert [len(play(path, at).fleet.read().containers) for at in (0.0, 2.999, 3.0)] == [2, 2, 1]


def test_what_did_not_change_is_not_written_again(path: Path, clock: Clock) -> None:
    record(path, clock)
    lines = [json.loads(line) for line in text_of(path).splitlines()]
    assert [line.get("same", False) for line in lines if line.get("source") == "fleet"] == [False, True, False]
    assert text_of(path).count('"containers":[') == 2


def test_the_header_says_what_it_is(path: Path, clock: Clock) -> None:
    record(path, clock)
    header = json.loads(text_of(path).splitlines()[0])
    assert (header["workbench_recording"], header["name"], header["interval"]) == (2, "shop", 1.0)
    assert header["started"][4] == "-"
    assert set(header) == {
        "workbench_recording", "workbench_version", "started", "name", "interval", "bundle", "about",
    }  # fmt: skip


def test_time_runs_from_the_first_look_and_stops_at_the_end(path: Path, clock: Clock) -> None:
    record(path, clock)
    clock.now = 5000.0
    world = opened(path, clock=clock)
    clock.now = 6000.0
    assert world.host.read().cpu_percent == 0
    clock.now = 6003.0
    assert world.host.read().cpu_percent == 20
    clock.now = 9999.0
    assert world.host.read().cpu_percent == 40
    assert world.duration == 6.0  # the last reading, at 5 s, stands for one interval


def test_a_loop_begins_again(path: Path, clock: Clock) -> None:
    record(path, clock)
    world = opened(path, loop=True, clock=clock)
    seen = []
    for second in range(14):
        clock.now = 1000.0 + second
        seen.append(world.host.read().cpu_percent)
    assert seen == [0, 0, 10, 20, 30, 40] * 2 + [0, 0]


def test_a_reading_is_as_old_as_it_was(path: Path, clock: Clock) -> None:
    record(path, clock)
    assert play(path, 2.75).host.age() == pytest.approx(0.75)
    assert play(path, 2.75).fleet.age() == pytest.approx(0.75)  # read again at 2 s, and the same
    assert play(path, 2.75).images.age() == pytest.approx(2.25)
    assert play(path, 0.0).host.age() == 0
    ended = opened(path, clock=clock)
    ended.host.read()
    clock.now += 500
    assert ended.host.age() == pytest.approx(1.0)  # an ended recording does not grow older


def test_a_feed_stamps_the_age(path: Path, clock: Clock) -> None:
    record(path, clock)
    news = Event()
    feed = Feed(play(path, 2.75).host, 60.0, news.set, clock=lambda: 1000.0)
    feed.start()
    assert news.wait(60)
    reading = feed.take()
    feed.close()
    assert isinstance(reading, Fresh)
    assert reading.taken_at == pytest.approx(999.25)


def test_the_same_value_is_the_same_object(path: Path, clock: Clock) -> None:
    record(path, clock)
    world = play(path, 1.0)
    assert world.fleet.read() is world.fleet.read()


def test_details_follow_the_state(path: Path, clock: Clock) -> None:
    shop = Shop()
    recorder = Recorder(path, shop, clock=clock)
    recorder.note("fleet", Fresh(FLEET, clock.now))
    while shop.asked != [API.id, WORKER.id]:
        pass
    clock.now = 105.0
    dead = replace(API, state="exited", usage=None)
    shop.containers[API.id] = dead
    recorder.note("fleet", Fresh(FleetSnapshot(ENGINE, (dead, WORKER)), clock.now))
    recorder.note("fleet", Fresh(FleetSnapshot(ENGINE, (dead,)), clock.now))
    recorder.close()
    assert shop.asked == [API.id, WORKER.id, API.id]
    assert play(path, 4.0).container("api").exit_code is None
    assert play(path, 5.0).container("api").exit_code == 137


def test_details_are_found_by_id_and_by_name(path: Path, clock: Clock) -> None:
    record(path, clock)
    world = play(path, 5.0)
    for name in (IMAGE.id, IMAGE.id.removeprefix("sha256:"), "shop/api:1.4", "shop/api"):
        assert world.image(name) == IMAGE_DETAIL
    assert world.container("api") == world.container(API.id)
    for look in (world.image, world.container):
        with pytest.raises(NotFound, match=r"no details of the .* no␛such"):
            look("no\x1bsuch")


def test_only_so_many_images_are_asked_about(path: Path, clock: Clock) -> None:
    shop = Shop()
    many = tuple(replace(IMAGE, id=f"sha256:{number:064x}") for number in range(MOST_IMAGES + 20))
    recorder = Recorder(path, shop, clock=clock)
    recorder.note("images", Fresh(many, clock.now))
    recorder.note("images", Fresh(many[1:], clock.now))
    recorder.close()
    assert shop.asked == [image.id for image in many[:MOST_IMAGES]]
    assert play(path, 0).images.read() == many[1:]


def test_a_detail_that_fails_is_asked_again_and_one_that_is_gone_is_not(path: Path, clock: Clock) -> None:
    shop = Shop()
    shop.failing = {API.id: EngineTimeout("slow"), WORKER.id: NotFound("gone")}
    recorder = Recorder(path, shop, clock=clock)
    recorder.note("fleet", Fresh(FLEET, 100.0))
    while len(shop.asked) < 2:  # asked in order, so the first has failed by now
        pass
    shop.failing.pop(API.id)
    recorder.note("fleet", Fresh(FLEET, 101.0))
    recorder.close()
    assert shop.asked == [API.id, WORKER.id, API.id]
    assert play(path, 0).container(API.id) == detail(API)
    with pytest.raises(NotFound):
        play(path, 0).container(WORKER.id)


def test_an_existing_file_is_left_alone_unless_it_may_be_replaced(path: Path, clock: Clock) -> None:
    path.write_text("precious")
    with pytest.raises(RecordingError, match="exists") as caught:
        Recorder(path, Shop(), clock=clock)
    assert "--force" in caught.value.hint
    assert path.read_text() == "precious"
    Recorder(path, Shop(), clock=clock, overwrite=True).close()
    assert opened(path).name == "recording of shop"


@pytest.mark.parametrize("where", ["no/such/folder/x", "."])
def test_a_file_that_cannot_be_made(tmp_path: Path, clock: Clock, where: str) -> None:
    with pytest.raises(RecordingError, match=r"cannot be written|exists"):
        Recorder(tmp_path / where, Shop(), clock=clock)


def test_a_full_disk_is_told(clock: Clock) -> None:
    with pytest.raises(RecordingError, match="No space left"):
        Recorder(Path("/dev/full"), Shop(), clock=clock, overwrite=True)


def test_a_disk_that_fills_up_ends_the_recording_whole(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(path, Shop(), clock=clock)
    recorder.note("host", Fresh(HOST, 100.0))
    real = os.write

    def full(fd: int, data: Any) -> int:
        real(fd, bytes(data)[:5])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        recorder.note("host", Fresh(replace(HOST, cpu_percent=1.0), 101.0))
    assert recorder.failed.is_set()
    recorder.note("host", Fresh(replace(HOST, cpu_percent=2.0), 102.0))
    recorder.close()
    assert "No space left" in str(recorder.failure)
    assert recorder.readings == 1
    assert play(path, 50.0).host.read() == HOST


def test_a_recording_never_grows_beyond_what_can_be_played(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_file, "LONGEST_FILE_BYTES", 2000)
    recorder = Recorder(path, Shop(), clock=clock)
    for second in range(50):
        recorder.note("host", Fresh(replace(HOST, cpu_percent=float(second)), 100.0 + second))
    recorder.close()
    assert "is full" in str(recorder.failure)
    last = play(path, 99.0).host.read().cpu_percent
    assert last is not None
    assert 3 < last < 49


def test_a_recorder_that_is_killed_leaves_what_it_wrote(path: Path) -> None:
    code = f"""
    import os, signal
    from dataclasses import replace
    from pathlib import Path
    from workbench.model.host import HostSnapshot
    from workbench.sources.recording_file import RecordingWriter
    from workbench.sources.recording_format import Line, encode, encode_value
    writer = RecordingWriter(Path({str(path)!r}), "killed", 1.0)
    for second in range(3):
        value = encode_value(HostSnapshot(float(second), 2, 0.0, 1, 2, 0, 0))
        writer.write(encode(Line(float(second), "host", value=value)))
    os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", dedent(code)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert play(path, 9.0).host.read().cpu_percent == 2.0


def test_a_file_cut_anywhere_plays_up_to_there(path: Path, clock: Clock) -> None:
    record(path, clock)
    whole = path.read_bytes()
    header_end = 1 + (whole.index(b"\n") if path.suffix != ".gz" else 0)
    lengths: list[float] = []
    for length in range(0, len(whole) + 1, 7):
        path.write_bytes(whole[:length])
        try:
            world = opened(path)
        except RecordingError:
            assert path.suffix == ".gz" or length < header_end
            assert not lengths, "a longer piece must not be worse than a shorter one"
            continue
        lengths.append(world.duration)
        world.close()
    assert lengths == sorted(lengths)
    assert (lengths[0], lengths[-1]) == (1.0, 6.0)


HEADER = b'{"workbench_recording":1,"name":"x","interval":1}\n'
HOST_LINE = (
    b'{"t":0,"source":"host","value":{"cpu_percent":1,"cpu_cores":2,"load_1_minute":0,"memory_used_bytes":1,'
    b'"memory_total_bytes":2,"swap_used_bytes":0,"swap_total_bytes":0}}\n'
)
BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "text": (b"hello\n", "no header"),
    "another JSON": (b'{"a":1}\n', "no header"),
    "binary": (bytes(range(256)), "no header"),
    "format 0": (b'{"workbench_recording":0}\n', "no format 0"),
    "format of text": (b'{"workbench_recording":"1"}\n', "no header"),
    "a newer format": (b'{"workbench_recording":3,"new":true}\n', "newer workbench: its format is 3"),
    "no JSON": (HEADER + b"nonsense\n", "line 2: "),
    "the third line": (HEADER + HOST_LINE + b"{}\n" + HOST_LINE, "line 3: .*`t`"),
    "an unknown key": (HEADER + HOST_LINE[:-2] + b',"extra":1}\n', "line 2: .*extra"),
    "no source": (HEADER + b'{"t":0,"value":{}}\n', "line 2: "),
    "two sources": (HEADER + b'{"t":0,"source":"host","image":"x","same":true}\n', "must name one"),
    "neither value nor reason": (HEADER + b'{"t":0,"source":"host"}\n', "value, missing and same"),
    "value and reason": (HEADER + HOST_LINE[:-2] + b',"missing":{"reason":"x"}}\n', "value, missing and same"),
    "a detail that is missing": (HEADER + b'{"t":0,"image":"x","missing":{"reason":"x"}}\n', "need a value"),
    "the same as nothing": (HEADER + b'{"t":0,"source":"host","same":true}\n', "same as nothing"),
    "the wrong shape": (HEADER + HOST_LINE.replace(b'"cpu_cores":2', b'"cpu_cores":"2"'), "line 2: .*cpu_cores"),
    "a figure missing": (HEADER + HOST_LINE.replace(b'"cpu_cores":2,', b""), "line 2: .*cpu_cores"),
    "an impossible state": (
        HEADER + b'{"t":0,"source":"fleet","value":{"engine":{},"containers":[]}}\n',
        "line 2: .*endpoint",
    ),
    "no UTF-8": (HEADER + HOST_LINE.replace(b'"cpu_cores"', b'"cpu\xff"'), "line 2: "),
    "time before the start": (HEADER + HOST_LINE.replace(b'"t":0', b'"t":-1'), "time is out of range"),
    "time without end": (HEADER + HOST_LINE.replace(b'"t":0', b'"t":1e300'), "time is out of range"),
    "time beyond numbers": (HEADER + HOST_LINE.replace(b'"t":0', b'"t":1e999'), "line 2: "),
    "time that runs backwards": (
        HEADER + HOST_LINE.replace(b'"t":0', b'"t":5') + HOST_LINE,
        "line 3: it is older",
    ),
    "nested without end": (
        HEADER + b'{"t":0,"source":"host","value":' + b"[" * 50_000 + b"]" * 50_000 + b"}\n",
        "line 2: nested too deeply",
    ),
    "escapes in the error": (HEADER + b'{"t":0,"\x1b[31m":1}\n', "line 2: "),
}  # fmt: skip


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("case", BAD)
def test_bad_files_name_the_line_and_what_is_wrong(tmp_path: Path, case: str, pack: Callable[[bytes], bytes]) -> None:
    content, reason = BAD[case]
    path = tmp_path / "bad.ndjson"
    path.write_bytes(pack(content))
    with pytest.raises(RecordingError, match=reason) as caught:
        opened(path)
    assert str(path) in caught.value.reason
    assert caught.value.hint
    assert "\x1b" not in caught.value.reason


def test_figures_that_a_newer_workbench_added_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(HEADER.replace(b"}", b',"also":1}') + HOST_LINE.replace(b'"cpu_cores"', b'"new":[1],"cpu_cores"'))
    assert opened(path).host.read().cpu_cores == 2


def test_sources_and_kinds_that_a_newer_workbench_added_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "x"
    newer = b'{"t":0,"source":"moon","value":{"phase":1}}\n{"t":9,"kind":"tides","of":"x","value":[1]}\n'
    path.write_bytes(HEADER + newer + HOST_LINE)
    world = opened(path)
    assert world.host.read().cpu_cores == 2
    assert world.duration == 1.0, "what is not known takes no time"


def test_a_source_that_was_not_recorded_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(HEADER)
    world = opened(path)
    for source in (world.fleet, world.host, world.gpu, world.images):
        with pytest.raises(RecordingError, match="holds no readings"):
            source.read()
        assert source.age() == 0


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, reason in ((".", "is not a file"), ("pipe", "is not a file"), ("nowhere", "No such file")):
        with pytest.raises(RecordingError, match=reason):
            opened(tmp_path / name)


def test_a_hostile_name_is_bounded_and_harmless(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(json.dumps({"workbench_recording": 1, "name": "\x1b]0;x\x07" + "a" * 5000}).encode() + b"\n")
    name = opened(path).name
    assert len(name) < 120
    assert name.isprintable()


def test_a_line_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_file, "LONGEST_LINE_BYTES", 1 << 20)
    path = tmp_path / "x"
    path.write_bytes(HEADER + b" " * (1 << 20) + HOST_LINE)
    with pytest.raises(RecordingError, match="line 2: longer than 1 MiB"):
        opened(path)


@pytest.mark.parametrize("pack", [bytes, zlib.compress, gzip.compress])
def test_the_whole_is_bounded_once_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(recording_file, "LONGEST_FILE_BYTES", 1 << 20)
    path = tmp_path / "x"
    path.write_bytes(pack(HEADER + b"\n" * (64 << 20)))
    if pack is zlib.compress:  # no format of ours
        with pytest.raises(RecordingError, match="no header"):
            opened(path)
        return
    with pytest.raises(RecordingError, match="too large to play"):
        opened(path)


def test_so_are_its_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.sources.recording.MOST_LINES", 5)
    path = tmp_path / "x"
    path.write_bytes(HEADER + HOST_LINE * 5)
    with pytest.raises(RecordingError, match="more than 5 lines"):
        opened(path)


def test_gzip_that_is_damaged_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    lines = [HOST_LINE.replace(b'"t":0', b'"t":%d' % number) for number in range(500)]
    content = bytearray(gzip.compress(HEADER + b"".join(lines)))
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="damaged"):
        opened(path)


def test_a_file_that_changes_while_it_is_played(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(HEADER + HOST_LINE)
    world = opened(path)
    path.write_bytes(HEADER)
    with pytest.raises(RecordingError, match="line 2: it changed"):
        world.host.read()


def test_a_closed_world_reads_no_more(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(HEADER + HOST_LINE)
    world = opened(path)
    world.close()
    with pytest.raises(RecordingError, match="is closed"):
        world.host.read()


def test_a_long_recording_is_unpacked_to_disk_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_file, "_IN_MEMORY_BYTES", 1000)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(HEADER + HOST_LINE * 500))
    world = opened(path)
    assert world.host.read().cpu_cores == 2
    assert list(tmp_path.iterdir()) == [path]
    world.close()


def test_a_closed_writer_writes_no_more(path: Path) -> None:
    writer = RecordingWriter(path, "x", 1.0)
    writer.close()
    with pytest.raises(RecordingError, match="is closed"):
        writer.write(b"x\n")
