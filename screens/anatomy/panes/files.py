"""The tree: the merged file system, or what the layer under the cursor did."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, cast

from textual.app import ComposeResult
from textual.reactive import var

from screens.anatomy.branches import CHANGE_COLUMNS, COLUMNS, Merged, OneLayer
from screens.anatomy.tree_filter import EVERY_CHANGE, Passed, parse, what_passes
from screens.anatomy.tree_search import TreeSearch, matches
from screens.anatomy.words import MARKS
from screens.latest import Latest
from screens.pane import Pane
from screens.widgets.line import Part, Rule
from screens.widgets.size_tree import SizeTree
from workbench.anatomy import ImageAnatomy
from workbench.measure.changes import COPIED_UP, MODIFIED, UNCHANGED
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.anatomy.screen import AnatomyScreen

MOST_AT_ONCE = 20_000
"""Paths that are searched and filtered while a key is handled; more would be felt."""
PAUSE = 0.12
"""Seconds the typing must rest before a large tree is filtered."""
MOST_OPENED = 1000
"""A filter that leaves no more files and directories than this has them all open."""
LETTERS = "A added  M modified  R removed  C copied up"


class Asked(NamedTuple):
    """What decides what a tree shows."""

    image: int
    layer: int | None
    words: str
    kinds: frozenset[int]


class FilesPane(Pane):
    """A tree of sizes that can be searched, filtered and sorted."""

    ORDER: ClassVar[int] = 30

    sort: var[Literal["size", "name"]] = var("size")
    descending: var[bool] = var(True)
    words: var[str] = var("")
    """The filter as typed."""
    sought: var[str] = var("")
    """The search as typed."""
    kinds: var[frozenset[int]] = var(EVERY_CHANGE)
    """The changes of a layer that are shown; `UNCHANGED` among them for what it left as it was."""

    def __init__(self) -> None:
        super().__init__()
        self._branches: Merged | OneLayer | None = None
        self._shown: ImageAnatomy | None = None
        self._search = TreeSearch(self)
        self._filter: Latest[Passed] = Latest(self)
        self._passed: tuple[Asked | None, Passed] = (None, Passed())
        """What was last filtered, and what passed."""
        self._opened: frozenset[int] | None = None
        """What was open before a filter opened everything that it left."""

    def compose(self) -> ComposeResult:
        """A title and the tree."""
        yield Rule(id="title")
        yield SizeTree(COLUMNS, id="tree")

    def on_mount(self) -> None:
        """Follow the image, the choice between merged and one layer, and that layer."""
        for name in ("anatomy", "scope", "tree_layer"):
            self.watch(self.screen, name, self._draw, init=name == "anatomy")
        for choice in ("sort", "descending", "words", "kinds"):
            self.watch(self, choice, self._draw, init=False)
        self.watch(self, "sought", self._seek, init=False)

    @property
    def _anatomy(self) -> ImageAnatomy | None:
        reading = cast("AnatomyScreen", self.screen).anatomy
        return reading.value if isinstance(reading, Fresh) else None

    @property
    def layer_shown(self) -> int | None:
        """The layer whose changes are shown; `None` in the merged system."""
        return self._branches.layer if isinstance(self._branches, OneLayer) else None

    @property
    def with_unmodified(self) -> bool:
        """Whether what that layer left as it was is shown too."""
        return isinstance(self._branches, OneLayer) and self._branches.with_unmodified

    def current(self) -> int | None:
        """The node under the cursor."""
        return self.query_one(SizeTree).current

    def is_folder(self, node: int) -> bool:
        """Whether there is something to open below a node."""
        return self._branches is not None and self._branches.is_folder(node)

    # --- what is shown ---------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        screen = cast("AnatomyScreen", self.screen)
        tree = self.query_one(SizeTree)
        anatomy = self._anatomy
        if anatomy is None:
            missing = screen.anatomy
            tree.say_empty(
                f"{missing.reason}{': ' if missing.hint else ''}{missing.hint}"
                if isinstance(missing, Missing)
                else "the layers are still being read"
            )
            self._branches = None
            self._shown = None
            tree.show(None, forget=True)
            self._entitle()
            return
        layer = screen.tree_layer if screen.scope == "layer" else None
        asked = Asked(id(anatomy), layer, self.words, EVERY_CHANGE if layer is None else self.kinds)
        if self._passed[0] != asked:
            self._pass(anatomy, asked)
        if self._passed[0] != asked:
            return  # it is drawn when it is known
        passed = self._passed[1]
        by_name, descending = self.sort == "name", self.descending
        if layer is None:
            self._branches = Merged(anatomy, by_name=by_name, descending=descending, only=passed.only)
        else:
            self._branches = OneLayer(anatomy, layer, by_name=by_name, descending=descending, passed=passed)
        tree.set_columns(COLUMNS if layer is None else CHANGE_COLUMNS)
        tree.mark_sorted(self.sort, self.descending)
        filtered = bool(parse(self.words))
        if filtered:
            tree.say_empty("Nothing here passes the filter: Esc clears it")
        elif passed.only is not None:
            tree.say_empty("All of it is hidden: the same keys show it again")
        else:
            tree.say_empty("This layer changes no file" if layer is not None else "This image has no files")
        # The same nodes are the keys of the merged system and of every layer: what is open stays open.
        another, self._shown = anatomy is not self._shown, anatomy
        if another:
            self._opened = frozenset()
        if not filtered and self._opened is not None:
            tree.open_only(self._opened)
            self._opened = None
        elif filtered and passed.only is not None:
            if self._opened is None:
                self._opened = tree.opened
            tree.open_only(passed.only if len(passed.only) <= MOST_OPENED else self._opened)
        tree.show(self._branches, forget=another and not filtered)
        self._entitle()

    def _pass(self, anatomy: ImageAnatomy, asked: Asked) -> None:
        """Filter, at once where that is quick, else on another thread when the typing rests."""
        work = partial(what_passes, anatomy, asked.words, asked.layer, asked.kinds)

        def done(passed: Passed) -> None:
            self._passed = (asked, passed)
            self._draw()

        nothing_to_do = not parse(asked.words) and asked.kinds == EVERY_CHANGE
        if nothing_to_do or self._is_small(anatomy):
            self._filter.forget()
            self._passed = (asked, work())
        else:
            self._filter.ask(work, done, rest=PAUSE if asked.words != self._words_shown else 0)

    @property
    def _words_shown(self) -> str:
        asked = self._passed[0]
        return asked.words if asked is not None else ""

    def _is_small(self, anatomy: ImageAnatomy) -> bool:
        return len(anatomy.analysis.overlay.names) <= MOST_AT_ONCE

    def _entitle(self) -> None:
        layer = self.layer_shown
        # Where there is little room, the first go first.
        notes = [] if layer is None else [Part(LETTERS, "dim")]
        notes.append(Part("merged" if layer is None else "one layer", "dim", "screen.changes"))
        if self.words:
            notes.append(Part(f"filter {self.words}  {self._passed[1].kept} left", "accent", "screen.filter_tree"))
        if layer is not None and (chosen := _chosen(self.kinds)):
            notes.append(Part(chosen, "accent"))
        notes += self._search.notes()
        title = "Files" if layer is None else f"Changes of layer {layer}"
        self.query_one("#title", Rule).title(title, *notes)

    def toggle(self, mark: int) -> None:
        """Show what carries a mark, or hide it; what was copied up goes with what was modified."""
        self.kinds = self.kinds ^ (frozenset((MODIFIED, COPIED_UP)) if mark == MODIFIED else frozenset((mark,)))

    # --- sort, search ----------------------------------------------------------------------------------------------

    def sort_by(self, column: str) -> None:
        """Sort by size or by name; by the same one again, turn the order round."""
        if column == self.sort:
            self.descending = not self.descending
        elif column == "name":
            self.descending = False
            self.sort = "name"
        elif column == "size":
            self.descending = True
            self.sort = "size"

    def sort_next(self) -> None:
        """By name when by size, and back."""
        self.sort_by("name" if self.sort == "size" else "size")

    def _seek(self) -> None:
        anatomy = self._anatomy
        if not self.sought or anatomy is None or self._branches is None:
            self._search.clear()
            self._entitle()
            return
        work = partial(matches, anatomy, self.sought, self.layer_shown, self._passed[1].standing)
        self._search.begin(self.sought, work, self._jump, at_once=self._is_small(anatomy))

    def next_match(self, step: int) -> None:
        """Go to the next match, or the previous one."""
        if self._search.step(step):
            self._jump()

    def _jump(self) -> None:
        self._search.settle(self.query_one(SizeTree).reveal)
        self._entitle()


def _chosen(kinds: frozenset[int]) -> str:
    """Which changes are hidden, and whether more than changes is shown; empty for exactly the changes."""
    hidden = "".join(letter for mark, (letter, _) in MARKS.items() if mark not in kinds)
    told = [f"−{hidden}"] if hidden else []
    return " ".join([*told, *(["+unmodified"] if UNCHANGED in kinds else [])])


PANE = FilesPane
