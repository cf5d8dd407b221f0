"""An image that was analysed as a run in the store."""

import time
from collections import Counter
from collections.abc import Sequence

from workbench.errors import WorkbenchError
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding
from workbench.model.runs import Conditions, Metric, NewRun, Target
from workbench.places import store_file
from workbench.sources.git import commit_here
from workbench.sources.machine import environment_of
from workbench.store import Store


def keep_image(analysis: ImageAnalysis, findings: Sequence[ImageFinding], seconds: float) -> int | None:
    """Store what an image is made of and return the run's number; `None` when its last run says the same already.

    Args:
        analysis: The image.
        findings: What the checks found.
        seconds: How long it took.

    Raises:
        StoreError: when the store cannot be used.
    """
    detail = analysis.index.detail
    severities = Counter(finding.severity for finding in findings)
    metrics = (
        Metric("size", "B", float(analysis.bytes.shipped), -1),
        Metric("final", "B", float(analysis.bytes.final), -1),
        Metric("wasted", "B", float(analysis.bytes.wasted), -1),
        Metric("layers", "", float(len(analysis.index.layers))),
        Metric("packages", "", float(len(analysis.packages))),
        *(
            Metric(f"findings_{severity}", "", float(severities[severity]), -1)
            for severity in ("high", "medium", "low")
        ),
    )
    name = detail.references[0] if detail.references else detail.id
    ended = time.time()
    commit, dirty = commit_here()
    run = NewRun(
        target=Target("image", name),
        environment=environment_of(None),
        kind="image",
        started_at=ended - seconds,
        ended_at=ended,
        metrics=metrics,
        conditions=Conditions(image_id=detail.id, git_commit=commit, git_dirty=dirty),
    )
    with Store.open(store_file()) as store:
        for last in store.runs(1, kind="image", target=name):
            known = store.run(last.id)
            if known.conditions.image_id == detail.id and sorted(metrics, key=_name) == list(known.metrics):
                return None
        return store.record_run(run)


def kept_image(analysis: ImageAnalysis, findings: Sequence[ImageFinding], seconds: float) -> None:
    """The same as `keep_image` where the image is shown either way: a store that cannot be used is no matter."""
    try:
        keep_image(analysis, findings, seconds)
    except WorkbenchError:
        return


def _name(metric: Metric) -> str:
    return metric.name
