"""The training that waits for its input: before and after learn the same, and after decodes each record once."""

import subprocess
import sys
from pathlib import Path

import pytest

PATIENT = Path(__file__).parents[2] / "sample_projects/train_step"
SIDES = ("before", "after")
EPOCHS = 3
RECORDS = 256

COUNTED = """
import sys
from pathlib import Path
from train_step import pipeline
calls = []
if hasattr(pipeline, "decode"):
    original = pipeline.decode
    pipeline.decode = lambda line: calls.append(1) or original(line)
else:
    load = pipeline.np.loadtxt
    pipeline.np.loadtxt = lambda *words, **more: calls.extend([1] * 256) or load(*words, **more)
shapes = {(p.shape, str(p.dtype), l.shape, str(l.dtype))
          for epoch in range(3) for p, l in pipeline.batches(Path(sys.argv[1]), epoch)}
print(len(calls), len(shapes), shapes)
"""


def run(side: str, *arguments: str) -> str:
    """What Python prints in the folder of one side."""
    command = [sys.executable, "-B", *arguments]
    done = subprocess.run(command, cwd=PATIENT / side, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("records") / "glyphs.csv"
    run("before", "-m", "train_step", "make", "--records", str(path), "--count", str(RECORDS))
    return path


def test_both_make_the_same_records(records: Path, tmp_path: Path) -> None:
    run("after", "-m", "train_step", "make", "--records", str(tmp_path / "x.csv"), "--count", str(RECORDS))
    assert (tmp_path / "x.csv").read_bytes() == records.read_bytes()


def test_both_learn_the_same(records: Path) -> None:
    words = ("-m", "train_step", "train", "--records", str(records), "--epochs", "8", "--backend", "numpy")
    before, after = ([line.partition(" (")[0] for line in run(side, *words).splitlines()] for side in SIDES)
    assert before == after
    losses = [float(line.rpartition(" ")[2]) for line in before[1:]]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.9 * losses[0]


def test_after_decodes_each_record_once(records: Path) -> None:
    (before, one, shapes), (after, also_one, same) = (
        run(side, "-c", COUNTED, str(records)).split(maxsplit=2) for side in SIDES
    )
    assert (int(before), int(after)) == (EPOCHS * RECORDS, RECORDS)
    assert one == also_one == "1"
    assert shapes == same
