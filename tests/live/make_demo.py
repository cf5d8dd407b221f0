"""Makes the demo that the workbench ships: records a real session, and saves a real image.

    .venv/bin/python -m tests.live.make_demo [--seconds 90] [--only session|image]

Needs root, an engine and gcc. Everything made in the engine is removed at the end.
"""

import argparse
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any, cast, get_args

import docker
from docker.errors import ImageNotFound

from tests.live.conftest import follow_build
from tests.live.engines import EngineMissingError, find_engine, run_script
from tests.live.labels import LABEL, is_dead, is_mine, run_id, sweep
from workbench.model.containers import Container, ContainerDetail, FleetSnapshot
from workbench.model.images import ImageDetail, ImageSummary
from workbench.model.logs import LogLine
from workbench.model.reading import Fresh
from workbench.recorder import Recorder
from workbench.session import Session
from workbench.settings import Settings
from workbench.sources.archive import read_archive
from workbench.sources.base import Source, World
from workbench.sources.demo import SAMPLE_IMAGE, SESSION
from workbench.sources.live import LiveWorld
from workbench.sources.recording import RecordedWorld
from workbench.sources.recording_format import SourceName

HERE = Path(__file__).parent / "demo"
SAMPLE = "sample/orders-api:1.4"
SHOP = {"api": "shop/api:1.4", "cache": "shop/cache:7.2", "worker": "shop/worker:1.4"}
PROJECT = "shop"
PREFIX = f"{PROJECT}-"
"""How the names of its containers begin."""
LOOKED_AT = "shop-api-1"
"""The container whose processes are recorded."""
LOG_LINES = 2000
"""Of each container, the newest."""
MEBI = 1024**2
DISK_RATE = 400_000
"""Bytes a second that the journal may write: less than it wants to."""

SERVICES: tuple[dict[str, Any], ...] = (
    {"name": "cache", "image": "cache", "mem_limit": 96 * MEBI},
    {"name": "api", "image": "api", "cpus": 0.03, "mem_limit": 128 * MEBI, "ports": {"8080/tcp": ("127.0.0.1", 8080)}},
    {"name": "gateway", "command": "gateway", "cpus": 0.2, "mem_limit": 64 * MEBI},
    {"name": "worker-1", "command": "busy", "cpus": 0.2, "mem_limit": 64 * MEBI},
    {"name": "worker-2", "command": "growing", "cpus": 0.2, "mem_limit": 96 * MEBI},
    {"name": "reports", "command": "report", "mem_limit": 48 * MEBI, "memswap_limit": 48 * MEBI},
    {"name": "mailer", "command": "idle", "mem_limit": 64 * MEBI},
    {"name": "db", "command": "idle"},
    {"name": "migrate", "command": "migrate"},
)
JOURNAL: dict[str, Any] = {
    "name": "journal",
    "command": "journal",
    "cpus": 0.2,
    "volumes": {"shop_journal": {"bind": "/journal"}},
}


class ShopOnly:
    """The live world without what is not the shop's, the test label, and where the engine happened to listen."""

    def __init__(self, world: LiveWorld) -> None:
        self._world = world
        self.name = "local"
        self.recorded = False
        self.host = world.host
        self.gpu = world.gpu
        self.focus = world.focus
        self.fleet: Source[FleetSnapshot] = _Filtered(world.fleet, self._shop_fleet)
        self.images: Source[tuple[ImageSummary, ...]] = _Filtered(world.images, self._shop_images)

    def image(self, reference: str) -> ImageDetail:
        return self._world.image(reference)

    def container(self, container_id: str) -> ContainerDetail:
        detail = self._world.container(container_id)
        return replace(detail, labels=tuple(pair for pair in detail.labels if pair[0] != LABEL))

    def now(self) -> float:
        return self._world.now()

    def look_at(self, container_id: str | None) -> None:
        self._world.look_at(container_id)

    def logs(self, container_id: str) -> tuple[LogLine, ...]:
        lines = self._world.logs(container_id, tail=LOG_LINES, since=None, follow=False, stop=Event())
        return tuple(lines)

    def tidy(self) -> None:
        self._world.tidy()

    def close(self) -> None:
        self._world.close()

    @staticmethod
    def _shop_fleet(fleet: FleetSnapshot) -> FleetSnapshot:
        containers = tuple(each for each in fleet.containers if is_ours(each))
        ids = {each.id for each in containers}
        return replace(
            fleet,
            engine=replace(fleet.engine, endpoint="unix:///var/run/docker.sock", context=None),
            containers=containers,
            events=tuple(event for event in fleet.events if event.container_id in ids),
        )

    @staticmethod
    def _shop_images(images: tuple[ImageSummary, ...]) -> tuple[ImageSummary, ...]:
        return tuple(image for image in images if set(image.references) & set(SHOP.values()))


class _Filtered:
    """A source of which only a part is told."""

    def __init__(self, source: Source[Any], only: Any) -> None:
        self._source = source
        self._only = only

    def read(self) -> Any:
        return self._only(self._source.read())

    def close(self) -> None:
        self._source.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--only", choices=["session", "image"])
    options = parser.parse_args()
    try:
        engine = find_engine()
        base = run_script("base_image.sh", environ=engine.environ)[0]
    except EngineMissingError as error:
        sys.exit(str(error))
    sweep(engine.client, is_dead)
    SESSION.parent.mkdir(exist_ok=True)
    try:
        if options.only != "session":
            make_sample_image(engine.client)
        if options.only != "image":
            make_session(engine.client, base, options.seconds)
    finally:
        sweep(engine.client, is_mine)
        engine.client.close()


# -- the sample image -------------------------------------------------------------------------------------


def make_sample_image(client: docker.DockerClient) -> None:
    """Build the sample image and save it compressed."""
    with tempfile.TemporaryDirectory() as folder, built(client, {SAMPLE: ""}, sample_context(Path(folder))):
        saved = b"".join(client.images.get(SAMPLE).save(named=True))
    SAMPLE_IMAGE.write_bytes(gzip.compress(saved, 9, mtime=0))
    image = read_archive(SAMPLE_IMAGE)
    print(
        f"{SAMPLE_IMAGE.name}: {SAMPLE_IMAGE.stat().st_size} bytes, {image.references[0]} of {image.size_bytes} bytes"
    )
    for layer in image.layers:
        print(f"  {layer.index if layer.index is not None else '-':>2} {layer.size_bytes:>8}  {layer.instruction}")


def sample_context(folder: Path) -> Path:
    """The files of the sample, with its tools compiled and its larger files made up, always the same ones."""
    context = folder / "context"
    shutil.copytree(HERE / "sample", context, ignore=shutil.ignore_patterns("tools", "__pycache__"))
    tools = context / "bin"
    tools.mkdir()
    flags = ["-O1", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector", "-s", "-Wl,--build-id=none"]
    subprocess.run(["gcc", *flags, "-o", tools / "rm", HERE / "sample/tools/tool.c"], check=True)
    shutil.copy(tools / "rm", tools / "chmod")
    dice = random.Random(1)
    catalogue = {f"{n:04}": {"price": dice.randint(100, 99_999), "stock": dice.randint(0, 500)} for n in range(900)}
    (context / "orders/catalogue.json").write_text(json.dumps(catalogue, indent=1))
    for year, rows in (("2023", 6000), ("2024", 1500)):
        lines = [
            f"{n},{dice.randint(1, 900):04},{dice.randint(1, 9)},{year}-{dice.randint(1, 12):02}" for n in range(rows)
        ]
        path = context / f"fixtures/orders-{year}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("order,article,count,month\n" + "\n".join(lines) + "\n")
    return context


# -- the session ------------------------------------------------------------------------------------------


def make_session(client: docker.DockerClient, base: str, seconds: float) -> None:
    """Run the shop and record it."""
    targets = {tag: target for target, tag in SHOP.items()}
    with built(client, targets, HERE / "shop", BASE=base):
        client.networks.create("shop_default", labels=labels())
        client.volumes.create("shop_journal", labels=labels())
        try:
            for service in SERVICES:
                start(client, **service)
            start(client, **JOURNAL, device_write_bps=write_limit(client))
            client.containers.get("shop-mailer-1").pause()
            record(seconds)
        finally:
            sweep(client, is_mine)
    played = RecordedWorld(SESSION, still_at=seconds / 2)
    names = [container.name for container in played.fleet.read().containers]
    played.close()
    print(f"{SESSION.name}: {SESSION.stat().st_size} bytes, {played.duration:.0f} s of {', '.join(names)}")


def labels(**more: str) -> dict[str, str]:
    return {LABEL: run_id(), **more}


def start(
    client: docker.DockerClient,
    name: str,
    image: str = "worker",
    command: str | None = None,
    cpus: float = 0,
    **more: Any,
) -> None:
    """Start one service, named and labelled as compose does."""
    service = name.split("-", 1)[0]
    endpoint = client.api.create_endpoint_config(aliases=[service])
    client.containers.create(
        SHOP[image],
        command,
        name=f"shop-{name}" if name[-1].isdigit() else f"shop-{name}-1",
        nano_cpus=int(cpus * 1e9),
        network="shop_default",
        networking_config={"shop_default": endpoint},
        labels=labels(**{"com.docker.compose.project": PROJECT, "com.docker.compose.service": service}),
        **more,
    ).start()


def write_limit(client: docker.DockerClient) -> list[dict[str, Any]]:
    """A limit for the disk that containers write to: it makes them wait, and newer kernels count no others' bytes."""
    device = Path(client.info()["DockerRootDir"]).stat().st_dev
    disk = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve()
    disk = disk.parent if (disk / "partition").exists() else disk
    node = Path("/dev", disk.name)
    return [{"Path": str(node), "Rate": DISK_RATE}] if node.is_block_device() else []


def record(seconds: float) -> None:
    """Record from the moment on at which everything is measured."""
    shop = ShopOnly(LiveWorld(""))
    session = Session(cast("World", shop), Settings())
    ids: dict[str, str] = {}
    measured = Event()
    recorder: list[Recorder] = []

    def write_down(name: str) -> None:
        reading = session.feeds[name].take()
        if reading is None or name not in get_args(SourceName):
            return
        if isinstance(reading, Fresh) and name == "fleet":
            containers = cast("FleetSnapshot", reading.value).containers
            ids.update((each.name, each.id) for each in containers)
            running = [each for each in containers if is_up(each)]
            if running and all(each.usage and each.usage.cpu_percent is not None for each in running):
                measured.set()
        for each in recorder:
            each.note(cast("SourceName", name), reading)

    session.start(write_down)
    try:
        if not measured.wait(60):
            sys.exit("the shop was not measured within a minute")
        session.look_at(ids[LOOKED_AT])
        recorder.append(Recorder(SESSION, session.world, 1.0, overwrite=True, clock=session.clock))
        session.images.refresh()
        time.sleep(seconds)
        for container_id in ids.values():
            if lines := shop.logs(container_id):
                recorder[0].note_log(container_id, lines)
        recorder[0].close()
    finally:
        session.close()
    if recorder[0].failure:
        sys.exit(recorder[0].failure.reason)


def is_ours(container: Container) -> bool:
    return container.project == PROJECT and container.name.startswith(PREFIX)


def is_up(container: Container) -> bool:
    return container.state == "running"


@contextmanager
def built(client: docker.DockerClient, targets: Mapping[str, str], context: Path, **arguments: str) -> Iterator[None]:
    """Images of these names for a while. They carry no label, which would be shipped, so they must be new."""
    for tag in targets:
        try:
            client.images.get(tag)
        except ImageNotFound:
            continue
        sys.exit(f"{tag} is there already: docker image rm {tag}")
    made: list[str] = []
    try:
        for tag, target in targets.items():
            lines = client.api.build(
                path=str(context), tag=tag, target=target, buildargs=arguments, decode=True, rm=True, forcerm=True
            )
            follow_build(lines, [])
            made.append(tag)
        yield
    finally:
        for tag in made:
            client.images.remove(tag, force=True)


if __name__ == "__main__":
    main()
