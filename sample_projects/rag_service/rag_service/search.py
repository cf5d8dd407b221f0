"""Finds the passages that mean most nearly what is asked."""

import json
import re
from pathlib import Path

import numpy as np
import onnxruntime

from rag_service import passages

WANTED = ("CUDAExecutionProvider", "CPUExecutionProvider")
"""A GPU where the runtime can use one, else the CPU."""


class Index:
    """The model and the passages."""

    def __init__(self, folder: Path) -> None:
        known = json.loads((folder / "index.json").read_text())
        self._passages = known["passages"]
        self._places = {word: number for number, word in enumerate(known["vocabulary"])}
        self._vectors = np.load(folder / "vectors.npy")
        if hasattr(onnxruntime, "preload_dlls") and "CUDAExecutionProvider" in onnxruntime.get_available_providers():
            onnxruntime.preload_dlls()
        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        providers = [name for name in WANTED if name in onnxruntime.get_available_providers()]
        self._model = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=providers)

    def embed(self, text: str) -> np.ndarray:
        """The text as a vector; all zeros when the handbook has none of its words."""
        counts = np.zeros((1, len(self._places)), dtype=np.float32)
        for word in passages.words(text):
            if word in self._places:
                counts[0, self._places[word]] += 1
        if not counts.any():
            return np.zeros(self._vectors.shape[1], dtype=np.float32)
        return self._model.run(["embedding"], {"counts": counts})[0][0]

    def ask(self, question: str, limit: int) -> dict[str, object]:
        """The nearest passages, and of the first the sentence that is nearest."""
        vector = self.embed(question)
        scores = self._vectors @ vector
        best = [int(place) for place in np.argsort(-scores)[:limit] if scores[place] > 0]
        found = [{**self._passages[place], "score": round(float(scores[place]), 4)} for place in best]
        sentences = re.split(r"(?<=[.!?]) ", self._passages[best[0]]["text"]) if best else [""]
        answer = max(sentences, key=lambda sentence: float(self.embed(sentence) @ vector))
        return {"question": question, "answer": answer, "passages": found}
