"""What is said above the steps of a build: pure, no widgets."""

import re
from collections.abc import Iterator

from screens.build_view.log_lines import lines_of
from screens.build_view.rows import instruction, state_of, step_name
from screens.build_view.shown import Shown
from screens.widgets.wrapped import Paragraph
from workbench.measure.build_forecast import told_by_whole
from workbench.measure.log_text import without_escapes
from workbench.measure.text import printable, shorten
from workbench.measure.units import NOT_MEASURED, bar, counted, duration, quantity
from workbench.model.build import Build, BuildGraph

BAR = 12
_LONGEST_STEP = 60
_EXIT_CODE = re.compile(r"(?:exit code|non-zero code): (\d{1,5})\b")
"""As BuildKit and the classic builder say it, after a command that may be long."""


def told(shown: Shown) -> list[Paragraph]:
    """The most important first."""
    if shown.problem:
        return [Paragraph(f"✘ nothing was built: {shown.problem}", "act", 4)]
    return list(_so_far(shown) if shown.running else _afterwards(shown))


def _so_far(shown: Shown) -> Iterator[Paragraph]:
    if shown.stopping:
        yield Paragraph(f"stopping after {duration(shown.now)}, and removing what it made", "watch")
    elif not shown.steps:
        read = f"reading the context: {quantity(shown.bytes_read, 'B')} so far" if shown.bytes_read else ""
        yield Paragraph(read or "asking the builder", "accent")
    else:
        yield Paragraph(_progress(shown), "accent")
    states = [state_of(step, shown) for step in shown.steps if not step.is_internal]
    ended = sum(state in ("done", "cached", "failed") for state in states)
    at_once = sum(state_of(step, shown) == "running" for step in shown.steps)
    if states:
        cached = f" · {states.count('cached')} cached" if "cached" in states else ""
        yield Paragraph(f"{ended} of {counted(len(states), 'step')} ended{cached} · {at_once} at once")


def _progress(shown: Shown) -> str:
    earlier, left, now = shown.earlier, shown.remaining, duration(shown.now)
    if earlier is None or not earlier.count:
        return f"{now} so far · no earlier build of the same says how long it takes"
    by_whole = told_by_whole(shown.steps, uses_cache=shown.uses_cache)
    many = counted(earlier.same_mode if by_whole else earlier.count, "earlier build")
    if left is None:
        why = "which steps run is not known yet" if by_whole else "a step is new to earlier builds"
        return f"{now} so far · how long it takes cannot be told: {why}"
    whole = shown.now + left
    share = bar(min(1.0, shown.now / whole) if whole else None, BAR)
    rest = f"{duration(left)} left" if left >= 0.5 else "longer than usual"
    return f"{now} {share} {rest} · expected {duration(whole)}, from {many}"


def _afterwards(shown: Shown) -> Iterator[Paragraph]:
    opened, build, graph = shown.opened, shown.build, shown.graph
    if opened is None or build is None or graph is None:
        return
    wall = f"{build.wall_seconds:.1f} s"
    if build.was_stopped:
        yield Paragraph(f"▲ cancelled after {wall}", "watch")
    elif build.error:
        yield from _failure(shown, build, wall)
    else:
        yield Paragraph(f"✔ built in {wall}{_usual(shown)} · {_how(shown)}", "good")
    whole = not (build.error or build.was_stopped)
    yield Paragraph(_figures(shown, graph), most=2 if whole else 1)
    if whole and (best := _best(shown, graph)):
        yield Paragraph(best)
    kept = f"kept as run {opened.run}" if opened.run is not None else f"not kept: {opened.problem}"
    yield Paragraph(f"{kept} · █ longest chain  ▒ beside it  · cached  × failed", "dim")


def _failure(shown: Shown, build: Build, wall: str) -> Iterator[Paragraph]:
    """Why, where, and the last that the step wrote."""
    place = shown.failed
    error = build.error if place is None else shown.steps[place].error
    code = _EXIT_CODE.search(error)
    yield Paragraph(f"✘ failed after {wall}: {f'exit code {code[1]}' if code else printable(error)}", "act", 2)
    if place is not None:
        yield Paragraph(f"in {_step(shown, place)}")
        if lines := lines_of(shown.steps[place].log):
            yield Paragraph(f"it wrote last: {printable(without_escapes(lines[-1]))}")


def _usual(shown: Shown) -> str:
    earlier = shown.earlier
    if earlier is None or earlier.median_seconds is None:
        return ""
    return f", usually {duration(earlier.median_seconds)} ({counted(earlier.same_mode, 'earlier build')})"


def _how(shown: Shown) -> str:
    opened = shown.opened
    if opened is None:
        return ""
    many = f", the last of {opened.count}" if opened.count > 1 else ""
    why = "" if opened.build.builder == "buildx" else f": {opened.build.reason}"
    return f"{opened.mode}{many}, with {opened.build.builder}{why}"


def _figures(shown: Shown, graph: BuildGraph) -> str:
    context = shown.build.context_bytes if shown.build else None
    parts = [
        f"cached {graph.cache_hits} of {counted(graph.cache_total, 'step')}",
        f"at once {_times(graph.parallelism)} of {_times(graph.possible_parallelism)} possible",
        f"longest chain {graph.critical_path_seconds:.1f} s",
        f"work {graph.work_seconds:.1f} s",
    ]
    return " · ".join([*parts, *([f"context {quantity(context, 'B')}"] if context is not None else [])])


def _best(shown: Shown, graph: BuildGraph) -> str:
    place = max(range(len(shown.steps)), key=lambda each: graph.saves_seconds[each], default=None)
    if place is None or graph.saves_seconds[place] < 0.05:
        return ""
    return f"making this step free saves {graph.saves_seconds[place]:.1f} s: {_step(shown, place)}"


def _step(shown: Shown, place: int) -> str:
    step = shown.steps[place]
    name, words = step_name(step), shorten(instruction(step), _LONGEST_STEP)
    return f"{printable(name)}: {words}" if name else words


def _times(value: float | None) -> str:
    return NOT_MEASURED if value is None else f"{value:.1f}×"


def page(shown: Shown, place: int) -> str:
    """Everything about one step, to read."""
    step, graph = shown.steps[place], shown.graph
    state = state_of(step, shown)
    lines = [step.instruction, ""]
    if step.error:
        lines += [f"error: {step.error}", ""]
    lines.append(f"{state}, {step.seconds:.2f} s" if step.began is not None else state)
    if step.line:
        lines.append(f"line {step.line} of the Dockerfile")
    if step.began is not None:
        lines.append(f"began {step.began:.2f} s after the build")
    usual = shown.earlier.usual_seconds.get(step.name) if shown.earlier else None
    if usual is not None:
        lines.append(f"usually {usual:.2f} s when it is not cached")
    if graph is not None and step.seconds:
        if place in graph.critical:
            lines.append(f"on the longest chain: making it free saves {graph.saves_seconds[place]:.2f} s")
        else:
            lines.append(f"slack: it could take {graph.slack_seconds[place]:.2f} s more and nothing would be later")
    needs = [_step(shown, need) for need in step.inputs if 0 <= need < len(shown.steps)]
    if needs:
        lines += ["", "needs", *(f"  {need}" for need in needs)]
    return "\n".join(lines)
