"""The run under the cursor: where and how it was taken, and how its figures went over the runs of its target."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.containers import Horizontal

from screens.pane import Pane
from screens.runs.rows import course_look, course_words, facts, marks, spread_out
from screens.widgets.braille_chart import BrailleChart
from screens.widgets.line import Line, Part, Rule
from workbench.measure.compare.judged import amount
from workbench.measure.units import NOT_MEASURED
from workbench.model.reading import Fresh, Missing
from workbench.model.runs import Metric
from workbench.run_book import Course

if TYPE_CHECKING:
    from screens.runs.screen import RunsScreen

FACTS = 3
COURSES = 4
_QUIET = frozenset({"samples", "readings", "duration"})
"""Metrics that say how much was measured; they are drawn last."""


class CourseRow(Horizontal):
    """One metric: its name, its course over the runs, the newest figure."""

    DEFAULT_CSS = """
    CourseRow { height: 2; }
    CourseRow .name { width: 20; }
    CourseRow .now { width: 34; }
    CourseRow BrailleChart { height: 2; }
    """

    def compose(self) -> ComposeResult:
        """Left to right."""
        yield Line(classes="name")
        yield BrailleChart()
        yield Line(classes="now")


class RunPane(Pane):
    """Facts and courses."""

    ORDER: ClassVar[int] = 20

    def compose(self) -> ComposeResult:
        """From the top."""
        yield Rule(id="run-title")
        for place in range(FACTS):
            yield Line(id=f"fact-{place}")
        for place in range(COURSES):
            yield CourseRow(id=f"course-{place}")

    def on_mount(self) -> None:
        """Follow the cursor."""
        self.watch(self.screen, "page", self._draw)
        for chart in self.query(BrailleChart):
            self.watch(chart, "columns", self._draw, init=False)

    def _draw(self) -> None:
        if not self.query(f"#course-{COURSES - 1} .now"):  # asked before everything is there
            return
        page, title = cast("RunsScreen", self.screen).page, self.query_one("#run-title", Rule)
        if not isinstance(page, Fresh):
            title.title("", *([Part(page.reason, "act")] if isinstance(page, Missing) else []))
            self._tell([])
            self._courses([], ())
            return
        run, courses = page.value.detail, page.value.courses
        runs = max((len(course.trend.values) for course in courses), default=0)
        over = f"its figures over {runs} runs of this target" if runs else "the only run of its target here"
        title.title(f"run {run.summary.id} · {run.summary.kind} of {run.summary.target.name}", Part(over, "dim"))
        self._tell(facts(run))
        alone = [] if courses else list(run.metrics)
        self._courses(alone, tuple(sorted(courses, key=lambda course: course.trend.name in _QUIET)))

    def _tell(self, lines: list[str]) -> None:
        for place in range(FACTS):
            line = self.query_one(f"#fact-{place}", Line)
            line.show([Part(f"  {lines[place]}", "dim" if place else "plain")] if place < len(lines) else [])

    def _courses(self, alone: list[Metric], courses: tuple[Course, ...]) -> None:
        for place in range(COURSES):
            row = self.query_one(f"#course-{place}", CourseRow)
            name, now, chart = row.query_one(".name", Line), row.query_one(".now", Line), row.query_one(BrailleChart)
            if place < len(courses):
                course = courses[place]
                name.show([Part(f"  {course.trend.name}")])
                now.show([Part(f" {course_words(course)}", course_look(course))])
                chart.show(spread_out(course.trend.values, chart.columns), 0.0, marks=marks(course, chart.columns))
            else:
                metric = alone[place] if place < len(alone) else None
                name.show([Part(f"  {metric.name}")] if metric else [])
                now.show([Part(f" {_told(metric)}")] if metric else [])
                chart.show([], 1.0)


def _told(metric: Metric) -> str:
    return NOT_MEASURED if metric.value is None else amount(metric.value, metric.unit)


PANE = RunPane
