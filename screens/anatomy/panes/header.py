"""The image in three rows: what it is, where its bytes are, and the views of it."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.anatomy.texts import why_wasted
from screens.pane import Pane
from screens.widgets.line import Line, Part, Rule
from workbench.anatomy import ImageAnatomy
from workbench.measure.text import shorten
from workbench.measure.units import counted, percent, quantity
from workbench.model.images import ImageDetail
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.anatomy.screen import AnatomyScreen

_GRADES = {"target": "on target", "good": "good", "fair": "fair", "review": "review needed"}
_KINDS = {"microservice": "a microservice", "web": "a web application", "data": "data processing"}
HERE = "▸"
LONGEST_NAME = 48


class HeaderPane(Pane):
    """Name, totals, tabs."""

    ORDER: ClassVar[int] = 10

    def compose(self) -> ComposeResult:
        """Three rows."""
        yield Rule(id="title")
        yield Line(id="totals")
        yield Line(id="views")

    def on_mount(self) -> None:
        """Follow the image and the choice of view."""
        for name in ("detail", "anatomy", "view"):
            self.watch(self.screen, name, self._show, init=name == "view")

    def _show(self) -> None:
        screen = cast("AnatomyScreen", self.screen)
        detail = screen.detail.value if isinstance(screen.detail, Fresh) else None
        anatomy = screen.anatomy.value if isinstance(screen.anatomy, Fresh) else None
        notes = [
            Part(note, "dim") for note in (_notes(detail, anatomy, timed=not self.workbench.still) if detail else ())
        ]
        self.query_one("#title", Rule).title(shorten(screen.name_shown, LONGEST_NAME), *notes)
        self.query_one("#totals", Line).show(*_totals(screen, detail, anatomy))
        self.query_one("#views", Line).show([Part(" "), *_tabs(screen, anatomy)])


def _notes(detail: ImageDetail, anatomy: ImageAnatomy | None, *, timed: bool) -> list[str]:
    told = []
    if anatomy is not None:
        analysis = anatomy.analysis
        index = analysis.index
        if index.layers_from_cache:
            told.append(f"{index.layers_from_cache} of {counted(len(index.layers), 'layer')} from the cache")
        if index.bytes_spared:
            told.append(f"{quantity(index.bytes_spared, 'B')} spared")
        if analysis.base.layers:
            size = sum(layer.shipped for layer in analysis.overlay.per_layer[: analysis.base.layers])
            told.append(f"base {analysis.base.name or analysis.base.known_by} {quantity(size, 'B')}")
    told.append(f"{detail.operating_system}/{detail.architecture}".strip("/"))
    if anatomy is not None:
        seconds = f" {anatomy.seconds:.1f} s" if timed else ""
        told.append(f"via {anatomy.analysis.index.acquired_via}{seconds}")
    else:
        told.append(f"via {detail.acquired_via}")
    return told


def _totals(
    screen: "AnatomyScreen", detail: ImageDetail | None, anatomy: ImageAnatomy | None
) -> tuple[list[Part], list[Part]]:
    if anatomy is not None:
        told = anatomy.analysis.bytes
        verdict = anatomy.verdict
        left = [
            Part(f" {quantity(told.shipped, 'B')} shipped", "strong"),
            Part(f"  {quantity(told.final, 'B')} final"),
            Part(f"  {quantity(told.wasted, 'B')} wasted", "watch" if told.wasted else "plain"),
            Part(f": {why_wasted(anatomy)}" if told.wasted else "", "dim"),
        ]
        right = [
            Part(f"efficiency {percent(100 * told.efficiency)} ", "dim"),
            Part(
                f" {_GRADES[verdict.shipped]} for {_KINDS[verdict.kind]} ",
                "act" if verdict.shipped == "review" else "dim",
            ),
        ]
        return left, right
    left = [Part(f" {quantity(detail.size_bytes, 'B')} shipped" if detail else " ", "strong")]
    if isinstance(screen.anatomy, Missing):
        left.append(Part(f"  {screen.anatomy.reason}", "watch"))
    elif screen.anatomy is None:
        left.append(Part("  reading the layers", "dim"))
    return left, []


def _tabs(screen: "AnatomyScreen", anatomy: ImageAnatomy | None) -> list[Part]:
    counts: dict[str, int] = {}
    if anatomy is not None:
        counts = {
            "findings": len(anatomy.findings),
            "packages": len(anatomy.analysis.packages),
            "duplicates": len(anatomy.analysis.duplicates.groups),
        }
    parts = []
    for view, key, title in screen.VIEWS:
        here = view == screen.view
        number = f" {counts[view]}" if view in counts else ""
        parts.append(
            Part(
                f"{HERE if here else ' '}{key} {title}{number}  ",
                "accent" if here else "dim",
                f"screen.view('{view}')",
            )
        )
    return parts


PANE = HeaderPane
