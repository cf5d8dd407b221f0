"""A GPU as a JSON document, the same wherever one is written."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.model.gpu import GpuDevice


def gpu_document(device: "GpuDevice", names: Mapping[str, str]) -> dict[str, Any]:
    """Every figure of one GPU, `null` where it has none; each process with the name of its container.

    Args:
        device: The GPU.
        names: Names of containers by their full ids; one that is not among them is called by its short id.
    """
    document = asdict(device)
    for process in document["processes"]:
        container_id = process["container_id"]
        process["container"] = names.get(container_id, container_id[:12]) if container_id else None
    return document
