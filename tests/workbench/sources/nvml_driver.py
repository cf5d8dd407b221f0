"""Builds the stand-in for NVIDIA's library, for every test that needs GPUs where there are none."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("fake_nvml.c")


def build_driver(folder: Path, *flags: str) -> Path:
    """Compile the stand-in into a folder that is made; `-DOLD_DRIVER` leaves out what came late."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler to build the stand-in for NVIDIA's library: apt-get install gcc")
    folder.mkdir(parents=True, exist_ok=True)
    command = [compiler, "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", *flags]
    subprocess.run([*command, "-o", folder / "libnvidia-ml.so.1", SOURCE], check=True)
    return folder


def with_driver(folder: Path, scenario: str = "", **more: str) -> Mapping[str, str]:
    """An environment whose programs find the stand-in in `folder`, in a scenario like `gpus=8 lost=2`."""
    return os.environ | {"LD_LIBRARY_PATH": str(folder), "FAKE_NVML": scenario} | more
