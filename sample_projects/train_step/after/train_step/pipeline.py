"""From the records to batches: decoded once, normalised, and shifted a little so that no two epochs are the same."""

import random
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from train_step.records import SIDE

BATCH = 64
MEAN, SPREAD = 120.0, 110.0


def batches(path: Path, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The batches of one epoch: pictures as (64, 256) float32, labels as (64,) int64."""
    labels, pictures = decoded(path)
    order = list(range(len(labels)))
    chance = random.Random(epoch)
    chance.shuffle(order)
    for start in range(0, len(order) - BATCH + 1, BATCH):
        chosen = order[start : start + BATCH]
        shifts = [chance.randrange(3) * 3 + chance.randrange(3) for _ in chosen]
        yield np.take_along_axis(pictures[chosen], SOURCES[shifts], axis=1), labels[chosen]


@lru_cache(maxsize=1)
def decoded(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Labels and normalised pixels of all records, decoded once for all epochs."""
    table = np.loadtxt(path, delimiter=",", dtype=np.int64)
    return table[:, 0], ((table[:, 1:] - MEAN) / SPREAD).astype(np.float32)


def _sources() -> np.ndarray:
    """For each of the nine shifts, from where each pixel comes."""
    places = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    return np.array([np.roll(places, (down, right), (0, 1)).ravel() for down in range(3) for right in range(3)])


SOURCES = _sources()
