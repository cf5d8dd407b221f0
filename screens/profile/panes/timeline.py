"""When what was measured: how busy it was, or how much memory was held, from the beginning to the end."""

from bisect import bisect_right
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult

from screens.pane import Pane
from screens.widgets.braille_chart import BrailleChart
from screens.widgets.line import Line, Part
from workbench.measure.flame.moments import figures
from workbench.measure.flame.words import seconds, size

if TYPE_CHECKING:
    from screens.profile.screen import ProfileScreen
    from workbench.model.profile import HeapMoment, Moments


KEYS = "[ ] choose a span, { } its length "


class TimelinePane(Pane):
    """A chart over the recording, and below it the span that is looked at."""

    ORDER: ClassVar[int] = 15

    def compose(self) -> ComposeResult:
        """The chart and its axis."""
        yield BrailleChart(id="activity")
        yield Line(id="axis")

    def on_mount(self) -> None:
        """Follow what is chosen and how much room there is."""
        self.watch(self.screen, "choices", self._draw)
        self.watch(self.query_one(BrailleChart), "columns", self._draw, init=False)

    @property
    def _screen(self) -> "ProfileScreen":
        return cast("ProfileScreen", self.screen)

    def _draw(self) -> None:
        profile = self._screen.profile
        if profile.moments is not None:
            self._draw_moments(profile.moments)
        elif profile.heap:
            self._draw_heap(profile.heap)

    def _draw_moments(self, moments: "Moments") -> None:
        chart = self.query_one(BrailleChart)
        columns, edges, rates = chart.columns, moments.edges, figures(moments)
        if not columns or edges[-1] <= edges[0]:
            return
        step = (edges[-1] - edges[0]) / columns
        at = [bisect_right(edges, edges[0] + step * (number + 0.5)) - 1 for number in range(columns)]
        chart.show([rates[min(each, len(rates) - 1)] for each in at], 0.0)
        span, width = self._screen.choices.span, columns // 2
        axis = self.query_one("#axis", Line)
        first, last = span or (0, len(moments))
        words = f" {_range(moments, first, last)} "
        if span is None:
            axis.show([Part(words, "dim"), Part("─" * (width - len(words) - len(KEYS)), "rule")], [Part(KEYS, "dim")])
            return
        begin, end = (round(width * (edges[each] - edges[0]) / (edges[-1] - edges[0])) for each in (first, last))
        end = min(width, max(end, begin + 1))
        marked = [Part("━" * (end - begin), "accent")]
        # The words stand where there is room beside the span.
        if width - end >= len(words):
            marked.append(Part(words, "accent"))
            end += len(words)
        else:
            begin = max(0, begin - len(words))
            marked.insert(0, Part(words, "accent"))
        axis.show([Part("─" * begin, "rule"), *marked, Part("─" * (width - end), "rule")])

    def _draw_heap(self, heap: "tuple[HeapMoment, ...]") -> None:
        chart = self.query_one(BrailleChart)
        columns, moments = chart.columns, [each.seconds for each in heap]
        if not columns:
            return
        end = moments[-1] or 1.0
        shown: list[float] = []
        for column in range(columns):
            first = bisect_right(moments, end * column / columns)
            last = max(first, bisect_right(moments, end * (column + 1) / columns))
            # The highest of what a column stands for: a peak must not fall between two of them.
            shown.append(max(each.heap_bytes for each in heap[max(0, first - 1) : max(1, last)]))
        chart.show(shown, 0.0)
        highest = max(heap, key=lambda each: each.heap_bytes)
        words = f" heap: at most {size(highest.heap_bytes)}, after {seconds(highest.seconds)}"
        words += f" · {size(heap[-1].heap_bytes)} at the end, after {seconds(end)} "
        resident = max((each.resident_bytes or 0 for each in heap), default=0)
        right = [Part(f" resident at most {size(resident)} ", "dim")] if resident else []
        self.query_one("#axis", Line).show([Part(words, "dim")], right)

    @on(BrailleChart.Picked)
    def _picked(self, event: BrailleChart.Picked) -> None:
        """A moment of the chart: the span goes there."""
        moments = self._screen.profile.moments
        if moments is None or len(moments) < 2:
            return
        edges, columns = moments.edges, event.chart.columns
        at = edges[0] + (edges[-1] - edges[0]) * (columns - event.column - 0.5) / columns
        first, last = self._screen.choices.span or (0, max(1, len(moments) // 10))
        width = last - first
        self._screen.span_at(max(0, bisect_right(edges, at) - 1 - width // 2), width)


def _range(moments: "Moments", first: int, last: int) -> str:
    start, begin, end, stop = (moments.edges[each] for each in (0, first, last, len(moments)))
    whole = stop - start
    digits = 0 if whole >= 100 else 1 if whole >= 5 else 2
    unit = "s" if moments.unit == "seconds" else "samples"
    if last - first == len(moments):
        return f"{whole:.{digits}f} {unit}"
    return f"{begin - start:.{digits}f}–{end - start:.{digits}f} of {whole:.{digits}f} {unit}"


PANE = TimelinePane
