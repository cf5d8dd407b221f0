"""Python programs whose profile is known: what a profiler must find in them."""

PLANTED_SHARE = 0.75
"""Of the CPU time of `BUSY`, what `planted` takes."""
SHARE_ERROR = 0.22
"""Three standard errors of a share of 0.75 over 35 samples, sqrt(.75 * .25 / 35) = 0.073: hundreds are taken, but on a
loaded machine those of one time slice are of one stack. What is planted comes first in any case."""

BUSY = """
import sys, threading, time

def deep(n):
    return deep(n - 1) + 1 if n else 0

def planted():
    for _ in range(60):
        deep(40)

def light():
    for _ in range(20):
        deep(40)

def sleeper():
    while True:
        time.sleep(3600)

def answer():
    while True:
        sys.stdout.write("alive\\n")
        sys.stdout.flush()
        time.sleep(0.2)

def main(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        planted()
        light()

for work in (sleeper, answer):
    threading.Thread(target=work, daemon=True).start()
"""
"""One busy thread, one that sleeps for ever, one that says a line now and then: a line after is an answer as before."""


def busy(seconds: float = 1e9, after: str = "") -> str:
    """A program that is busy for some seconds, and then does something else."""
    return f"{BUSY}\nmain({seconds})\n{after}\n"


EATER = "held = []\nwhile True: held.append(bytearray(1 << 20))"
"""Is killed for its memory where that is limited."""
