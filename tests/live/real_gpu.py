"""Holds what the workbench reads of real GPUs against nvidia-smi: run by hand on a machine that has some.

    python tests/live/real_gpu.py [--container NAME]

Reads every GPU at rest and under a load of its own, compares figure by figure, times a reading, and looks for the load
among the processes. With --container, a running container that uses a GPU must be found by its process. Exit code 1
when anything differs.
"""

import argparse
import csv
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from workbench.errors import GpuUnavailable
from workbench.measure.throttling import throttle_reasons
from workbench.model.gpu import GpuDevice, GpuSnapshot
from workbench.sources.gpu import GpuSource
from workbench.sources.pid_containers import in_host_namespace

MIB = 2**20
LOAD_SECONDS = 12.0
SETTLE_SECONDS = 5.0
"""Long enough for clocks and the driver's own averages to follow the load."""
BUDGET_MS = 5.0
"""For each GPU and reading, without PCIe traffic."""
LOAD = """
import ctypes, sys, time
cuda = ctypes.CDLL("libcuda.so.1")
def call(name, *arguments):
    code = getattr(cuda, name)(*arguments)
    if code:
        sys.exit(f"{name} failed with {code}")
device, context, memory = ctypes.c_int(), ctypes.c_void_p(), ctypes.c_uint64()
call("cuInit", 0)
call("cuDeviceGet", ctypes.byref(device), int(sys.argv[1]))
call("cuCtxCreate_v2", ctypes.byref(context), 0, device)
call("cuMemAlloc_v2", ctypes.byref(memory), ctypes.c_size_t(1 << 30))
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    for _ in range(64):
        call("cuMemsetD32_v2", memory, 7, ctypes.c_size_t(1 << 28))
    call("cuCtxSynchronize")
"""
"""Fills a gigabyte again and again, through the driver alone: no CUDA toolkit is needed."""


@dataclass(frozen=True)
class Figure:
    """One figure: nvidia-smi's name of it, ours, and how far the two may be apart, having looked at two moments."""

    theirs: str
    ours: Callable[[GpuDevice], float | None]
    absolute: float = 0.0
    relative: float = 0.0
    scale: float = 1.0
    busy: bool = False
    """Whether it is compared on a busy GPU only: one at rest is woken by the look itself."""


FIGURES = (
    Figure("utilization.gpu", lambda gpu: gpu.utilisation_percent, absolute=30),
    Figure("utilization.memory", lambda gpu: gpu.memory_utilisation_percent, absolute=30),
    Figure("memory.used", lambda gpu: gpu.memory_used_bytes, absolute=64 * MIB, relative=0.05, scale=MIB),
    Figure("memory.total", lambda gpu: gpu.memory_total_bytes, absolute=MIB, scale=MIB),
    Figure("temperature.gpu", lambda gpu: gpu.temperature_celsius, absolute=4),
    Figure("power.draw", lambda gpu: gpu.power_watts, absolute=30, relative=0.25, busy=True),
    Figure("enforced.power.limit", lambda gpu: gpu.power_limit_watts, absolute=0.01),
    Figure("clocks.sm", lambda gpu: gpu.sm_clock_mhz, relative=0.25, busy=True),
    Figure("clocks.max.sm", lambda gpu: gpu.sm_clock_max_mhz),
    Figure("clocks.mem", lambda gpu: gpu.memory_clock_mhz, relative=0.25, busy=True),
    Figure("pcie.link.gen.max", lambda gpu: gpu.pcie_generation_max),
    Figure("pcie.link.width.current", lambda gpu: gpu.pcie_width),
    Figure("pcie.link.width.max", lambda gpu: gpu.pcie_width_max),
    Figure("ecc.errors.uncorrected.volatile.total", lambda gpu: gpu.ecc_errors),
)


class Check:
    """Tells what agrees and what does not, and counts the latter."""

    def __init__(self) -> None:
        self.differences = 0

    def tell(self, *, fine: bool, what: str) -> None:
        self.differences += not fine
        print(f"{'fine   ' if fine else 'DIFFERS'}  {what}", flush=True)

    def figure(self, index: int, figure: Figure, theirs: str, ours: float | None) -> None:
        try:
            expected: float | None = float(theirs) * figure.scale
        except ValueError:
            expected = None  # [N/A], [Not Supported]
        if expected is None or ours is None:
            same = expected is ours
        else:
            same = math.isclose(ours, expected, rel_tol=figure.relative, abs_tol=figure.absolute)
        self.tell(fine=same, what=f"GPU {index} {figure.theirs}: nvidia-smi {theirs}, ours {ours}")


def smi(*fields: str) -> list[list[str]]:
    """What nvidia-smi says of each GPU."""
    command = ["nvidia-smi", f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [[cell.strip() for cell in row] for row in csv.reader(done.stdout.splitlines())]


def hold_against(check: Check, snapshot: GpuSnapshot, busy: int | None = None) -> None:
    """Compare a reading with what nvidia-smi says in this moment.

    Args:
        check: Told what came of it.
        snapshot: The reading.
        busy: The GPU that has a load.
    """
    theirs = smi("index", "name", "uuid", "driver_version", *(figure.theirs for figure in FIGURES))
    check.tell(fine=len(theirs) == len(snapshot.devices), what=f"{len(snapshot.devices)} GPUs")
    for (index, name, uuid, driver, *figures), gpu in zip(theirs, snapshot.devices, strict=False):
        same = (gpu.index, gpu.name, gpu.uuid, snapshot.driver_version) == (int(index), name, uuid, driver)
        check.tell(fine=same and not gpu.problem, what=f"GPU {index} is {name} {uuid}, driver {driver} {gpu.problem}")
        for figure, told in zip(FIGURES, figures, strict=True):
            if gpu.index == busy or not figure.busy:
                check.figure(gpu.index, figure, told, figure.ours(gpu))
        more = f"state P{gpu.performance_state}, SMs {gpu.sm_active_percent}, slows down at {gpu.slowdown_celsius} °C"
        print(f"         GPU {index} {more}, {len(gpu.mig_devices)} slices, {len(gpu.processes)} processes")
    for name in ("clocks_event_reasons.active", "clocks_throttle_reasons.active"):
        try:
            rows = smi(name)
        except subprocess.CalledProcessError:
            continue  # an older or newer nvidia-smi calls it otherwise
        for gpu, [bits] in zip(snapshot.devices, rows, strict=False):
            words = throttle_reasons(int(bits, 16)) if bits.startswith("0x") else ()
            # They come and go by the second, so a difference is told and not counted.
            print(f"         GPU {gpu.index} held back by {list(gpu.throttle_reasons)}, nvidia-smi {list(words)}")
        return


def time_readings(source: GpuSource, gpus: int) -> float:
    """Milliseconds of the median reading for each GPU."""
    took = []
    for _ in range(30):
        started = time.perf_counter()
        source.read()
        took.append(time.perf_counter() - started)
    return sorted(took)[len(took) // 2] * 1000 / gpus


def under_load(check: Check, source: GpuSource) -> None:
    """The first GPU, kept busy by a process of ours."""
    command = [sys.executable, "-c", LOAD, "0", str(LOAD_SECONDS)]
    # CUDA numbers GPUs as NVML does only when told to, and not at all where some are hidden.
    environment = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
    environment["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as load:
        time.sleep(SETTLE_SECONDS)
        source.read()
        time.sleep(1.0)
        source.measure_pcie = True
        snapshot = source.read()
        source.measure_pcie = False
        hold_against(check, snapshot, busy=0)
        gpu = snapshot.devices[0]
        check.tell(fine=(gpu.utilisation_percent or 0) > 50 or bool(gpu.mig_enabled), what="the load keeps GPU 0 busy")
        traffic = (gpu.pcie_received_bytes_per_second, gpu.pcie_sent_bytes_per_second)
        print(f"         PCIe {traffic}, NVLink {gpu.nvlink_received_bytes_per_second}")
        if in_host_namespace():
            mine = next((process for process in gpu.processes if process.pid == load.pid), None)
            fine = mine is not None and mine.name.startswith("python") and (mine.memory_bytes or 2**30) >= 2**30
            check.tell(fine=fine, what=f"the load among the processes: {mine}")
        else:
            print(f"         PIDs here are not the host's, so the load cannot be found among {len(gpu.processes)}")
        error = load.communicate()[1]
        check.tell(fine=load.returncode == 0, what=f"the load itself {error.strip()}")


def find_container(check: Check, snapshot: GpuSnapshot, name: str) -> None:
    """A container must be found by one of its processes."""
    told = subprocess.run(["docker", "inspect", "-f", "{{.Id}}", name], capture_output=True, text=True, check=True)
    wanted = told.stdout.strip()
    found = [process for gpu in snapshot.devices for process in gpu.processes if process.container_id == wanted]
    check.tell(fine=bool(found), what=f"processes of {name}: {[(process.pid, process.name) for process in found]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--container", help="a running container that uses a GPU")
    wanted = parser.parse_args()
    source, check = GpuSource(), Check()
    try:
        started = time.perf_counter()
        snapshot = source.read()
        print(f"         opened in {time.perf_counter() - started:.2f} s")
        time.sleep(1.0)
        hold_against(check, source.read())
        each = time_readings(source, len(snapshot.devices))
        check.tell(fine=each <= BUDGET_MS, what=f"a reading takes {each:.2f} ms for each GPU")
        under_load(check, source)
        if wanted.container:
            find_container(check, source.read(), wanted.container)
    except GpuUnavailable as error:
        print(f"{error.reason}\n  hint: {error.hint}", file=sys.stderr)
        return 3
    finally:
        source.close()
    print(f"{check.differences} differences")
    return 1 if check.differences else 0


if __name__ == "__main__":
    sys.exit(main())
