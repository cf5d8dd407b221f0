"""One GPU, or one slice of it, in six rows of text: pure, no widgets."""

from collections.abc import Sequence

from screens.gpu.rows import heat_look, link_look
from screens.levels import level, severity_look
from screens.widgets.line import Part
from workbench.measure.throttling import severity
from workbench.measure.units import NOT_MEASURED, bar, percent, quantity
from workbench.model.gpu import GpuDevice, MigDevice
from workbench.settings import Thresholds

ROWS = 6
BAR = 8


def device_details(device: GpuDevice, limits: Thresholds, *, measures_pcie: bool) -> list[list[Part]]:
    """What is busy, what is full, what holds it back, and how it is connected; a list for each row."""
    if device.problem:
        return [[_label(""), Part(device.problem, "act")], *[[] for _ in range(ROWS - 1)]]
    return [
        [
            _label("busy"),
            *_gauge("", device.utilisation_percent),
            *_gauge("   SMs ", device.sm_active_percent),
            *_gauge("   memory i/o ", device.memory_utilisation_percent),
        ],
        [
            _label("memory"),
            *_filled(device.memory_used_bytes, device.memory_total_bytes, limits),
            *_gauge("   encoder ", device.encoder_percent, width=0),
            *_gauge("   decoder ", device.decoder_percent, width=0),
        ],
        [
            _label("heat"),
            *_of(device.temperature_celsius, device.slowdown_celsius, "°C", "slows down at", heat_look(device)),
            Part("   power ", "dim"),
            *_of(device.power_watts, device.power_limit_watts, " W", "limit", "plain"),
        ],
        [
            _label("clocks"),
            *_clocks(device),
        ],
        [_label("held by"), *_reasons(device)],
        [_label("links"), *_links(device, measures_pcie=measures_pcie)],
    ]


def slice_details(device: GpuDevice, part: MigDevice, limits: Thresholds) -> list[list[Part]]:
    """A MIG device; what belongs to the whole chip stands with the chip."""
    ids = [
        f"{name} {number}"
        for name, number in (("GPU instance", part.gpu_instance), ("compute instance", part.compute_instance))
        if number is not None
    ]
    rows = [
        [_label("busy"), *_gauge("SMs ", part.sm_active_percent)],
        [_label("memory"), *_filled(part.memory_used_bytes, part.memory_total_bytes, limits)],
        [_label("slice"), Part(", ".join(ids) or NOT_MEASURED), Part(f" of GPU {device.index}", "dim")],
        [_label("held by"), *_reasons(device)],
    ]
    return rows + [[] for _ in range(ROWS - len(rows))]


def _label(text: str) -> Part:
    return Part(f"  {text:<8}", "dim")


def _gauge(title: str, value: float | None, width: int = BAR) -> list[Part]:
    bars = [Part(bar(value / 100, width) + " ")] if value is not None and width else []
    figure = f"{percent(value):>4}" if bars else percent(value)
    return [Part(title, "dim"), *bars, Part(figure, "plain" if value is not None else "dim")]


def _filled(used: int | None, total: int | None, limits: Thresholds) -> list[Part]:
    if used is None or not total:
        return [Part(NOT_MEASURED, "dim"), Part(" of its own: it shares the machine's, or does not tell", "dim")]
    share = 100 * used / total
    return [
        Part(bar(share / 100, BAR) + " ", level(share, limits.memory_watch, limits.memory_act)),
        Part(f"{percent(share):>4}"),
        Part(f"   {quantity(used, 'B')} of {quantity(total, 'B')}", "dim"),
    ]


def _of(value: float | None, limit: float | None, unit: str, word: str, look: str) -> list[Part]:
    if value is None:
        return [Part(NOT_MEASURED, "dim")]
    if not limit:
        return [Part(f"{value:.0f}{unit}", look)]
    return [
        Part(f"{bar(value / limit, BAR)} {value:.0f}{unit}", look),
        Part(f" {word} {limit:.0f}{unit}", "dim"),
    ]


def _clocks(device: GpuDevice) -> list[Part]:
    parts = _of(device.sm_clock_mhz, device.sm_clock_max_mhz, " MHz", "of", "plain")
    if device.memory_clock_mhz is not None:
        parts += [Part("   memory ", "dim"), Part(f"{device.memory_clock_mhz:.0f} MHz")]
    if device.performance_state is not None:
        parts += [Part("   state ", "dim"), Part(f"P{device.performance_state}")]
    if device.persistence is not None:
        word = "on" if device.persistence else "off: opening it takes over a second"
        parts += [Part("   persistence ", "dim"), Part(word)]
    return parts


def _reasons(device: GpuDevice) -> list[Part]:
    parts = [Part("nothing", "dim")] if not device.throttle_reasons else []
    for place, reason in enumerate(device.throttle_reasons):
        parts += [Part(", ")] * bool(place) + [Part(reason, severity_look(severity(reason)))]
    if device.ecc_errors:
        parts += [Part("   ECC ", "dim"), Part(f"{device.ecc_errors} uncorrected", "act")]
    elif device.ecc_errors is not None:
        parts += [Part("   ECC ", "dim"), Part("no errors")]
    return parts


def _links(device: GpuDevice, *, measures_pcie: bool) -> Sequence[Part]:
    parts = [Part("PCIe ", "dim")]
    if device.pcie_generation is None or device.pcie_width is None:
        parts.append(Part(NOT_MEASURED, "dim"))
    else:
        parts.append(Part(f"gen {device.pcie_generation} ×{device.pcie_width}", link_look(device)))
        if device.pcie_generation_max is not None and device.pcie_width_max is not None:
            parts.append(Part(f" of gen {device.pcie_generation_max} ×{device.pcie_width_max}", "dim"))
    if device.pcie_received_bytes_per_second is not None:
        parts += _traffic(device.pcie_received_bytes_per_second, device.pcie_sent_bytes_per_second)
    elif measures_pcie:
        parts.append(Part("   measuring", "dim"))
    if device.nvlink_received_bytes_per_second is not None:
        parts.append(Part("   NVLink", "dim"))
        parts += _traffic(device.nvlink_received_bytes_per_second, device.nvlink_sent_bytes_per_second)
    return parts


def _traffic(received: float, sent: float | None) -> list[Part]:
    return [Part(f"  {quantity(received, 'B/s')}↓ {quantity(sent, 'B/s')}↑")]
