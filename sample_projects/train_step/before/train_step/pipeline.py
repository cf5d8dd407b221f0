"""From the records to batches: decoded, normalised, and shifted a little so that no two epochs are the same."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from train_step.records import SIDE

BATCH = 64
MEAN, SPREAD = 120.0, 110.0


def batches(path: Path, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The batches of one epoch: pictures as (64, 256) float32, labels as (64,) int64."""
    with path.open() as file:
        lines = file.readlines()
    chance = random.Random(epoch)
    chance.shuffle(lines)
    for start in range(0, len(lines) - BATCH + 1, BATCH):
        pictures, labels = [], []
        for line in lines[start : start + BATCH]:
            label, pixels = decode(line)
            pictures.append(shifted(pixels, chance.randrange(3), chance.randrange(3)))
            labels.append(label)
        yield np.array(pictures, dtype=np.float32), np.array(labels, dtype=np.int64)


def decode(line: str) -> tuple[int, list[float]]:
    """Label and pixels of one record."""
    label, *greys = line.split(",")
    pixels = []
    for grey in greys:
        pixels.append((int(grey) - MEAN) / SPREAD)
    return int(label), pixels


def shifted(pixels: list[float], down: int, right: int) -> list[float]:
    """A picture moved down and to the right; what moves out on one side comes in on the other."""
    moved = []
    for row in range(SIDE):
        for column in range(SIDE):
            moved.append(pixels[(row - down) % SIDE * SIDE + (column - right) % SIDE])
    return moved
