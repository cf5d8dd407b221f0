"""Why a figure of a driven comparison changed, as far as the measurements show it. The texts may hold hostile names."""

from collections.abc import Sequence
from statistics import median

from workbench.measure.compare.judged import amount
from workbench.measure.text import shorten
from workbench.measure.units import percent
from workbench.model.behind import StepTimes
from workbench.model.runs import RunDetail

_TELLING_SHARE = 0.2
"""Of the whole change that a step or a phase must make up to be its cause."""
_TELLING_THROTTLING = 5.0
"""Points."""
_LONGEST = 40
_FLAGS = ("-", "&&", "|", ";", "set")
_PHASES = (
    ("making the container", None, "time_to_created"),
    ("starting its first process", "time_to_created", "time_to_started"),
    ("the program, once it runs", "time_to_started", "time_to_ready"),
)


def build_cause(before: Sequence[StepTimes], after: Sequence[StepTimes]) -> str:
    """The kind of step that makes up most of the change: `RUN pip install 92 s → 31 s`."""
    old, new = _by_kind(before), _by_kind(after)
    changes = {kind: new.get(kind, 0.0) - old.get(kind, 0.0) for kind in {**old, **new}}
    whole = sum(changes.values())
    if not changes or not whole:
        return ""
    sign = 1 if whole > 0 else -1
    kind = max(changes, key=lambda one: sign * changes[one])
    if sign * changes[kind] < _TELLING_SHARE * abs(whole):
        return ""
    sides = [amount(side[kind], "s") if kind in side else "none" for side in (old, new)]
    return f"{kind} {sides[0]} → {sides[1]}"


def _by_kind(steps: Sequence[StepTimes]) -> dict[str, float]:
    """Seconds for each kind of step; steps of two Dockerfiles are seldom the same word by word."""
    found: dict[str, float] = {}
    for step in steps:
        kind = _kind(step.instruction)
        found[kind] = found.get(kind, 0.0) + step.seconds
    return found


def _kind(instruction: str) -> str:
    """An instruction and what it calls: `RUN pip install`, `COPY`, or what the builder says of its own step."""
    words = instruction.split()
    if not words or words[0] != words[0].upper() or words[0].startswith("["):
        return shorten(instruction, _LONGEST)
    if words[0] != "RUN":
        return words[0]
    called = [word for word in words[1:] if not word.startswith(_FLAGS) and "=" not in word] or [""]
    program = called[0].rpartition("/")[2]
    more = [word for word in called[1:2] if word.replace("-", "").replace("_", "").isalnum()]
    return shorten(" ".join([words[0], program, *more]).rstrip(), _LONGEST)


def rebuilt_cause(
    before: Sequence[RunDetail], after: Sequence[RunDetail], steps: tuple[Sequence[StepTimes], Sequence[StepTimes]]
) -> str:
    """How many steps run again on each side, and which of them makes up most of the change."""
    counts = []
    for runs in (before, after):
        total, hits = (value_of(runs[-1], name) for name in ("steps", "cache_hits")) if runs else (None, None)
        if total is None or hits is None:
            return build_cause(*steps)
        counts.append((round(total - hits), round(total)))
    (old, old_of), (new, new_of) = counts
    told = f"{new} of {new_of} steps run, was {old} of {old_of}"
    return "; ".join(text for text in (told, build_cause(*steps)) if text)


def ready_cause(before: Sequence[RunDetail], after: Sequence[RunDetail]) -> str:
    """Which part of the start makes up most of the change."""
    old, new = ([_phases(run) for run in runs] for runs in (before, after))
    whole = _middle(before, "time_to_ready"), _middle(after, "time_to_ready")
    if whole[0] is None or whole[1] is None or not all((*old, *new)):
        return ""
    change = whole[1] - whole[0]
    sign = 1 if change > 0 else -1
    middles = {
        words: tuple(median(side[words] for side in sides) for sides in (old, new))
        for words, _, _ in _PHASES
        if all(words in side for side in (*old, *new))
    }
    if not middles:
        return ""
    words, (first, second) = max(middles.items(), key=lambda one: sign * (one[1][1] - one[1][0]))
    if sign * (second - first) < _TELLING_SHARE * abs(change):
        return ""
    return f"{words}: {amount(first / 1000, 's')} → {amount(second / 1000, 's')}"


def _phases(run: RunDetail) -> dict[str, float]:
    found = {}
    for words, begin, end in _PHASES:
        began, ended = 0.0 if begin is None else value_of(run, begin), value_of(run, end)
        if began is not None and ended is not None:
            found[words] = ended - began
    return found


def throttled_cause(before: Sequence[RunDetail], after: Sequence[RunDetail]) -> str:
    """Throttling where that came or went."""
    old, new = _middle(before, "throttled"), _middle(after, "throttled")
    if old is None or new is None or abs(new - old) < _TELLING_THROTTLING:
        return ""
    return f"throttled {percent(old)} → {percent(new)}"


def latency_cause(before: Sequence[RunDetail], after: Sequence[RunDetail]) -> str:
    """Throttling where that came or went, else CPU per request where that changed."""
    if throttled := throttled_cause(before, after):
        return throttled
    cpu = _middle(before, "cpu_per_request"), _middle(after, "cpu_per_request")
    if cpu[0] and cpu[1] is not None and abs(cpu[1] - cpu[0]) > _TELLING_SHARE * cpu[0]:
        return f"CPU per request {amount(cpu[0], 'ms')} → {amount(cpu[1], 'ms')}"
    return ""


def value_of(run: RunDetail, name: str) -> float | None:
    """A metric of a run; `None` when it has none."""
    return next((metric.value for metric in run.metrics if metric.name == name), None)


def _middle(runs: Sequence[RunDetail], name: str) -> float | None:
    known = [value for value in (value_of(run, name) for run in runs) if value is not None]
    return median(known) if known else None
