"""A world made of plain values, for tests of the screens: what it says is what they must show."""

from threading import Event
from typing import TYPE_CHECKING, Generic, TypeVar

from workbench.errors import EngineUnreachable, GpuUnavailable, NotFound, WorkbenchError
from workbench.model.containers import Container, ContainerDetail, ContainerUsage, EngineInfo, FleetSnapshot
from workbench.model.host import HostSnapshot
from workbench.model.images import ImageDetail, ImageSummary, Layer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from workbench.model.acquired import AcquiredImage, AcquireProgress
    from workbench.model.actions import Action
    from workbench.model.gpu import GpuSnapshot
    from workbench.model.logs import LogLine
    from workbench.model.processes import FocusSnapshot

T = TypeVar("T")
ENGINE = EngineInfo(
    "unix:///var/run/docker.sock",
    None,
    "docker",
    "20.10.24",
    "1.41",
    "overlay2",
    "Debian GNU/Linux 12",
    2,
    8,
    33_600_000_000,
)
HOST = HostSnapshot(61.0, 8, 4.2, 11_200_000_000, 31_300_000_000, 0, 0)


class Told(Generic[T]):
    """A source that gives what it was last told: a value, or an error to raise."""

    def __init__(self, value: T | Exception) -> None:
        self.value = value
        self.closed = False
        self.reads = 0

    def read(self) -> T:
        self.reads += 1
        if isinstance(self.value, Exception):
            raise self.value
        return self.value

    def close(self) -> None:
        self.closed = True


class Hanging(Told[T]):
    """A source that does not answer until it is let go, as an engine behind a dead link."""

    def __init__(self, value: T | Exception) -> None:
        super().__init__(value)
        self.entered = Event()
        self.let_go = Event()

    def read(self) -> T:
        self.entered.set()
        self.let_go.wait()
        return super().read()


class PlainWorld:
    """A live world, as far as the screens can tell."""

    def __init__(self, containers: tuple[Container, ...] = (), images: tuple[ImageDetail, ...] = ()) -> None:
        self.name = "local"
        self.recorded = False
        self.tidied = False
        self.fleet: Told[FleetSnapshot] = Told(FleetSnapshot(ENGINE, containers))
        self.host: Told[HostSnapshot] = Told(HOST)
        self.gpu: Told[GpuSnapshot] = Told(GpuUnavailable("no NVIDIA driver is loaded"))
        self.images: Told[tuple[ImageSummary, ...]] = Told(tuple(summary(image) for image in images))
        self.focus: Told[FocusSnapshot] = Told(WorkbenchError("no container is looked at"))
        self.looked_at: list[str | None] = []
        """What `focus` was told to read, the newest last."""
        self.log_lines: dict[str, list[LogLine]] = {}
        """By id: the lines that are there; a follower then waits until it is stopped."""
        self.acted: list[tuple[str, Action]] = []
        """What was done to containers."""
        self.shells: dict[str, tuple[str, ...]] = {}
        """By id: the arguments of a program that stands for its shell."""
        self.details: dict[str, ContainerDetail] = {}
        self._images = {image.id: image for image in images}
        self.asked: list[str] = []
        """The images that were inspected."""
        self.acquired: dict[str, AcquiredImage] = {}
        """By id: the images whose layers can be read."""

    def show(self, *containers: Container) -> None:
        """Say these containers from now on."""
        self.fleet.value = FleetSnapshot(ENGINE, containers)

    def lose_engine(self) -> None:
        gone = EngineUnreachable("nothing answers at unix:///var/run/docker.sock", "sudo systemctl start docker")
        self.fleet.value = self.images.value = gone

    def image(self, reference: str) -> ImageDetail:
        self.asked.append(reference)
        if reference not in self._images:
            raise NotFound(f"no image {reference}")
        return self._images[reference]

    def now(self) -> float:
        return 1_790_000_000.0 + 3 * 3600

    def acquire(self, reference: str, progress: "Callable[[AcquireProgress], object]", stop: Event) -> "AcquiredImage":
        del progress, stop
        if reference not in self.acquired:
            raise NotFound(f"no files of {reference}")
        return self.acquired[reference]

    def image_stacks(self) -> "Sequence[tuple[str, Sequence[str]]]":
        return [
            (image.references[0], [layer.diff_id for layer in image.layers if layer.diff_id])
            for image in self._images.values()
        ]

    def container(self, container_id: str) -> ContainerDetail:
        if container_id not in self.details:
            raise NotFound(f"no container {container_id}")
        return self.details[container_id]

    def look_at(self, container_id: str | None) -> None:
        self.looked_at.append(container_id)

    def logs(
        self, container_id: str, *, tail: int, since: float | None, follow: bool, stop: Event
    ) -> "Iterator[LogLine]":
        if container_id not in self.log_lines:
            raise NotFound(f"no container {container_id}")
        lines = [line for line in self.log_lines[container_id] if since is None or line.at >= since]
        yield from lines[-tail:] if tail > 0 else lines if tail < 0 else []
        if follow:
            stop.wait()

    def container_file(self, container_id: str, path: str, most_bytes: int) -> bytes:
        del most_bytes
        raise NotFound(f"no {path} in {container_id}")

    def act(self, container_id: str, action: "Action") -> None:
        self.acted.append((container_id, action))

    def shell_command(self, container_id: str) -> tuple[tuple[str, ...], dict[str, str]]:
        if container_id not in self.shells:
            raise WorkbenchError("there is no shell in it")
        return self.shells[container_id], {}

    def tidy(self) -> None:
        self.tidied = True

    def close(self) -> None:
        for source in (self.fleet, self.host, self.gpu, self.images, self.focus):
            source.close()


def usage(cpu: float = 0.0, memory: int = 0, limit: int = 0) -> ContainerUsage:
    return ContainerUsage(1.0, cpu, memory, limit or 33_600_000_000, 84_000.0, 920_000.0, 0.0, 100_000.0, 12, None)


def container(name: str, number: int, **changes: object) -> Container:
    fields: dict[str, object] = {
        "id": f"{number:064x}",
        "name": name,
        "image": f"shop/{name}:1.4",
        "image_id": f"sha256:{number:064x}",
        "state": "running",
        "status": "Up 2 hours",
        "created_at": 1_790_000_000.0,
        "project": "shop",
        "usage": usage(10.0 * number, 100_000_000 * number),
    }
    fields.update(changes)
    return Container(**fields)  # type: ignore[arg-type]


def detail(of: Container, **changes: object) -> ContainerDetail:
    fields: dict[str, object] = {
        "id": of.id,
        "name": of.name,
        "image": of.image,
        "image_id": of.image_id,
        "state": of.state,
        "command": ("python", "app.py"),
        "user": "",
        "working_dir": "/app",
        "created": "2026-01-02T03:04:05.678Z",
        "started": "2026-01-02T03:04:06.789Z",
        "finished": "",
        "exit_code": None,
        "out_of_memory_killed": False,
        "health": "",
        "restart_count": 0,
        "restart_policy": "",
        "cpu_limit_cores": None,
        "memory_limit_bytes": None,
        "pids_limit": None,
        "read_only_root": False,
        "privileged": False,
        "network_mode": "bridge",
        "ports": ("127.0.0.1:8080 → 80/tcp",),
        "mounts": (),
        "environment": (("MODE", "production"), ("API_TOKEN", "********")),
        "labels": (),
    }
    fields.update(changes)
    return ContainerDetail(**fields)  # type: ignore[arg-type]


def image(name: str, number: int, *layers: tuple[str, int]) -> ImageDetail:
    steps = []
    index = 0
    for instruction, size in layers:
        steps.append(
            Layer(index if size else None, f"sha256:{index:064x}" if size else None, instruction, size, 1_790_000_000.0)
        )
        index += bool(size)
    total = sum(size for _, size in layers)
    return ImageDetail(
        f"sha256:{number:064x}",
        (name,),
        total,
        "amd64",
        "linux",
        "2026-01-02T03:04:05Z",
        "",
        "/app",
        (),
        ("python", "app.py"),
        ("8000/tcp",),
        (("PATH", "/usr/bin"),),
        tuple(steps),
        "inspect",
    )


def summary(image: ImageDetail) -> ImageSummary:
    return ImageSummary(image.id, image.references, image.size_bytes, 1_790_000_000.0, 1)
