"""The installed workbench on a terminal, before a real engine: what a user sees and presses."""

import io
import os
import re
import shutil
import signal
import socket
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import docker
import psutil
import pytest

from tests.live.conftest import ContainerFactory, give_up
from tests.live.engines import Engine, PrivateEngine, connect, environment_for
from tests.live.tmux import Tmux
from tests.terminals import HANG_SECONDS, Terminal, plain_environment

WORKBENCH = str(Path(sys.executable).with_name("workbench"))
NAME = f"w{os.getpid()}"
"""How the containers of these tests begin: others may be using the same engine."""
SLEEP = ["sleep", "3600"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short-named folder: a socket's address holds about 100 characters."""
    with tempfile.TemporaryDirectory(prefix="workbench-terminal.") as made:
        yield Path(made)


@pytest.fixture
def tmux() -> None:
    """The tests that ask for this need tmux."""
    if not shutil.which("tmux"):
        give_up("tmux is not installed: apt-get install tmux")


def environment(host: str, folder: Path, **more: str) -> dict[str, str]:
    """A user's environment: this engine, and settings and data of their own."""
    kept = plain_environment(**environment_for(host))
    homes = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "CACHE")}
    return {name: value for name, value in {**kept, **homes, **more}.items() if value or name != "DOCKER_CONTEXT"}


# --- keys ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("tmux")
@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_keys_do_what_they_say(
    engine: Engine, base_image: str, container_factory: ContainerFactory, folder: Path, columns: int, rows: int
) -> None:
    container_factory(base_image, SLEEP, name=f"{NAME}-api")
    container_factory(base_image, ["python3", "-c", "raise SystemExit(3)"], name=f"{NAME}-job").wait()
    with Tmux(folder, [WORKBENCH], columns, rows, environment(engine.host, folder)) as screen:
        screen.wait_for("Fleet", "name▴", "live")
        screen.press("/")
        screen.write(NAME)
        screen.press("Enter")
        screen.press("Home")
        shown = screen.wait_for(f"▸ {NAME}-api", f"{NAME}-job", f"filter {NAME}")
        assert re.search(rf"▸ {NAME}-api  +\S", shown)
        assert re.search(rf"  {NAME}-job  .*[Ee]xited \(?3", shown)
        assert engine.client.version()["Version"].split("+")[0] in shown

        screen.press("s")
        screen.wait_for("sort state ▴")
        screen.press("?")
        screen.wait_for("In fleet", "Open the container under the cursor")
        screen.press("Escape")
        screen.wait_for("name", without="In fleet")

        screen.press("Enter")
        shown = screen.wait_for("▸2 Container", "saturation", "1 process")
        assert f"{NAME}-api" in shown
        screen.press("v")
        shown = screen.wait_for("▸2 Container", "Configuration", "sleep 3600")
        assert f"{NAME}-api" in shown
        screen.press("Escape")
        screen.wait_for("▸1 Fleet", f"{NAME}-job")
        screen.press("Escape")
        screen.wait_for("▸1 Fleet", "filter –")

        screen.press("3")
        screen.wait_for("▸3 Image", "size▾", "instruction")
        screen.press("/")
        screen.write(base_image)
        screen.press("Enter")
        screen.wait_for(f"filter {base_image}", "100%", "⏎ open")
        screen.press("2")
        screen.wait_for("▸2 Container")
        screen.press("1")
        screen.wait_for("▸1 Fleet")

        screen.resize(200, 50)
        screen.wait_for("last 2 min", "io MB/s")
        screen.press("q")
        assert screen.wait_for_end() == 0


@pytest.mark.usefixtures("tmux")
def test_a_container_that_starts_and_stops_is_followed(
    engine: Engine, base_image: str, container_factory: ContainerFactory, folder: Path
) -> None:
    container_factory(base_image, SLEEP, name=f"{NAME}-stays")
    with Tmux(folder, [WORKBENCH], 120, 40, environment(engine.host, folder)) as screen:
        screen.wait_for("name▴", "live")
        screen.press("/")
        screen.write(f"{NAME}-comes")
        screen.wait_for("Nothing contains these words")
        made = container_factory(base_image, ["python3", "-c", "while True: pass"], name=f"{NAME}-comes")
        screen.wait_for(f"{NAME}-comes", "running", "%", without="Nothing contains these words")
        made.kill()
        screen.wait_for(f"{NAME}-comes", "exited 137")
        made.remove()
        screen.wait_for("Nothing contains these words")
        screen.press("C-c")
        assert screen.wait_for_end() == 0


@pytest.mark.usefixtures("tmux")
def test_suspending_gives_the_shell_back_and_fg_returns(engine: Engine, folder: Path) -> None:
    shell = ["sh", "-i"]
    with Tmux(folder, shell, 80, 24, environment(engine.host, folder, PS1="ready> ", ENV="")) as screen:
        screen.wait_for("ready>")
        screen.write(WORKBENCH)
        screen.press("Enter")
        screen.wait_for("▸1 Fleet", "name▴")
        screen.press("C-z")
        screen.wait_for("ready>", without="▸1 Fleet")
        screen.write("fg")
        screen.press("Enter")
        screen.wait_for("▸1 Fleet", "name▴", "q quit")
        screen.press("q")
        screen.wait_for("ready>", without="▸1 Fleet")
        screen.write("echo code $?")
        screen.press("Enter")
        screen.wait_for("code 0")


# --- the terminal --------------------------------------------------------------------------------------------------


def private_modes(written: bytes | bytearray) -> dict[int, bool]:
    """The terminal's private modes that were touched, and how they were left."""
    left: dict[int, bool] = {}
    for modes, switch in re.findall(rb"\x1b\[\?([\d;]+)([hl])", written):
        for mode in modes.split(b";"):
            left[int(mode)] = switch == b"h"
    return left


def test_quitting_restores_the_terminal(engine: Engine, folder: Path) -> None:
    with Terminal([WORKBENCH], environment=environment(engine.host, folder)) as terminal:
        terminal.wait_for(b"live")
        assert terminal.modes() != terminal.modes_before
        assert {1049, 1000, 1006} <= {mode for mode, on in private_modes(terminal.written).items() if on}
        terminal.press(b"q")
        assert terminal.wait_for_end() == 0
        left = private_modes(terminal.written)
        assert left.pop(25), "the cursor is shown"
        assert not {mode for mode, on in left.items() if on} - {7}
        assert len(re.findall(rb"\x1b\[>\d+u", terminal.written)) == terminal.written.count(b"\x1b[<u"), (
            "the keyboard is as it was"
        )
        assert terminal.modes() == terminal.modes_before


def test_a_wrong_setting_never_touches_the_terminal(engine: Engine, folder: Path) -> None:
    with Terminal([WORKBENCH, "--theme", "nrod"], environment=environment(engine.host, folder)) as terminal:
        assert terminal.wait_for_end() == 2
        assert b"there is no theme nrod" in terminal.written
        assert b"\x1b[?1049h" not in terminal.written
        assert terminal.modes() == terminal.modes_before


def test_a_terminal_that_goes_away_ends_the_program(engine: Engine, folder: Path) -> None:
    terminal = Terminal([WORKBENCH], environment=environment(engine.host, folder))
    try:
        terminal.wait_for(b"live")
        terminal.hang_up()
        terminal.process.wait(HANG_SECONDS)
    finally:
        terminal.close()


def test_the_demo_needs_no_engine(folder: Path) -> None:
    with Terminal([WORKBENCH, "demo"], environment=environment(f"unix://{folder}/none.sock", folder)) as terminal:
        terminal.wait_for(b"recorded")
        terminal.wait_for(b"shop-api-1")
        terminal.press(b"q")
        assert terminal.wait_for_end() == 0


# --- an engine that comes and goes ---------------------------------------------------------------------------------


def make_container(host: str, name: str, labels: dict[str, str]) -> None:
    """Make a container in an engine that has no image yet, out of one small file."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("file"), io.BytesIO())
    client = connect(host).client
    try:
        client.api.import_image_from_data(made.getvalue(), repository="shown/tiny", tag="1")
        client.containers.create("shown/tiny:1", ["/file"], name=name, labels=labels)
    finally:
        client.close()


@pytest.mark.usefixtures("tmux")
def test_an_engine_that_starts_late_stops_and_starts_again(
    late_engine: PrivateEngine, labels: dict[str, str], folder: Path
) -> None:
    with Tmux(folder, [WORKBENCH], 100, 30, environment(late_engine.host, folder)) as screen:
        shown = screen.wait_for("No engine", "✘", "→", "tries again by itself", "D demo")
        assert str(late_engine.socket) in shown
        late_engine.start()
        screen.wait_for("This engine has no containers yet", "live", without="No engine")
        make_container(late_engine.host, "late-one", labels)
        screen.wait_for("▸ late-one", "created")
        screen.press("3")
        screen.wait_for("shown/tiny:1")
        screen.press("1")

        late_engine.stop()
        shown = screen.wait_for("No engine", "no such socket", without="late-one")
        assert "0 containers" not in shown
        late_engine.start()
        screen.wait_for("containers yet", "live", without="No engine")
        screen.press("q")
        assert screen.wait_for_end() == 0


def things_in(client: docker.DockerClient) -> list[str]:
    """Everything in an engine that could be left behind."""
    api = client.api
    return sorted(
        [
            *(f"container {each['Id']} {each['State']}" for each in api.containers(all=True)),
            *(f"image {each['Id']}" for each in api.images(all=True)),
            *(f"network {each['Id']}" for each in api.networks()),
            *(f"volume {each['Name']}" for each in api.volumes()["Volumes"] or []),
        ]
    )


def test_killing_it_leaves_nothing_behind(late_engine: PrivateEngine, labels: dict[str, str], folder: Path) -> None:
    late_engine.start()
    make_container(late_engine.host, "stays", labels)
    client = connect(late_engine.host).client
    before = things_in(client)
    with Terminal([WORKBENCH], environment=environment(late_engine.host, folder)) as terminal:
        terminal.wait_for(b"stays")
        for key, shown in ((b"3", b"shown/tiny:1"), (b"2", b"saturation"), (b"1", b"name")):
            start = len(terminal.written)
            terminal.press(key)
            terminal.wait_for(shown, start)
        family = [psutil.Process(terminal.process.pid), *psutil.Process(terminal.process.pid).children(recursive=True)]
        os.kill(terminal.process.pid, signal.SIGKILL)
        assert terminal.wait_for_end() == -signal.SIGKILL
        assert not [each for each in psutil.wait_procs(family, timeout=HANG_SECONDS)[1] if each.is_running()]
    assert things_in(client) == before
    client.close()
    assert not [path for path in folder.rglob("*") if path.is_file()], "nothing on disk either"


# --- an engine that hangs ------------------------------------------------------------------------------------------


class Silent:
    """A unix socket that accepts everybody and answers nobody."""

    def __init__(self, path: Path) -> None:
        self.host = f"unix://{path}"
        self.asked = Event()
        self._links: list[socket.socket] = []
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen()
        self._thread = Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._server.accept()
            except OSError:
                return
            self._links.append(link)
            if link.recv(1):
                self.asked.set()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()
        for link in self._links:
            link.close()


@pytest.mark.parametrize("key", [b"q", b"\x03"])
def test_quitting_does_not_wait_for_an_engine_that_never_answers(folder: Path, key: bytes) -> None:
    silent = Silent(folder / "docker.sock")
    try:
        with Terminal([WORKBENCH], environment=environment(silent.host, folder)) as terminal:
            terminal.wait_for(b"asking")
            terminal.wait_for(b"quit")
            while not silent.asked.is_set():
                terminal.listen(0.05)
            pressed = time.monotonic()
            terminal.press(key)
            code = terminal.wait_for_end()
            took = time.monotonic() - pressed
            assert code == 0, f"ended after {took:.2f} s"
            assert terminal.modes() == terminal.modes_before
            print(f"quit took {took:.2f} s")
    finally:
        silent.close()
