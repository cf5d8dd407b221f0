"""The whole app on a terminal that takes so many bytes a second and no more."""

import time
from pathlib import Path

from tests.terminals import Terminal, plain_environment, python, screen_of

ROOT = Path(__file__).parents[2]
BYTES_PER_SECOND = 1_500
"""The demo writes 2.2 kB a second to a terminal that keeps up."""
SLICE = 0.05
STRETCH_SECONDS = 8.0
NEVER_SECONDS = 240.0
"""What has not come after this long never will."""
UNTIL_KEY_SHOWS = 4_000
"""Bytes that may come between a key and what it does: on a link of any speed they are the time that it takes. A pipe
that has filled up holds 13 kB, and one frame of everything that changed 3 kB."""


def sip(terminal: Terminal) -> None:
    """Take what comes through the link in one slice."""
    time.sleep(SLICE)
    terminal.listen(0, most=int(BYTES_PER_SECOND * SLICE))


def sip_until(terminal: Terminal, text: bytes, start: int) -> int:
    """Let the link bring some text; return how many bytes it brought from a place on until then."""
    given_up = time.monotonic() + NEVER_SECONDS
    while (place := terminal.written.find(text, start)) < 0:
        assert time.monotonic() < given_up, f"{text!r} never came"
        sip(terminal)
    return place - start


def stretch(terminal: Terminal) -> int:
    """Bytes that come in a while."""
    before, ends = len(terminal.written), time.monotonic() + STRETCH_SECONDS
    while time.monotonic() < ends:
        sip(terminal)
    return len(terminal.written) - before


def test_it_becomes_calm_by_itself_until_the_link_has_room_and_loses_nothing(tmp_path: Path) -> None:
    homes = {f"XDG_{kind}_HOME": str(tmp_path) for kind in ("CONFIG", "DATA", "CACHE")}
    environment = plain_environment(PYTHONPATH=str(ROOT), **homes)
    with Terminal(python("-m", "workbench", "demo"), environment=environment) as terminal:
        sip_until(terminal, b"the terminal is slow: calm mode", 0)
        calm_from = len(terminal.written)
        given_up = time.monotonic() + NEVER_SECONDS
        while stretch(terminal) > 0.6 * BYTES_PER_SECOND * STRETCH_SECONDS:
            assert time.monotonic() < given_up, "the link never has room"
        assert b"38;2;" in terminal.written[:calm_from]
        assert b"38;2;" not in terminal.written[-500:], "fewer colours take fewer bytes"

        pressed = len(terminal.written)
        terminal.press(b"s")
        assert sip_until(terminal, b"sort st", pressed) < UNTIL_KEY_SHOWS

        terminal.press(b"?")
        terminal.wait_for(b"In fleet", pressed)
        terminal.press(b"\x1b")
        while terminal.listen(1.0):
            pass
        shown = "\n".join(screen_of(terminal.written, 120, 40))
        assert "sort state" in shown
        assert ", calm" in shown
        assert "In fleet" not in shown
        terminal.press(b"q")
        assert terminal.wait_for_end() == 0
