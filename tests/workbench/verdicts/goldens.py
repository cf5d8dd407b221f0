"""Recorded situations, one file for each rule that must speak first: real ones, and constructed ones beside them."""

import gzip
from pathlib import Path

import msgspec

from workbench.model.verdicts import Situation

HERE = Path(__file__).parent / "golden"
CONSTRUCTED = HERE / "constructed"


def write(folder: Path, rule: str, situation: Situation) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{rule}.json.gz"
    file.write_bytes(gzip.compress(msgspec.json.encode(situation), mtime=0))
    return file


def read(file: Path) -> Situation:
    return msgspec.json.decode(gzip.decompress(file.read_bytes()), type=Situation)


def rule_of(file: Path) -> str:
    return file.name.removesuffix(".json.gz")


def files() -> list[Path]:
    """Every golden, the real ones first."""
    return [*sorted(HERE.glob("*.json.gz")), *sorted(CONSTRUCTED.glob("*.json.gz"))]
