"""CUDA libraries in an image that does not ask for a GPU."""

from collections.abc import Iterable

from workbench.checks.evidence import MEDIUM_BYTES, PACKAGE_FOLDERS, below, finding, instruction_of, named, per_layer
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

_ASKS = ("NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "NVIDIA_REQUIRE_CUDA", "CUDA_VERSION", "CUDA_HOME")
"""Variables that images made for a GPU set, NVIDIA's own bases among them."""
_TORCH_LIBRARIES = ("libtorch_cuda", "libc10_cuda", "libtorch_nvshmem", "libcaffe2_nvrtc")


class CudaWithoutGpu:
    """PyTorch and others install CUDA wheels unless told otherwise: gigabytes that a machine without GPU cannot use.

    Nothing inside an image proves where it will run: `docker run --gpus` works with any. So this looks whether the
    configuration asks for a GPU anywhere, and says what it went by. Ignore it when the image does run on GPUs.
    """

    name = "cuda_without_gpu"
    title = "CUDA in a CPU-only image"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The bytes of CUDA wheels and of PyTorch's CUDA libraries, by layer, when nothing asks for a GPU."""
        environment = dict(analysis.index.detail.environment)
        if any(environment.get(name, "void") not in ("void", "", "none") for name in _ASKS):
            return
        if any(name.startswith("com.nvidia.") for name, _ in analysis.index.labels):
            return
        sure = environment.get("CUDA_VISIBLE_DEVICES") in ("", "-1", "none")
        why = (
            "CUDA_VISIBLE_DEVICES in the image switches GPUs off"
            if sure
            else "nothing in its configuration asks for a GPU: neither NVIDIA_VISIBLE_DEVICES nor CUDA_VERSION is set, "
            "and no label is NVIDIA's"
        )
        for bodies in per_layer(analysis, cuda_nodes(analysis), MEDIUM_BYTES, with_hidden=False):
            told = instruction_of(analysis, bodies.layer)
            fix = "pip install torch --index-url https://download.pytorch.org/whl/cpu"
            if told.startswith("RUN ") and "pip" in told and "torch" in told and "--index-url" not in told:
                fix = (
                    f"{told} --extra-index-url https://download.pytorch.org/whl/cpu\nwith torch pinned as torch==…+cpu"
                )
            fix += "\nif it does run on GPUs, say so in the image: ENV NVIDIA_VISIBLE_DEVICES=all"
            yield finding(analysis, self.name, bodies, f"CUDA libraries, and {why}", fix)


def cuda_nodes(analysis: ImageAnalysis) -> set[int]:
    """Nodes of what only a GPU needs in Python's package folders."""
    overlay = analysis.overlay
    nodes: set[int] = set()
    for folder in named(overlay, *PACKAGE_FOLDERS):
        children = overlay.children.get(folder, {})
        wanted = [
            child
            for name, child in children.items()
            if name in ("nvidia", "triton", "cupy", "cupy_backends", "tensorrt_libs")
            or name.startswith(("nvidia_", "triton-", "cupy_cuda"))
        ]
        if (torch := children.get("torch")) is not None:
            library = overlay.children.get(torch, {}).get("lib", -1)
            wanted += [
                child for name, child in overlay.children.get(library, {}).items() if name.startswith(_TORCH_LIBRARIES)
            ]
        nodes.update(below(overlay, wanted))
    return nodes


CHECK = CudaWithoutGpu()
