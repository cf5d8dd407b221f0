"""A build of 500 steps that runs, in a pseudo-terminal of 120x40: from a key to its paint.

The build is made up (`tests/screens/long_build.py`): three steps at a time, five lines of log a second. A paint is over
when its frame is closed.

    python benchmarks/build_steps.py [STEPS]
"""

import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.screens.long_build import MARK  # noqa: E402  the repository is no package of its own
from tests.terminals import Terminal, plain_environment, python  # noqa: E402

LIMIT_SECONDS = 0.050
FRAME_END = b"\x1b[?2026l"
KEYS = (
    ("cursor down", b"\x1b[B"), ("cursor up", b"\x1b[A"), ("page down", b"\x1b[6~"), ("end", b"\x1b[F"),
    ("home", b"\x1b[H"), ("order", b"s"), ("order", b"s"), ("all steps", b"i"), ("all steps", b"i"),
)  # fmt: skip
ROUNDS = 6


def press(terminal: Terminal, key: bytes) -> float:
    """Seconds until the frame that a key caused is closed."""
    while terminal.listen(0.25):
        pass
    start, begun = len(terminal.written), time.perf_counter()
    terminal.press(key)
    terminal.wait_for(FRAME_END, start)
    return time.perf_counter() - begun


def main() -> None:
    """Press every key some times, and print what the paints took."""
    steps = sys.argv[1] if len(sys.argv) > 1 else "500"
    ours, theirs = os.pipe()
    program = python(str(ROOT / "tests/screens/long_build.py"), steps, str(ours), "60")
    environment = plain_environment(PYTHONPATH=str(ROOT))
    with Terminal(program, environment=environment, pass_fds=(ours,)) as terminal:
        terminal.wait_for(FRAME_END, terminal.wait_for(MARK.format(0).encode()))
        for number in range(1, 20):
            start = len(terminal.written)
            os.write(theirs, b".")
            terminal.wait_for(MARK.format(number * 60).encode(), start)
        taken: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for name, key in KEYS:
                taken.setdefault(name, []).append(press(terminal, key))
    worst = 0.0
    for name, times in taken.items():
        middle = statistics.median(times)
        worst = max(worst, middle)
        print(f"{name:<14}{1000 * middle:>7.1f} ms   at most {1000 * max(times):.1f} ms")
    print("within the budget" if worst <= LIMIT_SECONDS else f"over {1000 * LIMIT_SECONDS:.0f} ms")
    sys.exit(worst > LIMIT_SECONDS)


if __name__ == "__main__":
    main()
