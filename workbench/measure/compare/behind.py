"""What lies behind a figure of a comparison, and can be opened: layers and files, a curve, steps, stacks."""

from typing import Literal

from workbench.model.comparison import Comparison

Behind = Literal["image", "latency", "build", "profile"]
WORDS: dict[Behind, str] = {
    "image": "layers and files",
    "latency": "percentile curves",
    "build": "steps of both builds",
    "profile": "differential flame graph",
}
_IMAGE = frozenset({"size", "final", "wasted", "layers", "packages", "compressed_size", "pull_estimated", "image_size"})
_BUILD = frozenset({"critical_path", "work", "cache_hits", "steps", "context"})


def behind(metric: str, comparison: Comparison) -> Behind | None:
    """What a row's figure is made of; `None` where nothing more is kept than the figure itself.

    Args:
        metric: The row's.
        comparison: It is in.
    """
    sides = comparison.before, comparison.after
    has_runs = all(side.runs for side in sides)
    if comparison.kind == "profiles":
        return "profile" if has_runs else None
    if metric in _IMAGE or metric.startswith("findings_"):
        return "image" if comparison.kind == "images" or all(side.image for side in sides) else None
    if not has_runs:
        return None
    if metric.startswith(("latency_", "throughput")):
        return "latency"
    if metric == "cpu_per_request" and all(side.profiles for side in sides):
        return "profile"
    return "build" if metric in _BUILD or metric.startswith("build_") else None
