"""Which depot each town is served from: the nearest one by great circle."""

import math
import random

EARTH_KM = 6371.0

_places = random.Random(1815)


def _scatter(prefix: str, count: int) -> dict[str, tuple[float, float]]:
    return {f"{prefix} {number}": (_places.uniform(36, 60), _places.uniform(-9, 28)) for number in range(1, count + 1)}


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The length of the great circle between two places, each latitude and longitude in degrees."""
    south, west = map(math.radians, one)
    north, east = map(math.radians, other)
    half = math.sin((north - south) / 2) ** 2
    half += math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


TOWNS = _scatter("Town", 2400)
DEPOTS = _scatter("Depot", 400)
NEAREST = {town: min(DEPOTS, key=lambda depot: distance_km(here, DEPOTS[depot])) for town, here in TOWNS.items()}


def print_zones() -> None:
    """Print the nearest depot of every town."""
    for town, depot in NEAREST.items():
        print(town, depot, sep="\t")
