"""What the container uses of each resource, how far that is exhausted, what went wrong, and the last minutes of it."""

import math
from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from screens.container.marks import last_words, signs
from screens.container.resources import Resource, resources
from screens.pane import Pane
from screens.time_axis import chart_columns
from screens.widgets.braille_chart import BrailleChart
from screens.widgets.line import Line, Part, Rule, padded, whole
from workbench.measure.units import bar, duration
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.container.screen import ContainerScreen

NAMES = ("cpu", "mem", "disk", "net", "gpu", "pids")
HOST = 7
CALM_SECONDS = 15.0
"""How long the charts stand still on a slow terminal."""
_NAME = 6


class _Cells(NamedTuple):
    """Cells for the words of a row."""

    bar: int
    """None of it where the chart, which has the limit for its top, must do."""
    used: int
    saturation: int
    errors: int

    @property
    def all(self) -> int:
        """With the name, and a blank after each."""
        return _NAME + self.bar + bool(self.bar) + self.used + 1 + self.saturation + 1 + self.errors + 1


_LAYOUTS = ((160, _Cells(12, 21, 46, 24)), (120, _Cells(8, 19, 34, 12)), (0, _Cells(0, 18, 25, 10)))
"""By the columns of the screen from which on it is taken."""


class ResourceRow(Horizontal):
    """One resource: words, chart, host."""

    DEFAULT_CSS = f"""
    ResourceRow {{ height: 1; }}
    ResourceRow .host {{ width: {HOST}; }}
    """

    def __init__(self, name: str) -> None:
        super().__init__(id=f"row-{name}")

    def compose(self) -> ComposeResult:
        """Words to the left, the host's figure to the right, the chart in what is left."""
        yield Line(classes="words")
        yield BrailleChart()
        yield Line(classes="host")

    @property
    def words(self) -> Line:
        """The words."""
        return self.query_one(".words", Line)

    @property
    def host(self) -> Line:
        """The host's figure."""
        return self.query_one(".host", Line)

    @property
    def chart(self) -> BrailleChart:
        """The chart."""
        return self.query_one(BrailleChart)


class HeadingsRow(Horizontal):
    """What is in the rows; over the charts, how long a time they show."""

    DEFAULT_CSS = f"""
    HeadingsRow {{ height: 1; }}
    HeadingsRow .host {{ width: {HOST}; }}
    """

    def compose(self) -> ComposeResult:
        """As in a row of figures."""
        yield Line(classes="words")
        yield Line(classes="window")
        yield Line(right=[Part("host ", "heading")], classes="host")

    def show(self, cells: _Cells, window: float) -> None:
        """Show the headings over these cells."""
        words = self.query_one(".words", Line)
        words.styles.width = cells.all
        bar = cells.bar + bool(cells.bar)
        words.show(
            [
                Part(" " * _NAME),
                *padded([Part("of its limit", "heading")], bar + cells.used + 1),
                *padded([Part("saturation", "heading")], cells.saturation + 1),
                Part("errors", "heading"),
            ]
        )
        self.query_one(".window", Line).show([Part(f"last {window / 60:.0f} min", "heading", "screen.window")])


class ResourcesPane(Pane):
    """Always the same rows in the same places; the GPU's only where there is one."""

    ORDER: ClassVar[int] = 20
    DEFAULT_CSS = "ResourcesPane { height: auto; }"

    def compose(self) -> ComposeResult:
        """A title, headings, a row for each resource, and one for what happened."""
        yield Rule(id="title")
        yield HeadingsRow()
        for name in NAMES:
            yield ResourceRow(name)
        yield ResourceRow("events")

    def on_mount(self) -> None:
        """Follow the container, the machine around it, and the width."""
        for watched in ("container", "detail", "window"):
            self.watch(self.screen, watched, self._show, init=False)
        for watched in ("host", "gpu", "fleet"):
            self.watch(self.workbench, watched, self._show, init=False)
        for chart in self.query(BrailleChart):
            self.watch(chart, "columns", self._show, init=False)
        self._show()

    @property
    def _screen(self) -> "ContainerScreen":
        return cast("ContainerScreen", self.screen)

    def _row(self, name: str) -> ResourceRow:
        return self.query_one(f"#row-{name}", ResourceRow)

    def _show(self) -> None:
        if not self.query("#row-events .host"):  # asked before everything is there
            return
        self._title()
        self.query_one(HeadingsRow).show(self._cells, self._screen.window)
        container, app, screen = self._screen.container, self.workbench, self._screen
        if container is None:
            for name in (*NAMES, "events"):
                self._row(name).words.show([])
                self._row(name).host.show([])
                self._row(name).chart.show([], 1.0)
            return
        fleet, host, gpu = app.fleet, app.host, app.gpu
        rows = resources(
            container,
            fleet.value.engine.cpus if isinstance(fleet, Fresh) else 0,
            app.session.settings.thresholds,
            detail=screen.detail.value if isinstance(screen.detail, Fresh) else None,
            host=host.value if isinstance(host, Fresh) else None,
            gpu=gpu.value if isinstance(gpu, Fresh) else None,
        )
        known = {row.name: row for row in rows}
        for name in NAMES:
            widget = self._row(name)
            widget.display = name in known
            if name in known:
                self._draw(widget, known[name], container.id)
        self._events(container.id)

    def _draw(self, widget: ResourceRow, row: Resource, container_id: str) -> None:
        cells = self._cells
        look = row.look if row.share is not None else "plain"
        widget.words.styles.width = cells.all
        widget.words.show(
            [
                Part(f" {row.name:<{_NAME - 1}}", look),
                *([Part(bar(row.share, cells.bar), look), Part(" ")] if cells.bar else []),
                *padded(
                    [Part(row.used, look if not cells.bar else "dim" if row.look == "dim" else "plain")], cells.used
                ),
                Part(" "),
                *whole(row.saturation, cells.saturation),
                Part(" "),
                *whole(row.errors, cells.errors),
            ]
        )
        widget.host.show([Part(f"{row.host:>{HOST - 1}} ", "dim")])
        chart = widget.chart
        until, step = self._until, self._step(chart)
        if step:
            since = until - self._screen.window - 2 * step
            history = self.workbench.session.history
            series = [history.series(container_id, metric, since, until) for metric in row.metrics]
            if row.name == "gpu":
                series = [history.container_gpu_series(container_id, "gpu_percent", since, until)]
            drawn = chart_columns(series, until, step, chart.columns)
            peak = max((figure for figure in drawn if not math.isnan(figure)), default=0.0)
            chart.show(drawn, row.top if row.limited else max(row.top, peak), line=row.line)

    def _events(self, container_id: str) -> None:
        row, until = self._row("events"), self._until
        step = self._step(row.chart)
        since = until - self._screen.window
        events = self.workbench.session.history.events(since, until, container_id)
        row.words.styles.width = self._cells.all
        row.words.show([Part(" event ", "dim"), *last_words(events)])
        if step:
            row.chart.show([], 1.0, look="strong", marks=signs(events, until, step))

    @property
    def _until(self) -> float:
        """Where the charts end. On a slow terminal they stand still for a while: every move sends all of them."""
        shown, app = self.workbench.moment_shown, self.workbench
        return shown if app.moment is not None or not app.calm else shown - shown % CALM_SECONDS

    def _step(self, chart: BrailleChart) -> float:
        """Seconds to a column of dots; 0 before the chart has a size."""
        return self._screen.window / chart.columns if chart.columns else 0.0

    @property
    def _cells(self) -> _Cells:
        width = self.screen.size.width
        return next(cells for least, cells in _LAYOUTS if width >= least)

    def _title(self) -> None:
        title, container, app = self.query_one("#title", Rule), self._screen.container, self.workbench
        if container is None:
            title.title("No such container" if app.container_id else "No container")
            return
        notes = [Part(container.status, "dim")]
        if isinstance(app.fleet, Missing) or (isinstance(app.fleet, Fresh) and app.is_old(app.fleet)):
            notes.insert(0, Part("as last seen", "watch"))
        elif container.usage and container.usage_age_seconds >= 2:
            look = "watch" if container.usage_age_seconds >= app.old_after else "dim"
            notes.insert(0, Part(f"measured {duration(container.usage_age_seconds)} ago", look))
        title.title(container.name, *notes)

    @on(BrailleChart.Picked)
    def _picked(self, event: BrailleChart.Picked) -> None:
        """A click on a chart goes to that moment."""
        event.stop()
        self.workbench.show_moment(self._until - event.column * self._step(event.chart))


PANE = ResourcesPane
