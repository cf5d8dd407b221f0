"""Makes the embedding model: latent semantic analysis of the passages, written as an ONNX graph. Needed once."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from rag_service import passages

DIMENSIONS = 32


def make(documents: Path, index: Path) -> int:
    """Write the model, the vocabulary and the passages with their vectors; return how many passages there are."""
    found = passages.read(documents)
    vocabulary = sorted({word for one in found for word in passages.words(f"{one['title']} {one['text']}")})
    places = {word: number for number, word in enumerate(vocabulary)}
    counts = np.zeros((len(found), len(vocabulary)), dtype=np.float32)
    for row, one in enumerate(found):
        for word in passages.words(f"{one['title']} {one['text']}"):
            counts[row, places[word]] += 1
    counts = np.minimum(counts, 2)  # a word that comes again and again says no more
    rarity = np.log((1 + len(found)) / (1 + (counts > 0).sum(axis=0))).astype(np.float32) + 1
    _, _, directions = np.linalg.svd(counts * rarity, full_matrices=False)
    projection = directions[:DIMENSIONS].T.astype(np.float32)
    index.mkdir(parents=True, exist_ok=True)
    onnx.save(_graph(rarity, projection), index / "model.onnx")
    vectors = (counts * rarity) @ projection
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    np.save(index / "vectors.npy", vectors)
    (index / "index.json").write_text(json.dumps({"vocabulary": vocabulary, "passages": found}))
    return len(found)


def _graph(rarity: np.ndarray, projection: np.ndarray) -> onnx.ModelProto:
    """Counts of words in, a vector of length one out."""
    words, dimensions = projection.shape
    graph = helper.make_graph(
        [
            helper.make_node("Mul", ["counts", "rarity"], ["weighted"]),
            helper.make_node("MatMul", ["weighted", "projection"], ["projected"]),
            helper.make_node("LpNormalization", ["projected"], ["embedding"], axis=1, p=2),
        ],
        "embedding",
        [helper.make_tensor_value_info("counts", TensorProto.FLOAT, ["texts", words])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", dimensions])],
        [numpy_helper.from_array(rarity, "rarity"), numpy_helper.from_array(projection, "projection")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
