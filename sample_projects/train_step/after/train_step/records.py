"""The records as a labelling tool exports them: a line each, the label and 256 grey values from 0 to 255."""

import random
from pathlib import Path

CLASSES = 10
SIDE = 16


def make(path: Path, count: int) -> None:
    """Write that many, always the same: each a glyph of its class under noise."""
    chance = random.Random(16)
    glyphs = [[chance.choice((40, 200)) for _ in range(SIDE * SIDE)] for _ in range(CLASSES)]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        for _ in range(count):
            label = chance.randrange(CLASSES)
            pixels = [min(255, max(0, round(chance.gauss(grey, 90)))) for grey in glyphs[label]]
            file.write(f"{label},{','.join(map(str, pixels))}\n")
