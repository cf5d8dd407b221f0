"""Two profiles compared: a differential flame graph, and what each function's difference is worth."""

from collections.abc import Sequence
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
from workbench.measure.compare.repeated_profiles import METHOD, RepeatedFunction, RepeatedProfiles, compare_repeats
from workbench.measure.compare.words import change as changed
from workbench.measure.compare.words import told
from workbench.measure.flame.diff import FunctionDiff, ProfileDiff, aspects_of_both, compare_several
from workbench.measure.flame.diff_words import change, figure, verdict
from workbench.measure.flame.geometry import FlameLayout
from workbench.model.frame_tree import Place
from workbench.model.profile import Profile
from workbench.model.reading import Fresh, Missing, Reading

COMPARING = "comparing the profiles"
_Compared = tuple[ProfileDiff, FlameLayout, RepeatedProfiles | Missing]


class ProfileDiffScreen(Viewing):
    """What changed from one profile to another.

    Args:
        before: The run of one side, or several that repeat each other.
        after: Those of the other.
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
    in_times: var[bool] = var(False)
    """Whether the table tells what repeated runs took, instead of shares."""

    def __init__(self, before: Sequence[Profile], after: Sequence[Profile]) -> None:
        super().__init__()
        self.before = tuple(before)
        self.after = tuple(after)
        self.layout_now: FlameLayout | None = None
        self.repeats: RepeatedProfiles | Missing = Missing("")
        """What repeated runs tell beyond shares, or why there is nothing of that."""
        self.set_reactive(Viewing.sort, "worth")
        self._aspects = aspects_of_both(before[0], after[0])
        self.aspect = self._aspects[0] if self._aspects else ""
        self._wants_times = True
        self._turn = 0

    def on_mount(self) -> None:
        """Begin to compare."""
        super().on_mount()
        self._compare()

    def _compare(self) -> None:
        self._turn += 1
        turn, before, after, aspect, app = self._turn, self.before, self.after, self.aspect, self.workbench

        def work() -> _Compared:
            found = compare_several(before, after, aspect)
            return found, FlameLayout(found.stacks.both), compare_repeats(before, after)

        if sum(len(profile.tree) for profile in (*before, *after)) < LARGE:
            self._show(*work())
            return
        app.doing = COMPARING

        def done(reading: Reading[_Compared]) -> None:
            if turn != self._turn:
                return
            app.doing = ""
            if isinstance(reading, Fresh):
                self._show(*reading.value)
            else:
                app.say(reading.reason)

        self.work_out(work, done)

    def on_unmount(self) -> None:
        """Nobody is left to look at it."""
        if self.workbench.doing == COMPARING:
            self.workbench.doing = ""

    def _show(self, diff: ProfileDiff, layout: FlameLayout, repeats: RepeatedProfiles | Missing) -> None:
        self.layout_now = layout
        self.repeats = repeats
        self.set_reactive(ProfileDiffScreen.in_times, isinstance(repeats, RepeatedProfiles) and self._wants_times)
        self._by_function = {each.place.function: each for each in diff.functions}
        several = repeats.functions if isinstance(repeats, RepeatedProfiles) else ()
        self._times = {each.place.function: each for each in several}
        self.diff = diff

    def function_at(self, place: Place) -> FunctionDiff | None:
        """What is known of a frame's function over both profiles."""
        return self._by_function.get(place.function)

    def times_at(self, place: Place) -> RepeatedFunction | None:
        """What repeated runs tell of a frame's function."""
        return self._times.get(place.function)

    def warnings(self) -> tuple[str, ...]:
        """Where the figures mislead."""
        of_each = [
            f"{name}: {words}"
            for name, side in (("before", self.before), ("after", self.after))
            for words in dict.fromkeys(words for profile in side for words in profile.warnings)
        ]
        return (*(self.diff.warnings if self.diff else ()), *self._doubts(), *of_each)

    def _doubts(self) -> tuple[str, ...]:
        """Of what repeated runs took; that there is nothing of it is no reason to doubt."""
        return () if isinstance(self.repeats, Missing) else tuple(flag.words for flag in self.repeats.flags)

    # --- commands --------------------------------------------------------------------------------------------------

    @on(LiveTable.Opened)
    def _row_opened(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """Zoom into the frame; from the table, go to the function's widest frame."""
        flame = self.query_one(FlameGraph)
        if self._here == "flame":
            flame.zoom_in()
        elif (place := self._place()) is not None and (tree := flame.frames) is not None:
            nodes = [node for node in range(1, len(tree)) if tree.at(node).function == place.function]
            self.action_view("flame")
            flame.reveal(max(nodes, key=tree.total.__getitem__, default=0))

    def _place(self) -> Place | None:
        """The function under the table's cursor."""
        key = self.query_one("#functions", LiveTable).current
        if key is None or self.diff is None:
            return None
        if self.in_times and isinstance(self.repeats, RepeatedProfiles):
            return self.repeats.functions[int(key)].place
        return self.diff.functions[int(key)].place

    def action_times(self) -> None:
        """What repeated runs took, or shares; without repeats, why there are only shares."""
        if isinstance(self.repeats, Missing):
            self.workbench.say(self.repeats.reason, 12.0)
        else:
            self.in_times = self._wants_times = not self.in_times

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
        told = [*self.warnings(), *([self.diff.method] if self.diff and self.diff.method else [])]
        if isinstance(self.repeats, RepeatedProfiles):
            told.append(f"Times: {METHOD}")
        elif self.repeats.reason:
            told.append(f"{self.repeats.reason}. {self.repeats.hint}")
        self.app.push_screen(TextScreen("Warnings and method", "\n\n".join(told) or "There is none"))

    def action_copy(self) -> None:
        """The function, its file and what it gained or lost."""
        flame, diff = self.query_one(FlameGraph), self.diff
        if diff is None:
            return
        place = diff.stacks.both.at(flame.cursor) if self._here == "flame" else self._place()
        if place is None:
            return
        here = f"{place.name} {where(place)}"
        if self._here != "flame" and self.in_times and (times := self.times_at(place)) is not None:
            row = times.total
            sides = f"{told(row.before, row.unit)} → {told(row.after, row.unit)}"
            self.copy(f"{here}: {sides}, {changed(row)} ({row.words})", place.name)
            return
        word, figures = "", diff.stacks.figures(flame.cursor)
        if self._here != "flame" and (each := self.function_at(place)) is not None:
            word, figures = f" ({verdict(each)})", (each.total_before, each.total_after)
        before, after = figures
        sides = f"{figure(before, by_amount=diff.by_amount)} → {figure(after, by_amount=diff.by_amount)}"
        self.copy(f"{here}: {sides}, {change(after - before, by_amount=diff.by_amount)}{word}", place.name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Memory has aspects."""
        if action == "aspect":
            return len(self._aspects) > 1
        return super().check_action(action, parameters)
