"""Tiles fill their grid, do not overlap, and are about as large as what they stand for."""

from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.treemap import treemap, worth_a_tile

SIDES = st.integers(1, 60)
WEIGHTS = st.lists(st.floats(0.001, 1e12), min_size=1, max_size=60).map(lambda weights: sorted(weights, reverse=True))


@given(WEIGHTS, SIDES, SIDES)
def test_tiles_fill_the_grid_and_never_overlap(weights: list[float], width: int, height: int) -> None:
    cells = [
        (x, y)
        for tile in treemap(weights, width, height)
        for x in range(tile.x, tile.x + tile.width)
        for y in range(tile.y, tile.y + tile.height)
    ]
    assert len(cells) == len(set(cells)) == width * height
    assert set(cells) == {(x, y) for x in range(width) for y in range(height)}


@given(WEIGHTS, SIDES, SIDES)
def test_no_weight_has_two_tiles(weights: list[float], width: int, height: int) -> None:
    items = [tile.item for tile in treemap(weights, width, height)]
    assert len(items) == len(set(items))


def test_tiles_are_as_large_as_their_weights() -> None:
    tiles = {tile.item: tile.width * tile.height for tile in treemap([50, 30, 20], 100, 40)}
    assert {item: round(area / 40) for item, area in tiles.items()} == {0: 50, 1: 30, 2: 20}


def test_equal_weights_look_like_squares() -> None:
    for tile in treemap([1.0] * 16, 160, 80):
        assert 0.5 <= tile.width / (2 * tile.height) <= 2


def test_nothing_of_any_size_has_no_tiles() -> None:
    assert treemap([], 10, 10) == []
    assert treemap([0, 0], 10, 10) == []
    assert treemap([5], 0, 10) == []


def test_small_ones_are_not_worth_a_tile_but_the_largest_always_is() -> None:
    assert worth_a_tile([50, 40, 10], 100) == 2
    assert worth_a_tile([1] * 1000, 100) == 1
    assert worth_a_tile([0, 0], 100) == 0
