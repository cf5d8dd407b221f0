"""A container beside the target, of the same user: it holds the code that the target reads and the files it writes.

The target sees its files below /proc/PID/root. That is allowed to a process of the same user and group whose
capabilities are all those of the other, ptrace(2), so the helper has none.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event

import docker
import docker.errors

from workbench.errors import EngineError, Stopped
from workbench.model.probe import ProcessFacts
from workbench.profilers.beside import sidecar
from workbench.sources.container_files import Gathered, folders_of, gather, get_file, tar_of
from workbench.sources.upload import Watch

PID = "pid"
"""The file that it writes first: when that was is when it began, by the clock of its engine."""
_START_SECONDS = 15.0
_LOOK_SECONDS = 0.05
_MOST_RESULT_BYTES = 256 << 20
_LIVES_ON_SECONDS = 120
"""After the recording, when nobody removes it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How a helper is made to tell its process id and then to wait: one process, for the target may not reap another's.

    `command` has its words with `{seconds}` and `{folder}` in place.
    """

    image: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Helper:
    """A helper that runs."""

    client: docker.APIClient
    container: str
    pid: int
    """In the target's namespace."""
    folder: str
    """In the helper."""

    @property
    def seen(self) -> str:
        """The folder as the target sees it."""
        return f"/proc/{self.pid}/root{self.folder}"

    def has(self, name: str) -> bool:
        """Whether the target has written a file."""
        return self.read(name) is not None

    def read(self, name: str, most_bytes: int = 4096) -> bytes | None:
        """A file that the target has written; `None` while there is none. Hostile."""
        try:
            return get_file(self.client, self.container, f"{self.folder}/out/{name}", most_bytes)
        except docker.errors.NotFound:
            return None

    def results(self, goes_on: Callable[[int], bool]) -> Gathered:
        """Every whole file that the target has written, by name; see `gather`. Hostile."""
        found = gather(self.client, self.container, f"{self.folder}/out", _MOST_RESULT_BYTES, 100, goes_on)
        whole = {name: content for name, content in found.files.items() if not name.endswith(".part")}
        return replace(found, files={name.rpartition("/")[2]: content for name, content in whole.items()})

    def give(self, name: str, content: bytes) -> str:
        """A file more for the target to read; returns its path there."""
        self.client.put_archive(self.container, f"{self.folder}/code", tar_of({name: (content, 0o644)}, {}, {}))
        return f"{self.seen}/code/{name}"

    def tell_to_stop(self) -> None:
        """Make the code in the target end."""
        self.client.put_archive(self.container, self.folder, tar_of({"stop": (b"", 0o444)}, {}, {}))

    def is_alive(self) -> bool:
        """Whether it runs; when it does not, the target has ended, whose end is the end of all beside it."""
        try:
            return self.client.inspect_container(self.container)["State"].get("Running") is True
        except docker.errors.NotFound:
            return False


@contextmanager
def helper(
    client: docker.APIClient,
    target: str,
    process: ProcessFacts,
    wait: Wait,
    files: Mapping[str, bytes],
    seconds: float,
    watch: Watch,
    stop: Event,
) -> Iterator[Helper]:
    """A helper beside a target; it is gone at the end, and what is in the target then ends by itself.

    Args:
        client: The engine's.
        target: The container.
        process: The one whose user it is.
        wait: Its program.
        files: What the target reads, by path below `code`; one at least.
        seconds: How long it is needed.
        watch: Told how far those files are on their way; may raise, which ends it.
        stop: Set to give up.

    Raises:
        EngineError: when it does not start.
        Stopped: when the user gave up.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    # Nobody else can guess the name, so another process with its id cannot be taken for it
    folder = f"/workbench-{secrets.token_hex(8)}"
    inside = folder.lstrip("/")
    code = {f"{inside}/code/{path}": (data, 0o644) for path, data in files.items()}
    content = tar_of(code, {**folders_of(code), f"{inside}/out": 0o1777}, {})
    lives = f"{seconds + _LIVES_ON_SECONDS:.0f}"
    command = [word.replace("{folder}", folder).replace("{seconds}", lives) for word in wait.command]
    user = f"{process.user_id}:{process.group_id or 0}"
    with sidecar(client, wait.image, command, target, user=user, what="helper", files=content, watch=watch) as identity:
        yield Helper(client, identity, _pid(client, identity, folder, stop), folder)


def _pid(client: docker.APIClient, identity: str, folder: str, stop: Event) -> int:
    """The helper's process id, which it has written itself."""
    ends = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends:
        if stop.is_set():
            raise Stopped("stopped")
        try:
            written = get_file(client, identity, f"{folder}/out/{PID}", 64)
        except docker.errors.NotFound:
            written = b""
        if written.endswith(b"\n") and written.strip().isdigit():
            return int(written)
        time.sleep(_LOOK_SECONDS)
    raise EngineError("the helper beside the target did not start", "look at the engine's log")
