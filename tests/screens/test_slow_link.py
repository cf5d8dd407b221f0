"""The terminal's speed, told from what it took and how long it kept us waiting."""

import itertools
import os
import pty
import threading
import time

from screens.slow_link import MOST_QUIET_SECONDS, QUIET_SECONDS, SLOWEST_PACE, WINDOW_SECONDS, LinkMeter, Pace
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


def test_a_slow_terminal_gets_less_step_by_step_until_it_keeps_up() -> None:
    pace = Pace(1.0)
    seen = [(second, pace.interval) for second in range(60) if pace.look(float(second), slow=True)]
    assert [interval for _, interval in seen] == [2.0, 4.0, 8.0, SLOWEST_PACE]
    assert all(after - before >= WINDOW_SECONDS for (before, _), (after, _) in itertools.pairwise(seen))


def test_a_terminal_that_keeps_up_gets_more_again_and_a_rash_try_makes_the_next_one_later() -> None:
    pace = Pace(1.0)
    pace.look(0.0, slow=True)
    pace.look(20.0, slow=True)
    assert pace.interval == 4.0
    now, waited = 20.0, []
    for _ in range(8):
        quiet = 0
        while not pace.look(now + quiet, slow=False):
            quiet += 1
        waited.append(quiet)
        assert pace.interval == 2.0
        now += quiet + 1
        pace.look(now, slow=True)
        assert pace.interval == 4.0
    assert waited[0] == QUIET_SECONDS
    assert waited[1] == 2 * QUIET_SECONDS
    assert waited[-1] == MOST_QUIET_SECONDS


def test_the_usual_pace_comes_back_and_is_never_left_without_a_reason() -> None:
    pace = Pace(0.5)
    assert not any(pace.look(float(second), slow=False) for second in range(1000))
    pace.look(1000.0, slow=True)
    assert pace.interval == 2.0
    assert pace.look(1000.0 + QUIET_SECONDS, slow=False)
    assert pace.interval == 0.5
