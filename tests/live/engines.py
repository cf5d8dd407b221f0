"""The engines that the live tests speak to: the machine's own, and private ones beside it."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import docker
from docker.errors import DockerException

HERE = Path(__file__).parent


class EngineMissingError(Exception):
    """There is no engine to test with; the message says why in one line."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A Docker engine that answers.

    Attributes:
        host: Its address, as in DOCKER_HOST.
        client: A docker-py client; whoever asked for the engine closes it.
        environ: The environment for programs that are to speak to this engine and no other.
        notes: What was done to have it, for the summary; often empty.
    """

    host: str
    client: docker.DockerClient
    environ: Mapping[str, str]
    notes: str = ""


def environment_for(host: str, **more: str) -> dict[str, str]:
    """This process's environment, with `host` as its engine and no docker context."""
    return {**os.environ, "DOCKER_HOST": host, "DOCKER_CONTEXT": "", **more}


def listens(path: Path) -> bool:
    """Whether a process accepts connections at a unix socket."""
    with socket.socket(socket.AF_UNIX) as link:
        return link.connect_ex(str(path)) == 0


def connect(host: str, notes: str = "", **more: str) -> Engine:
    """Connect to the engine at `host`; `more` is added to the environment of its programs.

    Raises:
        EngineMissingError: Nothing answers there.
    """
    environ = environment_for(host, **more)
    # A docker-py client that finds nobody leaves its socket open, so a plain one asks first.
    if host.startswith("unix://") and not listens(Path(host.removeprefix("unix://"))):
        raise EngineMissingError(f"no Docker engine answers at {host}")
    try:
        client = docker.DockerClient.from_env(
            version="auto", timeout=120, environment=environ, use_ssh_client=host.startswith("ssh://")
        )
    except DockerException as error:
        raise EngineMissingError(f"no Docker engine answers at {host}: {error}") from error
    return Engine(host, client, environ, notes)


def run_script(name: str, *arguments: str, environ: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Run a script of this folder, and return what it printed and what it told.

    Raises:
        EngineMissingError: It failed; the message is the last line it told.
    """
    done = subprocess.run(
        [str(HERE / name), *arguments], env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    told = done.stderr.strip()
    if done.returncode:
        last = told.splitlines()[-1] if told else f"{name} ended with {done.returncode}"
        raise EngineMissingError(last)
    return done.stdout.strip(), told


def find_engine() -> Engine:
    """The engine at DOCKER_HOST or the default socket; started where it may be.

    Raises:
        EngineMissingError: There is none.
    """
    host, told = run_script("engine.sh")
    return connect(host, told)


@dataclass(slots=True)
class PrivateEngine:
    """A second engine, in namespaces of its own, that starts and stops when it is told to.

    Attributes:
        script: What runs it: `private_engine.sh`, or `modern_engine.sh` with buildx.
        config: The engine's own configuration, in JSON.
        folder: Where it lives; short, for a socket's address holds about 100 characters.
    """

    script: str = "private_engine.sh"
    config: str = "{}"
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix=f"workbench-engine.{os.getpid()}.")))
    _process: subprocess.Popen[str] | None = None

    @property
    def socket(self) -> Path:
        """Where it listens; the file is there only while it runs."""
        return self.folder / "docker.sock"

    @property
    def host(self) -> str:
        """Its address, as in DOCKER_HOST; the same each time it is started."""
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int | None:
        """The script's process, or None while it is stopped."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it, and return when it answers.

        Raises:
            EngineMissingError: It ended instead.
        """
        if self._process is not None:
            return
        self.folder.mkdir(exist_ok=True)
        (self.folder / "config.json").write_text(self.config)
        # The script ends the engine properly when this process dies, whatever kills it.
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", str(HERE / self.script), str(self.folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not self._answers():
            if self._process.poll() is not None:
                told = self._process.communicate()[1].strip()
                self._process = None
                raise EngineMissingError(told.splitlines()[-1] if told else "the private engine ended")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it, and return when it and all its containers, images and mounts are gone."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.communicate()
        self._process = None

    def remove(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            connect(self.host).client.close()
        except EngineMissingError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


def remove_dead_folders() -> None:
    """Remove the folders of private engines whose test run was killed; their engines died with it."""
    for folder in Path(tempfile.gettempdir()).glob("workbench-engine.*.*"):
        owner = folder.name.split(".")[1]
        alive = owner.isdigit() and Path("/proc", owner).exists()
        if not alive and not folder.is_symlink() and folder.stat().st_uid == os.getuid():
            shutil.rmtree(folder, ignore_errors=True)
