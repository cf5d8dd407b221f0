"""Its shared memory, `/dev/shm`, is full."""

from workbench.measure.units import percent
from workbench.model.verdicts import Verdict
from workbench.verdicts.rule import Rule
from workbench.verdicts.window import Window
from workbench.verdicts.words import engine_size, figure, size, target, word

USED_PERCENT = 90.0
"""Of its size, which is 64 MiB unless `--shm-size` says otherwise."""
FULL_PERCENT = 98.0
"""A write fails with `No space left on device`, or a mapped page with a bus error."""
RAISE = 4
"""What the next step proposes, times its size: data loaders and databases need a multiple, not a little more."""


def look(window: Window) -> Verdict | None:
    """`/dev/shm` more than 90% full: data loaders, databases and browsers in it fail or crash with a bus error."""
    focus = window.focus
    if focus is None or focus.shm_used_bytes is None or not focus.shm_size_bytes:
        return None
    used, whole = focus.shm_used_bytes, focus.shm_size_bytes
    part = 100 * used / whole
    if part <= USED_PERCENT:
        return None
    return Verdict(
        "shm-full",
        "act" if part >= FULL_PERCENT else "watch",
        window.confidence(seconds=60.0),
        word(f"shared memory {part:.0f}% full, {size(whole)} in all"),
        f"shared memory (/dev/shm) holds {size(used)} of {size(whole)}, {part:.0f}%: writes to it fail when it is full",
        (
            figure(
                "shared memory", f"{size(used)} of {size(whole)}, {percent(part)}", f"more than {percent(USED_PERCENT)}"
            ),
        ),
        f"see what is in it: docker exec {target(window.container)} ls -lS /dev/shm; "
        f"a larger one needs a new container: docker run --shm-size {engine_size(whole * RAISE)} …",
        part,
    )


RULE = Rule("shm-full", "shared memory full", look)
