"""The terminal's speed, told from what it took and how long it kept us waiting."""

import os
import pty
import threading
import time

from screens.slow_link import LinkMeter
from screens.terminal import MeteredTerminal, Written


def test_rates_are_over_the_last_seconds_only() -> None:
    meter = LinkMeter()
    assert meter.bytes_per_second is None
    meter.look(0.0, Written(50_000, 0.0))
    assert meter.bytes_per_second is None
    for second in range(1, 31):
        meter.look(float(second), Written(50_000 + 1000 * second, 0.0))
    assert meter.bytes_per_second == 1000.0
    assert not meter.slow


def test_a_terminal_that_keeps_us_waiting_is_slow_and_may_recover() -> None:
    meter = LinkMeter()
    meter.look(0.0, Written(0, 0.0))
    meter.look(2.0, Written(100, 1.9))
    assert not meter.slow, "too early to tell"
    meter.look(4.0, Written(200, 3.0))
    assert meter.slow
    for second in range(5, 20):
        meter.look(float(second), Written(200, 3.0))
    assert not meter.slow


def test_a_real_terminal_nobody_reads_from_is_seen_to_block() -> None:
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w", encoding="utf-8") as file:
        terminal = MeteredTerminal(file)

        def write() -> None:
            terminal.write("ü" * 200_000)
            terminal.flush()

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        while terminal.written.blocked_seconds < 0.2:
            time.sleep(0.01)
        before = terminal.written
        taken = 0
        while taken < 400_000:
            taken += len(os.read(leader, 65_536))
        thread.join()
        after = terminal.written
        assert before.blocked_seconds >= 0.2
        assert after.bytes == 400_000
        assert after.blocked_seconds >= before.blocked_seconds
        assert terminal.isatty()
        assert terminal.fileno() == follower
        blocked = terminal.written.blocked_seconds
        assert terminal.written.blocked_seconds == blocked, "nothing is being written now"
    os.close(leader)
