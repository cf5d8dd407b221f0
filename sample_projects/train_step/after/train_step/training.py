"""The loop: a batch, a step, and at the end of each epoch a line that says how it went."""

import time
from pathlib import Path

from train_step import model, pipeline


def train(records: Path, epochs: int, backend: str) -> None:
    network = model.network(backend)
    print(f"training with {network.name}", flush=True)
    for epoch in range(1, epochs + 1):
        loss = count = 0.0
        waited = stepped = 0.0
        asked_at = time.perf_counter()
        for pictures, labels in pipeline.batches(records, epoch):
            got_at = time.perf_counter()
            loss += network.step(pictures, labels) * len(labels)
            count += len(labels)
            waited += got_at - asked_at
            asked_at = time.perf_counter()
            stepped += asked_at - got_at
        seconds = waited + stepped
        print(
            f"epoch {epoch}: loss {loss / count:.4f}"
            f" ({count / seconds:.0f} pictures/s, waited for input {100 * waited / seconds:.0f}%)",
            flush=True,
        )
