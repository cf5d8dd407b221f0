"""Does one thing, named by its argument, until it is stopped."""

import os
import random
import signal
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path


def busy() -> None:
    """Computes without end."""
    while True:
        sum(number * number for number in range(10_000))


def growing() -> None:
    """Keeps all that it ever made."""
    kept = []
    while True:
        kept.append(os.urandom(300_000))
        time.sleep(0.4)


def gateway() -> None:
    """Asks the API for orders."""
    while True:
        number = random.randint(1, 500)
        try:
            began = time.monotonic()
            urllib.request.urlopen(f"http://api:8080/orders/{number}", timeout=5).read()
            passed = time.monotonic() - began
            if passed > 0.08:
                print(f"WARNING order {number} took {passed * 1000:.0f} ms")
        except OSError as error:
            print("order", number, "failed:", error)
        time.sleep(random.uniform(0.02, 0.06))


def journal() -> None:
    """Writes to disk, and waits until it is there."""
    block = os.urandom(200_000)
    with Path("/journal/log").open("wb") as file:
        while True:
            for _ in range(100):
                file.write(block)
                file.flush()
                os.fsync(file.fileno())
                time.sleep(0.25)
            file.seek(0)


def report() -> None:
    """Waits, and then wants more memory than it may have."""
    time.sleep(45)
    kept = []
    while True:
        kept.append(os.urandom(1_500_000))
        time.sleep(0.2)


def idle() -> None:
    """Waits for a signal."""
    signal.pause()


def migrate() -> None:
    """Is done at once."""
    print("nothing to migrate")


THINGS: dict[str, Callable[[], None]] = {
    thing.__name__: thing for thing in (busy, growing, gateway, journal, report, idle, migrate)
}

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    THINGS[sys.argv[1]]()
