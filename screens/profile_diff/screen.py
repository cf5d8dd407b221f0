"""Two profiles compared: a differential flame graph, and what each function's difference is worth."""

from types import ModuleType
from typing import ClassVar

from textual import on
from textual.reactive import var

from screens.commands.table import bindings_for
from screens.profile.state import LARGE
from screens.profile.viewing import Viewing
from screens.profile.words import where
from screens.profile_diff import panes
from screens.profile_diff.rows import SORTS
from screens.text_screen import TextScreen
from screens.widgets.flame_graph import FlameGraph
from screens.widgets.live_table import LiveTable
from workbench.measure.flame.diff import FunctionDiff, ProfileDiff, aspects_of_both, compare_profiles
from workbench.measure.flame.diff_words import change, figure, verdict
from workbench.measure.flame.geometry import FlameLayout
from workbench.model.frame_tree import Place
from workbench.model.profile import Profile
from workbench.model.reading import Fresh, Reading

COMPARING = "comparing the profiles"


class ProfileDiffScreen(Viewing):
    """What changed from one profile to another.

    Args:
        before: The first.
        after: The second.
    """

    MODE: ClassVar[str] = "profile"
    PLACE: ClassVar[str] = "profile_diff"
    PANES: ClassVar[ModuleType] = panes
    SORTS: ClassVar[tuple[str, ...]] = SORTS
    DESCENDING: ClassVar[frozenset[str]] = frozenset(SORTS) - {"function"}
    HEADINGS: ClassVar[dict[str, str]] = {"chance": "worth", "least": "worth", "calls": "worth", "where": "function"}
    BINDINGS = bindings_for("profile_diff")  # type: ignore[assignment]

    diff: var[ProfileDiff | None] = var(None)
    """What differs; `None` while that is worked out."""

    def __init__(self, before: Profile, after: Profile) -> None:
        super().__init__()
        self.before = before
        self.after = after
        self.layout_now: FlameLayout | None = None
        self.set_reactive(Viewing.sort, "worth")
        self._aspects = aspects_of_both(before, after)
        self.aspect = self._aspects[0] if self._aspects else ""
        self._turn = 0

    def on_mount(self) -> None:
        """Begin to compare."""
        super().on_mount()
        self._compare()

    def _compare(self) -> None:
        self._turn += 1
        turn, before, after, aspect, app = self._turn, self.before, self.after, self.aspect, self.workbench

        def work() -> tuple[ProfileDiff, FlameLayout]:
            found = compare_profiles(before, after, aspect)
            return found, FlameLayout(found.stacks.both)

        if len(before.tree) + len(after.tree) < LARGE:
            self._show(*work())
            return
        app.doing = COMPARING

        def done(reading: Reading[tuple[ProfileDiff, FlameLayout]]) -> None:
            if turn != self._turn or not self.is_mounted:
                return
            app.doing = ""
            if isinstance(reading, Fresh):
                self._show(*reading.value)
            else:
                app.say(reading.reason)

        app.session.work_out(work, lambda reading: app.deliver(lambda: done(reading)))

    def on_unmount(self) -> None:
        """Nobody is left to look at it."""
        if self.workbench.doing == COMPARING:
            self.workbench.doing = ""

    def _show(self, diff: ProfileDiff, layout: FlameLayout) -> None:
        self.layout_now = layout
        self._by_function = {each.place.function: each for each in diff.functions}
        self.diff = diff

    def function_at(self, place: Place) -> FunctionDiff | None:
        """What is known of a frame's function over both profiles."""
        return self._by_function.get(place.function)

    def warnings(self) -> tuple[str, ...]:
        """Where the figures mislead."""
        of_each = [
            f"{name}: {words}"
            for name, profile in (("before", self.before), ("after", self.after))
            for words in profile.warnings
        ]
        return (*(self.diff.warnings if self.diff else ()), *of_each)

    # --- commands --------------------------------------------------------------------------------------------------

    @on(LiveTable.Opened)
    def _row_opened(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """Zoom into the frame; from the table, go to the function's widest frame."""
        flame = self.query_one(FlameGraph)
        if self._here == "flame":
            flame.zoom_in()
        elif (each := self._function()) is not None and (tree := flame.frames) is not None:
            nodes = [node for node in range(1, len(tree)) if tree.at(node).function == each.place.function]
            self.action_view("flame")
            flame.reveal(max(nodes, key=tree.total.__getitem__, default=0))

    def _function(self) -> FunctionDiff | None:
        key = self.query_one("#functions", LiveTable).current
        return None if key is None or self.diff is None else self.diff.functions[int(key)]

    def action_swap(self) -> None:
        """Before becomes after, and after before."""
        self.before, self.after = self.after, self.before
        self.diff = None
        self._compare()

    def action_aspect(self) -> None:
        """The next of the trees that both profiles have."""
        self.aspect = self._aspects[(self._aspects.index(self.aspect) + 1) % len(self._aspects)]
        self.diff = None
        self._compare()

    def action_warnings(self) -> None:
        """Everything to know before believing the figures."""
        self.app.push_screen(TextScreen("Warnings", "\n\n".join(self.warnings()) or "There is none"))

    def action_copy(self) -> None:
        """The function, its file and what it gained or lost."""
        flame, diff = self.query_one(FlameGraph), self.diff
        if diff is None:
            return
        if self._here == "flame":
            place, (before, after), word = diff.stacks.both.at(flame.cursor), diff.stacks.figures(flame.cursor), ""
        elif (each := self._function()) is not None:
            place, before, after, word = each.place, each.total_before, each.total_after, f" ({verdict(each)})"
        else:
            return
        told = f"{figure(before, by_amount=diff.by_amount)} → {figure(after, by_amount=diff.by_amount)}"
        gained = change(after - before, by_amount=diff.by_amount)
        self.copy(f"{place.name} {where(place)}: {told}, {gained}{word}", place.name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Memory has aspects."""
        if action == "aspect":
            return len(self._aspects) > 1
        return super().check_action(action, parameters)
