"""A GPU that it was given does not answer, or has had a critical error."""

from workbench.measure.text import printable, shorten
from workbench.measure.units import counted, duration
from workbench.model.verdicts import Verdict
from workbench.verdicts.gpus import given_devices
from workbench.verdicts.rule import Rule
from workbench.verdicts.window import Window
from workbench.verdicts.words import figure, target, word


def look(window: Window) -> Verdict | None:
    """A GPU it uses or was given cannot be read any more, or reported an Xid error in the last ten minutes."""
    situation = window.situation
    broken = [device for device in given_devices(situation) if device.problem]
    used = {
        device.uuid or str(device.index)
        for snapshot in situation.gpus
        for device in snapshot.devices
        if any(process.container_id == situation.container.id for process in device.processes)
    }
    newest = situation.gpus[-1].devices if situation.gpus else ()
    broken += [
        device
        for device in newest
        if device.problem and (device.uuid or str(device.index)) in used and device not in broken
    ]
    errors = window.events("gpu")
    if not broken and not errors:
        return None
    evidence = [
        figure(f"GPU {device.index}", shorten(printable(device.problem), 80), "must answer") for device in broken
    ]
    if errors:
        ago = duration(situation.now - errors[-1].at)
        evidence.append(figure("the GPU's own errors", f"{len(errors)}, the last {ago} ago", "any in 10 min"))
        evidence.append(shorten(printable(errors[-1].detail), 100))
    if broken:
        short = f"GPU {broken[0].index} lost"
        message = f"GPU {broken[0].index} cannot be read: {shorten(printable(broken[0].problem), 80)}"
    else:
        short = f"GPU error {duration(situation.now - errors[-1].at)} ago"
        message = f"its GPU reported {counted(len(errors), 'error')}: {shorten(printable(errors[-1].detail), 80)}"
    return Verdict(
        "gpu-lost",
        "act",
        window.confidence(not broken, seconds=60.0),
        word(short),
        message,
        tuple(line for line in evidence if line),
        f"see what the driver says: dmesg | grep -i xid; then docker restart {target(window.container)}, or reboot "
        "when nvidia-smi does not see it either",
        100.0,
    )


RULE = Rule("gpu-lost", "GPU lost", look)
