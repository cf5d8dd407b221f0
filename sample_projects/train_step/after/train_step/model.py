"""A network with one hidden layer, in numpy or, where that is installed, in torch."""

from importlib.util import find_spec

import numpy as np

from train_step.records import CLASSES, SIDE

HIDDEN = 384
RATE = 0.02
Layers = tuple[np.ndarray, np.ndarray]


def network(backend: str):
    """The one that is asked for; `auto` takes torch where it is installed."""
    if backend == "torch" or (backend == "auto" and find_spec("torch")):
        return TorchNetwork()
    return NumpyNetwork()


def first_weights() -> Layers:
    """The same for both, and every time."""
    chance = np.random.default_rng(7)
    inner = chance.normal(0, 1 / SIDE, (SIDE * SIDE, HIDDEN)).astype(np.float32)
    outer = chance.normal(0, HIDDEN**-0.5, (HIDDEN, CLASSES)).astype(np.float32)
    return inner, outer


class NumpyNetwork:
    """Forward, backward and the update by hand."""

    name = "numpy"

    def __init__(self) -> None:
        self.inner, self.outer = first_weights()

    def step(self, pictures: np.ndarray, labels: np.ndarray) -> float:
        """One step of gradient descent; returns the loss before it."""
        hidden = np.maximum(pictures @ self.inner, 0)
        scores = hidden @ self.outer
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        shares /= shares.sum(axis=1, keepdims=True)
        rows = np.arange(len(labels))
        loss = -np.log(shares[rows, labels] + 1e-9).mean()
        shares[rows, labels] -= 1
        shares /= len(labels)
        below = (shares @ self.outer.T) * (hidden > 0)
        self.outer -= RATE * (hidden.T @ shares)
        self.inner -= RATE * (pictures.T @ below)
        return float(loss)


class TorchNetwork:
    """The same in torch, on a GPU where there is one."""

    name = "torch"

    def __init__(self) -> None:
        import torch

        self.torch = torch
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.weights = [torch.tensor(each, device=self.device, requires_grad=True) for each in first_weights()]
        self.optimizer = torch.optim.SGD(self.weights, lr=RATE)

    def step(self, pictures: np.ndarray, labels: np.ndarray) -> float:
        """One step of gradient descent; returns the loss before it."""
        torch = self.torch
        given, wanted = (torch.from_numpy(each).to(self.device) for each in (pictures, labels))
        scores = torch.relu(given @ self.weights[0]) @ self.weights[1]
        loss = torch.nn.functional.cross_entropy(scores, wanted)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())
