"""What both images are made of: examined once, and kept as the rows that come of it."""

import json
import time
from collections.abc import Callable, Sequence
from threading import Event

from workbench.comparing.driven.series import FIGURES
from workbench.examination import Examined, examine
from workbench.measure.compare.images import about_pulls, image_figures
from workbench.measure.image_compare import compare
from workbench.model.comparison import Matters, Measured
from workbench.model.pull import PullEstimate
from workbench.model.runs import Conditions, Metric, NewArtifact, NewRun, Target
from workbench.pulling import estimate_acquired
from workbench.settings import Settings
from workbench.sources.acquire import acquire
from workbench.sources.engine import Engine
from workbench.sources.images import image_stacks
from workbench.sources.machine import environment_of

_NOTE = "note"

Heard = Callable[[str], object]
Looked = tuple[Examined, PullEstimate]
Stacks = list[tuple[str, tuple[str, ...]]]


def stacks_of(engine: Engine) -> Stacks:
    """The layers of every image that an engine has.

    Raises:
        EngineUnreachable: when it does not answer.
    """
    with engine.talk() as connection:
        return image_stacks(connection.client)


def look_at(
    engine: Engine, settings: Settings, image: str, stacks: Stacks, bandwidth: float, heard: Heard, stop: Event
) -> Looked:
    """Examine an image, and estimate what pulling it takes; blocks.

    Args:
        engine: Has it.
        settings: How it may be read.
        image: Its id.
        stacks: Of all images of the engine, to tell what it shares with them.
        bandwidth: Bytes a second of the pull.
        heard: Told what is done; must not block.
        stop: Set to give up.

    Raises:
        Stopped: as soon as `stop` is set.
        WorkbenchError: when it cannot be read.
    """
    acquired = acquire(engine, image, progress=lambda told: heard(told.message), stop=stop, settings=settings)
    try:
        examined = examine(acquired, local_images=stacks)
        return examined, estimate_acquired(acquired, image, bandwidth, heard, stop)
    finally:
        acquired.files.close()


def as_run(name: str, before: Looked, after: Looked, engine: Engine) -> NewRun:
    """What came of both, as it is stored.

    Args:
        name: What the user calls the one after.
        before: The one.
        after: The other.
        engine: Where they are.
    """
    compared = compare(before[0].analysis, after[0].analysis)
    counts = len(before[0].analysis.packages), len(after[0].analysis.packages)
    findings = before[0].findings, after[0].findings
    figures = image_figures(compared, findings, counts, (before[1], after[1]))
    with engine.talk() as connection:
        environment = environment_of(connection.info)
    now = time.time()
    return NewRun(
        target=Target("image", name),
        environment=environment,
        kind="image",
        started_at=now,
        ended_at=now,
        metrics=tuple(Metric(one.metric, one.unit, one.after[0], one.better) for one in figures),
        artifacts=(NewArtifact(FIGURES, "application/json", _told(figures, about_pulls(before[1], after[1]))),),
        conditions=Conditions(image_id=after[0].analysis.index.detail.id),
    )


def _told(figures: Sequence[Measured], note: str) -> bytes:
    rows: list[dict[str, object]] = [
        {
            "metric": one.metric,
            "title": one.title,
            "unit": one.unit,
            "better": one.better,
            "before": one.before[0],
            "after": one.after[0],
            "matters": one.matters.share,
            "cause": one.cause,
        }
        for one in figures
    ]
    return json.dumps([*rows, {_NOTE: note}]).encode("utf-8", "replace")


def figures_of(kept: Sequence[dict[str, object]]) -> tuple[list[Measured], str]:
    """The rows as they were kept, and the sentence about pulling; without those that cannot be read."""
    figures, note = [], ""
    for one in kept:
        if _NOTE in one:
            note = str(one[_NOTE])
            continue
        before, after, matters, better = (one.get(name) for name in ("before", "after", "matters", "better"))
        if isinstance(before, float) and isinstance(after, float) and isinstance(matters, float):
            direction = better if better in (-1, 0, 1) else 0
            figures.append(
                Measured(
                    str(one["metric"]),
                    str(one["title"]),
                    str(one["unit"]),
                    direction,  # type: ignore[arg-type]  # one of the three
                    "exact",
                    (before,),
                    (after,),
                    Matters(matters),
                    str(one.get("cause", "")),
                )
            )
    return figures, note
