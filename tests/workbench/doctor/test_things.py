"""Each thing: fine, missing and broken, on machines made of a folder and a PATH."""

import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from workbench import doctor
from workbench.doctor.check import EngineFacts, Surroundings
from workbench.doctor.programs import ask, ask_module
from workbench.doctor.things import gpu, terminal
from workbench.errors import EngineForbidden, EngineUnreachable, GpuUnavailable
from workbench.model.doctor import Finding
from workbench.model.gpu import GpuDevice, GpuSnapshot
from workbench.sources.endpoint import Endpoint
from workbench.store import Store


class Machine:
    """A folder that stands for a machine."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.bin = folder / "bin"
        self.store = folder / "data" / "workbench" / "runs.db"
        self.environ = {"HOME": str(folder), "PATH": str(self.bin)}
        for path in (self.root, self.bin):
            path.mkdir()

    def file(self, path: str, text: str = "") -> Path:
        made = self.root / path.lstrip("/")
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(text)
        return made

    def program(self, name: str, says: str, status: int = 0, folder: Path | None = None) -> Path:
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho '{says}'\nexit {status}\n")
        path.chmod(0o755)
        return path

    def examine(self, name: str, engine: Callable[[Surroundings], EngineFacts] | None = None) -> Finding:
        check = next(check for check in doctor.checks() if check.name == name)
        return check.examine(
            Surroundings(environ=self.environ, root=self.root, store_file=lambda: self.store, ask_engine=engine)
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def engine(
    info: Mapping[str, Any] | None = None, version: Mapping[str, Any] | None = None, context: str | None = None
) -> Callable[[Surroundings], EngineFacts]:
    endpoint = Endpoint("unix:///var/run/docker.sock", context)
    return lambda _: EngineFacts(endpoint, "1.41", version or {"Version": "20.10.24"}, info or {})


# -- the engine -------------------------------------------------------------------------------------------


def test_an_engine_that_answers(machine: Machine) -> None:
    assert machine.examine("engine", engine()) == Finding("fine", "Docker 20.10.24, API 1.41, at /var/run/docker.sock")
    podman = {"Version": "4.3.1", "Components": [{"Name": "Podman Engine"}]}
    assert machine.examine("engine", engine(version=podman, context="far")).detail == (
        "Podman 4.3.1, API 1.41, at /var/run/docker.sock (context far)"
    )


@pytest.mark.parametrize("version", [{"Version": "1\x1b[2J", "Components": 7}, {"Components": [7]}, {"Components": []}])
def test_an_engine_with_odd_words(machine: Machine, version: dict[str, Any]) -> None:
    finding = machine.examine("engine", engine(version=version))
    assert finding.status == "fine"
    assert "\x1b" not in finding.detail


def test_an_engine_that_does_not(machine: Machine) -> None:
    def absent(_: Surroundings) -> EngineFacts:
        raise EngineUnreachable("there is none", "start it")

    def refusing(_: Surroundings) -> EngineFacts:
        raise EngineForbidden("permission denied", "join the group")

    assert machine.examine("engine", absent) == Finding("missing", "there is none", "start it")
    assert machine.examine("engine", refusing) == Finding("broken", "permission denied", "join the group")


def test_an_engine_is_really_asked(machine: Machine) -> None:
    machine.environ["DOCKER_HOST"] = f"unix://{machine.root}/nothing.sock"
    assert "nothing.sock" in machine.examine("engine").detail


def test_an_engine_that_accepts_and_says_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.doctor.check.ENGINE_SECONDS", 1)
    path = machine.root / "engine.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        machine.environ["DOCKER_HOST"] = f"unix://{path}"
        assert "took too long" in machine.examine("engine").detail


@pytest.mark.parametrize(
    ("info", "status", "words"),
    [
        ({"Driver": "overlay2"}, "fine", "overlay2"),
        (
            {"Driver": "overlayfs", "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]},
            "fine",
            "containerd",
        ),
        ({"Driver": "vfs"}, "broken", "copies every layer"),
        ({"Driver": "devicemapper"}, "broken", "removed"),
        ({"Driver": "shiny"}, "fine", "has not met"),
        ({}, "fine", "unknown"),
        ({"Driver": ["x"], "DriverStatus": 7}, "fine", "has not met"),
    ],
)
def test_the_storage_driver(machine: Machine, info: dict[str, Any], status: str, words: str) -> None:
    finding = machine.examine("storage", engine(info))
    assert finding.status == status
    assert words in finding.detail


# -- programs ---------------------------------------------------------------------------------------------


def test_the_docker_client(machine: Machine) -> None:
    assert machine.examine("docker-cli").status == "missing"
    path = machine.program("docker", "Docker version 28.2.2, build e6534b4")
    assert machine.examine("docker-cli") == Finding("fine", f"Docker version 28.2.2, build e6534b4, {path}")
    machine.program("docker", "cannot execute", status=1)
    assert machine.examine("docker-cli").status == "broken"


def test_buildx_is_explained_where_a_client_needs_it(machine: Machine) -> None:
    assert "no docker-buildx found" in machine.examine("buildx").detail
    machine.program("docker", "Docker version 20.10.24+dfsg1, build 297e128")
    assert "20.10.24 builds with BuildKit by itself" in machine.examine("buildx").detail
    machine.program("docker", "Docker version 28.2.2, build e6534b4")
    finding = machine.examine("buildx")
    assert "only through buildx" in finding.detail
    assert "DOCKER_BUILDKIT=1" in finding.detail
    assert "docker-buildx" in finding.fix


def test_buildx_is_found_where_the_client_looks_and_in_its_order(machine: Machine, tmp_path: Path) -> None:
    said = "github.com/docker/buildx v0.29.1 28f6246"
    own = tmp_path / ".docker"
    places = [
        machine.bin,
        machine.root / "usr/libexec/docker/cli-plugins",
        machine.root / "usr/lib/docker/cli-plugins",
        own / "cli-plugins",
        tmp_path / "extra",
    ]
    for number, folder in enumerate(places):
        path = machine.program("docker-buildx", f"{said} {number}", folder=folder)
        if folder == places[-1]:
            (own / "config.json").write_text(f'{{"cliPluginsExtraDirs": ["{folder}", 7]}}')
        assert machine.examine("buildx") == Finding("fine", f"{said} {number}, {path}")
    (own / "config.json").write_text("[" * 100_000)
    assert machine.examine("buildx").status == "fine"


def test_a_buildx_that_does_not_run_is_broken(machine: Machine) -> None:
    machine.program("docker-buildx", "no", status=126).chmod(0o644)
    folder = machine.root / "usr/lib/docker/cli-plugins"
    machine.program("docker-buildx", "no", folder=folder).chmod(0o644)
    finding = machine.examine("buildx")
    assert finding.status == "broken"
    assert "Permission denied" in finding.detail


def test_py_spy(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(machine.root / "python"))
    finding = machine.examine("py-spy")
    assert finding.status == "missing"
    assert finding.fix.endswith("-m pip install py-spy")
    machine.program("py-spy", "py-spy 0.4.3")
    assert machine.examine("py-spy") == Finding("fine", "py-spy 0.4.3")
    machine.program("py-spy", "Exec format error", status=126, folder=machine.root)
    assert machine.examine("py-spy").status == "broken", "the one beside the interpreter is the one that is used"


def test_load_tools(machine: Machine) -> None:
    assert machine.examine("load-tools").status == "missing"
    machine.program("hey", "")
    assert machine.examine("load-tools") == Finding("fine", "hey (not wrk, h2load, locust)")


def test_a_program_that_hangs_is_killed_with_all_it_started(tmp_path: Path) -> None:
    program = tmp_path / "slow"
    program.write_text(f"#!/bin/sh\nsleep 1000 &\necho $! > {tmp_path}/pid\nwait\n")
    program.chmod(0o755)
    answer = ask((str(program),), os.environ, seconds=3)
    assert not answer.worked
    assert "no answer" in answer.said
    pid = int((tmp_path / "pid").read_text())
    with suppress(psutil.NoSuchProcess):
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.02)


def test_a_program_that_leaves_something_running_is_not_waited_for(tmp_path: Path) -> None:
    program = tmp_path / "leaver"
    program.write_text("#!/bin/sh\nsleep 1000 &\necho $! > pid\necho done\n")
    program.chmod(0o755)
    answer = ask(("/bin/sh", "-c", f"cd {tmp_path} && {program}"), os.environ, seconds=300)
    os.kill(int((tmp_path / "pid").read_text()), 9)
    assert answer.worked
    assert answer.first_line == "done"


def test_a_program_that_floods_is_kept_short() -> None:
    answer = ask((sys.executable, "-c", "import sys; sys.stdout.write('x\\x1b' * 5_000_000)"), os.environ)
    assert answer.worked
    assert len(answer.said) <= 4096
    assert "\x1b" not in answer.first_line


# -- Python modules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["memray", "line_profiler"])
def test_a_profiler_that_is_installed(name: str) -> None:
    check = next(check for check in doctor.checks() if check.name == name)
    finding = check.examine(Surroundings())
    assert finding.status == "fine"
    assert finding.detail.startswith(f"{name} ")


def test_a_module_that_is_not_installed() -> None:
    finding = ask_module("nonexistent_module", "nonexistent_module", os.environ)
    assert finding.status == "missing"
    assert finding.fix == f"{sys.executable} -m pip install nonexistent_module"


def test_a_module_that_cannot_be_loaded(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    (tmp_path / "memray.py").write_text("raise ImportError('libunwind.so.8: cannot open shared object file')")
    finding = ask_module("memray", "memray", environ)
    assert finding.status == "broken"
    assert "libunwind.so.8" in finding.detail
    (tmp_path / "memray.py").write_text("import os; os.abort()")
    assert ask_module("memray", "memray", environ).status == "broken"


def test_no_module_of_the_current_folder_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "memray.py").write_text("open('was run', 'w')")
    monkeypatch.chdir(tmp_path)
    assert ask_module("memray", "memray", os.environ).status == "fine"
    assert not (tmp_path / "was run").exists()


# -- the kernel -------------------------------------------------------------------------------------------


def test_control_groups(machine: Machine) -> None:
    assert machine.examine("cgroups").status == "missing"
    machine.file("/sys/fs/cgroup/memory/memory.stat")
    finding = machine.examine("cgroups")
    assert finding.detail.startswith("version 1")
    assert "hybrid" not in finding.detail
    machine.file("/sys/fs/cgroup/unified/cgroup.procs")
    assert "hybrid" in machine.examine("cgroups").detail
    machine.file("/sys/fs/cgroup/cgroup.controllers", "cpu memory")
    assert machine.examine("cgroups") == Finding("fine", "version 2")


@pytest.mark.parametrize("group", ["system.slice/cpu.pressure", "unified/docker/cpu.pressure"])
def test_pressure_files(machine: Machine, group: str) -> None:
    assert machine.examine("pressure").status == "missing"
    machine.file("/proc/pressure/cpu", "some avg10=0.00 total=0\n")
    assert "the machine alone" in machine.examine("pressure").detail
    machine.file(f"/sys/fs/cgroup/{group}", "some avg10=0.00 total=0\n")
    assert machine.examine("pressure") == Finding("fine", "for the machine and for each container")


def test_pressure_files_that_the_kernel_refuses_to_read(machine: Machine) -> None:
    (machine.root / "proc/pressure/cpu").mkdir(parents=True)  # reading a folder fails, as a file does with psi=0
    finding = machine.examine("pressure")
    assert finding.status == "missing"
    assert "psi=1" in finding.fix


ALL_CAPABILITIES = "000001ffffffffff"
NO_PTRACE = "00000000a80425fb"


@pytest.mark.parametrize(
    ("capabilities", "scope", "status", "words"),
    [
        (ALL_CAPABILITIES, None, "fine", "every process"),
        (ALL_CAPABILITIES, "2", "fine", "every process"),
        (ALL_CAPABILITIES, "3", "broken", "not even root"),
        (NO_PTRACE, None, "fine", "your own"),
        (NO_PTRACE, "0", "fine", "your own"),
        (NO_PTRACE, "1", "missing", "parent"),
        (NO_PTRACE, "2", "missing", "only root"),
        (NO_PTRACE, "junk", "fine", "your own"),
        ("", "1", "missing", "parent"),
    ],
)
def test_ptrace(machine: Machine, capabilities: str, scope: str | None, status: str, words: str) -> None:
    machine.file("/proc/self/status", f"Name:\tx\nCapEff:\t{capabilities}\nCapBnd:\t{ALL_CAPABILITIES}\n")
    if scope is not None:
        machine.file("/proc/sys/kernel/yama/ptrace_scope", f"{scope}\n")
    finding = machine.examine("ptrace")
    assert finding.status == status
    assert words in finding.detail
    assert finding.fix or status == "fine"


# -- GPUs -------------------------------------------------------------------------------------------------


@pytest.fixture
def nvml(monkeypatch: pytest.MonkeyPatch) -> list[GpuSnapshot | GpuUnavailable]:
    """What the GPU source reads; it is tested with a real driver library in its own tests."""
    answers: list[GpuSnapshot | GpuUnavailable] = []

    class Source:
        def read(self) -> GpuSnapshot:
            if isinstance(answers[0], GpuUnavailable):
                raise answers[0]
            return answers[0]

        def close(self) -> None:
            pass

    monkeypatch.setattr(gpu, "GpuSource", Source)
    return answers


def test_gpus_that_answer(machine: Machine, nvml: list[GpuSnapshot | GpuUnavailable]) -> None:
    nvml.append(GpuSnapshot("550.1", (GpuDevice(0, "H200", "a"), GpuDevice(1, "H200", "b"), GpuDevice(2, "T4", "c"))))
    assert machine.examine("gpu") == Finding("fine", "2 × H200, 1 × T4, driver 550.1")
    nvml[0] = GpuSnapshot("550.1", (GpuDevice(0, "H200", "a"), GpuDevice(1, "H200", "b", problem="fallen off the bus")))
    finding = machine.examine("gpu")
    assert finding.status == "broken"
    assert "GPU 1" in finding.detail


def test_no_driver_is_broken_only_where_there_is_a_gpu(
    machine: Machine, nvml: list[GpuSnapshot | GpuUnavailable]
) -> None:
    nvml.append(GpuUnavailable("no NVIDIA driver here", "install it"))
    assert machine.examine("gpu") == Finding("missing", "no NVIDIA GPU in this machine; nothing else needs one")
    machine.file("/sys/bus/pci/devices/0000:00:1f.3/vendor", "0x10de\n")
    machine.file("/sys/bus/pci/devices/0000:00:1f.3/class", "0x040300\n")
    assert machine.examine("gpu").status == "missing", "the sound of a graphics card is none"
    machine.file("/sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de\n")
    machine.file("/sys/bus/pci/devices/0000:01:00.0/class", "0x030200\n")
    assert machine.examine("gpu") == Finding("broken", "no NVIDIA driver here", "install it")


def test_another_package_that_hides_the_module_is_broken_anywhere(
    machine: Machine, nvml: list[GpuSnapshot | GpuUnavailable]
) -> None:
    nvml.append(GpuUnavailable("NVIDIA's Python module pynvml is missing, or hidden", "pip install"))
    assert machine.examine("gpu").status == "broken"


# -- the terminal -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "size", "status", "words"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, (120, 40), "fine", "120x40, 16 million colours"),
        ({"TERM": "xterm-256color"}, (80, 24), "fine", "256 colours"),
        ({"TERM": "linux"}, (80, 24), "fine", "16 colours"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, (80, 24), "fine", "no colours"),
        ({"TERM": "xterm", "NO_COLOR": ""}, (80, 24), "fine", "16 colours"),
        ({"TERM": "xterm"}, (79, 24), "broken", "smaller than 80x24"),
        ({"TERM": "xterm"}, (80, 23), "broken", "smaller than 80x24"),
        ({"TERM": "xterm"}, None, "missing", "no terminal"),
        ({"TERM": "dumb"}, (80, 24), "broken", "TERM is dumb"),
        ({}, (80, 24), "broken", "TERM is not set"),
        ({"TERM": "xterm", "LANG": "de_DE.ISO-8859-1"}, (80, 24), "broken", "UTF-8"),
        ({"TERM": "xterm", "LANG": "de_DE.UTF-8@euro"}, (80, 24), "fine", "80x24"),
        ({"TERM": "xterm", "LC_ALL": "C.utf8", "LANG": "x.ISO-8859-1"}, (80, 24), "fine", "80x24"),
    ],
)
def test_the_terminal(
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    size: tuple[int, int] | None,
    status: str,
    words: str,
) -> None:
    monkeypatch.setattr(terminal, "terminal_size", lambda: size)
    machine.environ = environ
    finding = machine.examine("terminal")
    assert finding.status == status
    assert words in finding.detail


# -- what is kept -----------------------------------------------------------------------------------------


def test_a_store_that_can_be_made(machine: Machine) -> None:
    finding = machine.examine("store")
    assert finding.status == "fine"
    assert "none yet" in finding.detail
    assert not machine.store.parent.exists(), "looking makes nothing"


def test_a_store_that_is_there_and_one_that_is_damaged(machine: Machine) -> None:
    Store.open(machine.store).close()
    assert machine.examine("store") == Finding("fine", str(machine.store))
    machine.store.write_bytes(b"not a database, whatever it says" * 100)
    finding = machine.examine("store")
    assert finding.status == "broken"
    assert finding.fix


def test_a_store_in_a_place_that_is_no_folder(machine: Machine) -> None:
    machine.store.parents[1].write_text("")
    assert machine.examine("store").status == "broken"


def test_python(machine: Machine) -> None:
    assert machine.examine("python").detail.startswith("CPython 3.")
