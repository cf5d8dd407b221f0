"""`workbench gpu`: every GPU with its figures, its slices, and its processes with their containers."""

import argparse
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from workbench.cli import output
from workbench.cli.verb import Call, Verb
from workbench.errors import WorkbenchError
from workbench.measure.units import NOT_MEASURED, percent, quantity
from workbench.session import Session

if TYPE_CHECKING:
    from workbench.model.gpu import GpuDevice, GpuSnapshot, MigDevice

SCHEMA = 1
_BETWEEN_SECONDS = 0.5
"""Between the two readings that rates and activity need."""
_Columns: TypeAlias = tuple[tuple[str, Literal["left", "right"]], ...]
_GPU_COLUMNS: _Columns = (
    ("GPU", "left"),
    ("Name", "left"),
    ("Util", "right"),
    ("SMs", "right"),
    ("Memory", "right"),
    ("Temp", "right"),
    ("Power", "right"),
    ("SM clock", "right"),
    ("PCIe", "left"),
    ("Held back by", "left"),
)
_PROCESS_COLUMNS: _Columns = (
    ("GPU", "left"),
    ("PID", "right"),
    ("Process", "left"),
    ("Container", "left"),
    ("Kind", "left"),
    ("Memory", "right"),
    ("SM", "right"),
    ("Mem", "right"),
)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="write JSON")


def _run(call: Call) -> int:
    session = Session.live(call.settings)
    try:
        session.world.gpu.read()
        time.sleep(_BETWEEN_SECONDS)
        session.measure_pcie(wanted=True)
        snapshot = session.world.gpu.read()
        taken_at = time.time()
        names = _container_names(session, snapshot)
    finally:
        session.close()
    if call.arguments.json:
        from workbench.cli.gpu_json import gpu_document

        gpus = [gpu_document(device, names) for device in snapshot.devices]
        output.json({"schema": SCHEMA, "taken_at": taken_at, "driver_version": snapshot.driver_version, "gpus": gpus})
    else:
        _write(snapshot, names)
    return 0


VERB = Verb("gpu", "Show every GPU: its figures, what holds it back, and whose processes use it", _add_arguments, _run)


def _container_names(session: Session, snapshot: "GpuSnapshot") -> dict[str, str]:
    """Names by id of the containers that use a GPU; without an engine, none."""
    ids = {process.container_id for device in snapshot.devices for process in device.processes}
    names: dict[str, str] = {}
    for container_id in sorted(each for each in ids if each):
        try:
            names[container_id] = session.world.container(container_id).name
        except WorkbenchError:
            continue  # another engine's, or ended in this moment: its id says enough
    return names


def _write(snapshot: "GpuSnapshot", names: Mapping[str, str]) -> None:
    output.text(f"driver {snapshot.driver_version}")
    output.text("")
    rows: list[tuple[str, ...]] = []
    for device in snapshot.devices:
        rows.append(_gpu_row(device))
        rows += [_slice_row(device.index, part) for part in device.mig_devices]
    output.table(_GPU_COLUMNS, rows)
    processes = [
        (
            str(device.index) if process.mig_index is None else f"{device.index}:{process.mig_index}",
            str(process.pid),
            process.name or NOT_MEASURED,
            names.get(process.container_id, process.container_id[:12]) if process.container_id else NOT_MEASURED,
            process.kind,
            quantity(process.memory_bytes, "B"),
            percent(process.sm_percent),
            percent(process.memory_percent),
        )
        for device in snapshot.devices
        for process in device.processes
    ]
    if processes:
        output.text("")
        output.table(_PROCESS_COLUMNS, processes)


def _gpu_row(device: "GpuDevice") -> tuple[str, ...]:
    if device.problem:
        return (str(device.index), device.name, *[NOT_MEASURED] * 7, device.problem)
    return (
        str(device.index),
        device.name,
        percent(device.utilisation_percent),
        percent(device.sm_active_percent),
        _memory(device),
        _of(device.temperature_celsius, device.slowdown_celsius, "°C"),
        _of(device.power_watts, device.power_limit_watts, " W"),
        _of(device.sm_clock_mhz, device.sm_clock_max_mhz, " MHz"),
        _link(device),
        ", ".join(device.throttle_reasons) or NOT_MEASURED,
    )


def _slice_row(index: int, part: "MigDevice") -> tuple[str, ...]:
    absent = (NOT_MEASURED,) * 5
    return (f"{index}:{part.index}", part.name, NOT_MEASURED, percent(part.sm_active_percent), _memory(part), *absent)


def _memory(device: "GpuDevice | MigDevice") -> str:
    if device.memory_total_bytes is None:
        return NOT_MEASURED
    return f"{quantity(device.memory_used_bytes)}/{quantity(device.memory_total_bytes, 'B')}"


def _of(value: float | None, limit: float | None, unit: str) -> str:
    """A figure, and its limit where there is one."""
    if value is None:
        return NOT_MEASURED
    return f"{value:.0f}{unit}" if limit is None else f"{value:.0f}/{limit:.0f}{unit}"


def _link(device: "GpuDevice") -> str:
    if device.pcie_generation is None or device.pcie_width is None:
        return NOT_MEASURED
    speed = f"gen {device.pcie_generation} ×{device.pcie_width}"
    received, sent = device.pcie_received_bytes_per_second, device.pcie_sent_bytes_per_second
    return f"{speed} {quantity(received)}↓ {quantity(sent, 'B/s')}↑" if received is not None else speed
