"""The time of a pull against cases worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.pull_model import pull_times
from workbench.model.pull import PullLayer


def test_four_layers_by_hand() -> None:
    """30, 10, 20 and 10 MB at 10 MB/s, three at once; unpacked they are 100, 10, 20 and 200 MB at 50 MB/s.

    Three share 10 MB/s: after 3 s the second is down, and the fourth begins. It, the first and the third then have 10,
    20 and 10 MB left: after 3 s more the third and the fourth are down, and the first has 10 MB left, for 1 s alone.
    """
    layers = [PullLayer(30, 100), PullLayer(10, 10), PullLayer(20, 20), PullLayer(10, 200)]
    times, whole = pull_times(layers, bandwidth=10, extract=50)
    assert [each.download_began for each in times] == [0, 0, 0, 3]
    assert [each.download_ended for each in times] == pytest.approx([7, 3, 6, 6])
    assert [each.extract_began for each in times] == pytest.approx([7, 9, 9.2, 9.6])
    assert whole == pytest.approx(13.6)


def test_layer_that_is_here_costs_nothing() -> None:
    times, whole = pull_times([PullLayer(1000, 1000, is_here=True), PullLayer(10, 50)], bandwidth=10, extract=50)
    assert whole == pytest.approx(2)
    assert times[0].download_began is None
    assert times[0].extract_ended is None
    assert pull_times([], 1.0) == ((), 0.0)


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=12), st.integers(1, 5))
def test_no_pull_is_quicker_than_its_bandwidth_or_its_disk(sizes: list[tuple[int, int]], at_once: int) -> None:
    layers = [PullLayer(packed, unpacked) for packed, unpacked in sizes]
    times, whole = pull_times(layers, bandwidth=10, extract=20, at_once=at_once)
    packed, unpacked = sum(size for size, _ in sizes), sum(size for _, size in sizes)
    assert whole >= max(packed / 10, unpacked / 20) - 1e-6
    assert whole <= packed / 10 + unpacked / 20 + 1e-6
    ends = [each.extract_ended or 0 for each in times]
    assert ends == sorted(ends)
    assert max((each.download_ended or 0 for each in times), default=0) == pytest.approx(packed / 10)
