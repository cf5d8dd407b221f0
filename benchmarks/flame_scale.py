"""A flame graph of 100,000 frames in a pseudo-terminal of 120x40: from a key to its paint, and memory.

The stacks are made on the fly. A paint is over when its frame is closed; what is worked out once the cursor rests
(callers, callees, the source) comes in a frame of its own and is not counted.

    python benchmarks/flame_scale.py [FRAMES]
"""

import os
import pty
import random
import re
import resource
import select
import statistics
import struct
import sys
import tempfile
import time
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

LIMIT_SECONDS = 0.050
CLOSED = b"\x1b[?2026l"
SYNC_QUERY, SYNC_ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
ENTER, ESCAPE, DOWN, UP, RIGHT = b"\r", b"\x1b[27u", b"\x1b[B", b"\x1b[A", b"\x1b[C"
KEYS = (
    ("cursor down", DOWN, 3), ("cursor right", RIGHT, 6), ("cursor up", UP, 1), ("zoom in", ENTER, 1),
    ("zoom out", b"\x7f", 1), ("search, opened", b"/", 1), ("search, a letter", b"function_7", 10), ("kept", ENTER, 1),
    ("next match", b"n", 8),
)  # fmt: skip
"""What is pressed, and how often; a text is typed letter by letter."""
ROUNDS = 4


def write_stacks(path: Path, frames: int) -> None:
    """Random walks among 3,000 functions, until so many frames have come."""
    dice = random.Random(3)
    places = [
        f"/srv/app/module_{number % 97}.py"
        if number % 3
        else f"/usr/lib/python3/dist-packages/lib{number % 41}/core.py"
        for number in range(3000)
    ]
    seen: set[tuple[str, ...]] = set()
    with path.open("w", encoding="utf-8") as file:
        while len(seen) < frames:
            stack: tuple[str, ...] = ()
            function = 0
            for depth in range(dice.randint(3, 40)):
                function = (function * 7 + dice.choice([1, 1, 1, 2, 2, 3, dice.randrange(60)])) % 3000
                stack = (*stack, f"function_{function} ({places[function]}:{depth * 10 + function % 7})")
                seen.add(stack)
            file.write(f"{';'.join(stack)} {dice.randint(1, 9)}\n")


def show(path: Path) -> None:
    """Be the app: one profile on an engine that hardly moves; say the peak memory when it ends."""
    from screens.app import WorkbenchApp
    from screens.profile.screen import ProfileScreen
    from workbench.profile_files import read_profile
    from workbench.session import Session
    from workbench.settings import Settings

    profile = read_profile(path)

    class Shown(WorkbenchApp):
        CSS_PATH = str(Path(__file__).parents[1] / "screens/app.tcss")

        def on_ready(self) -> None:
            self.push_screen(ProfileScreen(profile))

    Shown(Session.demo(Settings(interval=3600)), still=True).run()
    print(f"PEAK {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}", flush=True)


class Watched:
    """The app in a pseudo-terminal."""

    def __init__(self, path: Path) -> None:
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(sys.executable, [sys.executable, __file__, "--show", str(path)])
        ioctl(self.terminal, TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.written = bytearray()

    def listen(self, seconds: float) -> bool:
        """Take in what is written next; `False` for nothing in that time."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return False
        try:
            some = os.read(self.terminal, 65536)
        except OSError:
            return False
        if SYNC_QUERY in some:
            os.write(self.terminal, SYNC_ANSWER)
        self.written += some
        return bool(some)

    def wait_for(self, text: bytes, start: int) -> None:
        """Listen until something is on the screen."""
        while text not in self.written[start:]:
            if not self.listen(60):
                raise TimeoutError(f"no {text!r}: {bytes(self.written[-500:])!r}")

    def press(self, key: bytes) -> list[tuple[float, int]]:
        """Seconds until the frame that a key caused is closed, and its bytes; nothing where nothing moved."""
        while self.listen(0.25):
            pass
        start = len(self.written)
        begun = time.perf_counter()
        os.write(self.terminal, key)
        while CLOSED not in self.written[start:]:
            if not self.listen(2):
                return []
        taken = time.perf_counter() - begun
        return [(taken, self.written.index(CLOSED, start) - start)]


def main() -> None:
    """Print the table."""
    if sys.argv[1:2] == ["--show"]:
        show(Path(sys.argv[2]))
        return
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "big.collapsed")
        write_stacks(path, frames)
        begun = time.perf_counter()
        app = Watched(path)
        app.wait_for(b"big.collapsed", 0)
        app.wait_for(b"function_", 0)
        print(f"{frames:,} frames, {path.stat().st_size / 1e6:.1f} MB of stacks: "
              f"first drawn {time.perf_counter() - begun:.1f} s after the start of Python")  # fmt: skip
        taken: dict[str, list[tuple[float, int]]] = {name: [] for name, _, _ in KEYS}
        for _ in range(ROUNDS):
            for name, key, count in KEYS:
                presses = [bytes([letter]) for letter in key] if name.startswith("search, a") else [key] * count
                taken[name] += [figures for press in presses for figures in app.press(press)]
            app.press(ESCAPE)
        print(f"{'key':18} {'median':>8} {'worst':>8} {'bytes':>7}   limit {1000 * LIMIT_SECONDS:.0f} ms")
        for name, each in taken.items():
            if not each:
                print(f"{name:18} nothing moved")
                continue
            times = [seconds for seconds, _ in each]
            median = statistics.median(times)
            kept = "kept" if median <= LIMIT_SECONDS else "BROKEN"
            size = statistics.median(size for _, size in each)
            print(f"{name:18} {1000 * median:6.1f}ms {1000 * max(times):6.1f}ms {size:7.0f}   {kept}")
        os.write(app.terminal, b"q")
        app.wait_for(b"PEAK ", 0)
        while app.listen(0.5):
            pass
        found = re.search(rb"PEAK (\d+)", app.written)
        print(f"peak memory of the whole process: {int(found[1]) / 1000 if found else 0:.0f} MB")


if __name__ == "__main__":
    main()
