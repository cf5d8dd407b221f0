"""How long until the first paint, against a bare Textual app in the same run.

Both are started in a pseudo-terminal of 120x40 in turn, A B A B …; the clock stops when a word that only the painted
screen contains has arrived. Prints medians and the ratio.

    python benchmarks/first_paint.py [RUNS]
"""

import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import time
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

BARE = """
from textual.app import App
from textual.widgets import Label
class Bare(App):
    def compose(self):
        yield Label("painted")
Bare().run()
"""
LIMIT_SECONDS = 0.4
"""The budget: this much later than Textual itself could paint."""


def seconds_to(word: bytes, argv: list[str]) -> float:
    """Seconds from start until `word` has come out of the pseudo-terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        os.execv(argv[0], argv)
    started = time.perf_counter()
    ioctl(terminal, TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen = b""
    try:
        while word not in seen:
            if not select.select([terminal], [], [], 20)[0]:
                raise TimeoutError(f"{argv}: no {word!r} in 20 s")
            seen += os.read(terminal, 65536)
        return time.perf_counter() - started
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def main() -> None:
    """Print the comparison."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder, "bare.py")
        bare.write_text(BARE)
        contenders = {
            "bare Textual": (b"painted", [sys.executable, str(bare)]),
            "workbench demo": (b"Container", [sys.executable, "-m", "workbench", "demo"]),
            "workbench": (b"Container", [sys.executable, "-m", "workbench"]),
        }
        times: dict[str, list[float]] = {name: [] for name in contenders}
        for turn in range(runs + 1):
            for name, (word, argv) in contenders.items():
                elapsed = seconds_to(word, argv)
                if turn:
                    times[name].append(elapsed)
    base = statistics.median(times["bare Textual"])
    print(f"{'':16} {'median':>8} {'min':>8} {'max':>8}  over bare   limit ({runs} runs each, interleaved)")
    for name, taken in times.items():
        median = statistics.median(taken)
        over = f"{1000 * (median - base):+.0f} ms" if name != "bare Textual" else ""
        kept = "" if not over else ("kept" if median - base <= LIMIT_SECONDS else "BROKEN")
        print(f"{name:16} {median:7.3f}s {min(taken):7.3f}s {max(taken):7.3f}s {over:>10}   {kept}")


if __name__ == "__main__":
    main()
