"""Python programs that are entered while they run. Each says what it does, so that one sees whether it still can."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PYTHONS = Path.home() / ".pyenv/versions"
"""Pythons of other versions, where this machine has any: they are mounted into the base image."""

_TELLS = """
import sys, threading, time

units = 0

def leaf(n):
    return n * 2

def unit():
    global units
    for i in range(7):
        leaf(i)
    units += 1

def tell():
    began, cpu = 0, 0.0
    while True:
        time.sleep(0.25)
        now, used = units, time.process_time()
        print(now - began, used - cpu, threading.active_count(), flush=True)
        began, cpu = now, used

threading.Thread(target=tell, daemon=True).start()
"""
KINDS: Mapping[str, str] = {
    "busy": _TELLS + "while True: unit()",
    "idle": _TELLS
    + """
import asyncio

async def main():
    while True:
        await asyncio.sleep(0.05)
        unit()

asyncio.run(main())
""",
    "threaded": _TELLS
    + """
def work():
    while True:
        for _ in range(100): unit()
        time.sleep(0)

for _ in range(4): threading.Thread(target=work, daemon=True).start()
while True: time.sleep(0.2)
""",
    "allocating": _TELLS
    + """
def work():
    held = []
    while True:
        held.append(bytearray(len(held) % 977 * 64 + 1))
        if len(held) > 2000: held = held[1000:]
        unit()

for _ in range(2): threading.Thread(target=work, daemon=True).start()
work()
""",
}
"""Each prints, four times a second: units of work done, seconds of CPU that took, and its threads as it knows them."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python to run a target with."""

    version: str
    image: str
    program: str
    volumes: tuple[str, ...] = ()


def mounted(version: str, base_image: str) -> Interpreter | None:
    """A Python of this machine in the base image; `None` where there is none of that version."""
    found = sorted(PYTHONS.glob(f"{version}.*/bin/python"))
    if not found:
        return None
    return Interpreter(version, base_image, str(found[-1]), (f"{PYTHONS}:{PYTHONS}:ro",))


@dataclass(frozen=True, slots=True)
class Told:
    """What a target says of a while."""

    units: int
    cpu_seconds: float
    threads: int

    @property
    def per_second(self) -> float:
        """Units in a second of CPU: what others do on this machine counts little."""
        return self.units / self.cpu_seconds if self.cpu_seconds else 0.0


def told(lines: bytes) -> Told:
    """All that whole lines say."""
    rows = [line.split() for line in lines.decode().splitlines() if len(line.split()) == 3]
    return Told(sum(int(row[0]) for row in rows), sum(float(row[1]) for row in rows), int(rows[-1][2]) if rows else 0)
