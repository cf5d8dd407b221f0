"""Recorded situations, one file for each rule that must speak first: real ones, and constructed ones beside them."""

from pathlib import Path

import msgspec

from workbench.model.verdicts import Situation

HERE = Path(__file__).parent / "golden"
CONSTRUCTED = HERE / "constructed"


def write(folder: Path, rule: str, situation: Situation) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{rule}.json"
    file.write_bytes(msgspec.json.format(msgspec.json.encode(situation), indent=1) + b"\n")
    return file


def read(file: Path) -> Situation:
    return msgspec.json.decode(file.read_bytes(), type=Situation)


def files() -> list[Path]:
    """Every golden, the real ones first."""
    return [*sorted(HERE.glob("*.json")), *sorted(CONSTRUCTED.glob("*.json"))]
