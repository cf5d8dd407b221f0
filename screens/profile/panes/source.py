"""The source of the chosen function, with what each line cost."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.pane import Pane
from screens.profile.rows import LINE_COLUMNS, SOURCE_COLUMNS, hottest_line, line_rows, source_rows
from screens.profile.source_lines import source_lines
from screens.profile.words import whole_path
from screens.widgets.line import Line, Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.flame.functions import lines_of

if TYPE_CHECKING:
    from screens.profile.screen import ProfileScreen


class SourcePane(Pane):
    """A file's lines."""

    ORDER: ClassVar[int] = 50

    def compose(self) -> ComposeResult:
        """A title, why there is no more than these lines, and the lines."""
        yield Rule(id="title")
        why = Line(id="why")
        why.display = False
        yield why
        yield LiveTable(SOURCE_COLUMNS, id="source")

    def on_mount(self) -> None:
        """Follow the chosen function and its file."""
        self._shown: tuple[object, ...] = ()
        for name in ("state", "chosen", "source_text"):
            self.watch(self.screen, name, self._draw, init=name == "state")

    def _draw(self) -> None:
        screen = cast("ProfileScreen", self.screen)
        table, title = self.query_one(LiveTable), self.query_one("#title", Rule)
        state, chosen, text = screen.state, screen.chosen, screen.source_text
        if state is None or chosen is None:
            title.title("Source")
            self._explain("")
            table.say_empty("Choose a function")
            table.show([])
            return
        profile = state.profile
        ran = profile.line_is == "ran"
        notes = [] if ran or profile.lines else [Part("no figures for lines", "dim")]
        title.title(f"Source  {whole_path(chosen) or chosen.name}", *notes)
        if text is None:
            self._explain("")
            table.say_empty("it is being read")
            table.show([])
            return
        heat = lines_of(state.shown.lines, chosen.file, state.nodes.get(chosen.file)) if ran else {}
        counted = {each.place.line: each for each in profile.lines if each.place.file == chosen.file}
        found = source_lines(chosen.file, text, profile.excerpts, (counted or heat) if chosen.file else ())
        self._explain(found.why if found.text else "")
        table.use_columns(LINE_COLUMNS if profile.lines else SOURCE_COLUMNS)
        table.say_empty(found.why or "the file is empty")
        if profile.lines:
            table.show(line_rows(found.text, counted, sum(each.seconds for each in profile.lines)))
        else:
            table.show(source_rows(found.text, heat, state.whole))
        # Another function of the same file: to its line; the same one again: the cursor stays.
        now = (chosen, text)
        if now != self._shown:
            self._shown = now
            table.go_to(str(hottest_line(chosen, heat)))

    def _explain(self, words: str) -> None:
        """Why there is no more than these lines; nothing where all are there."""
        why = self.query_one("#why", Line)
        why.display = bool(words)
        why.show([Part(f" {words}", "watch")] if words else [])


PANE = SourcePane
