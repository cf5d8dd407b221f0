"""The tree: the merged file system, or what the layer under the cursor did."""

from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual.app import ComposeResult
from textual.reactive import var

from screens.anatomy.branches import CHANGE_COLUMNS, COLUMNS, Merged, OneLayer
from screens.anatomy.tree_filter import matching, parse, with_parents
from screens.pane import Pane
from screens.widgets.line import Part, Rule
from screens.widgets.size_tree import SizeTree
from workbench.anatomy import ImageAnatomy
from workbench.model.reading import Fresh, Missing, Reading

if TYPE_CHECKING:
    from screens.anatomy.screen import AnatomyScreen

MOST_MATCHES = 10_000
"""Matches that a search looks at: a single letter is in every second name."""
MOST_AT_ONCE = 20_000
"""Paths that are filtered while a key is handled; more would be felt."""
PAUSE = 0.12
"""Seconds the typing must rest before a large tree is filtered."""
Asked = tuple[int, int | None, str]
"""The identity of an image, the layer whose changes are shown if any, and what was typed."""
MOST_OPENED = 1000
"""A filter that leaves no more files and directories than this has them all open."""
LETTERS = "A added  M modified  R removed  C copied up"


class FilesPane(Pane):
    """A tree of sizes that can be searched, filtered and sorted."""

    ORDER: ClassVar[int] = 30

    sort: var[Literal["size", "name"]] = var("size")
    descending: var[bool] = var(True)
    words: var[str] = var("")
    """The filter as typed."""
    sought: var[str] = var("")
    """The search as typed."""

    def __init__(self) -> None:
        super().__init__()
        self._branches: Merged | OneLayer | None = None
        self._shown: ImageAnatomy | None = None
        self._matches: list[int] = []
        self._match = 0
        self._cut = False
        self._kept = 0
        self._passed: tuple[Asked | None, int, frozenset[int]] = (None, 0, frozenset())
        """What was last filtered, how much passed, and that with the directories above."""
        self._turn = 0
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
        for choice in ("sort", "descending", "words"):
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
        wanted = parse(self.words)
        only = None
        if wanted:
            asked = (id(anatomy), layer, self.words)
            if self._passed[0] != asked:
                self._pass(anatomy, asked)
            if self._passed[0] != asked:
                return  # it is drawn when it is known
            self._kept, only = self._passed[1:]
        by_name = self.sort == "name"
        if layer is None:
            self._branches = Merged(anatomy, by_name=by_name, descending=self.descending, only=only)
        else:
            self._branches = OneLayer(anatomy, layer, by_name=by_name, descending=self.descending, only=only)
        tree.set_columns(COLUMNS if layer is None else CHANGE_COLUMNS)
        tree.mark_sorted(self.sort, self.descending)
        if wanted:
            tree.say_empty("Nothing here passes the filter: Esc clears it")
        else:
            tree.say_empty("This layer changes no file" if layer is not None else "This image has no files")
        # The same nodes are the keys of the merged system and of every layer: what is open stays open.
        another, self._shown = anatomy is not self._shown, anatomy
        if another:
            self._opened = frozenset()
        if only is None and self._opened is not None:
            tree.open_only(self._opened)
            self._opened = None
        elif only is not None:
            if self._opened is None:
                self._opened = tree.opened
            tree.open_only(only if len(only) <= MOST_OPENED else self._opened)
        tree.show(self._branches, forget=another and only is None)
        self._entitle()

    def _pass(self, anatomy: ImageAnatomy, asked: Asked) -> None:
        """Filter, at once where that is quick, else on another thread when the typing rests."""
        _, layer, words = asked

        def work() -> tuple[int, frozenset[int]]:
            found = matching(anatomy, parse(words), None if layer is None else anatomy.changes[layer])
            return len(found), with_parents(anatomy, found)

        if len(anatomy.analysis.overlay.names) <= MOST_AT_ONCE:
            self._passed = (asked, *work())
            return
        self._turn += 1
        turn, app = self._turn, self.workbench

        def begin() -> None:
            if turn == self._turn:
                app.session.work_out(work, lambda reading: app.deliver(lambda: done(reading)))

        def done(reading: Reading[tuple[int, frozenset[int]]]) -> None:
            if turn == self._turn and isinstance(reading, Fresh) and self.is_mounted:
                self._passed = (asked, *reading.value)
                self._draw()

        self.set_timer(PAUSE, begin)

    def _entitle(self) -> None:
        layer = self.layer_shown
        notes = []
        if self.sought:
            more = "+" if self._cut else ""
            found = f"match {self._match + 1} of {len(self._matches)}{more}, largest first"
            notes.append(
                Part(
                    f"/{self.sought}  {found if self._matches else 'no match'}", "accent" if self._matches else "watch"
                )
            )
        if self.words:
            notes.append(Part(f"filter {self.words}  {self._kept} left", "accent", "screen.filter_tree"))
        if layer is not None:
            notes.insert(0, Part(LETTERS, "dim"))
        notes.append(Part("merged" if layer is None else "one layer", "dim", "screen.changes"))
        title = "Files" if layer is None else f"Changes of layer {layer}"
        self.query_one("#title", Rule).title(title, *notes)

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
        self._matches = []
        self._match = 0
        anatomy = self._anatomy
        if self.sought and anatomy is not None and self._branches is not None:
            overlay = anatomy.analysis.overlay
            found = anatomy.names.find(self.sought, MOST_MATCHES)
            self._cut = len(found) >= MOST_MATCHES
            layer = self.layer_shown
            if layer is None:
                alive = overlay.alive
                self._matches = [node for node in found if node and alive[node]]
                self._matches.sort(key=anatomy.analysis.sizes.__getitem__, reverse=True)
            else:
                changes = anatomy.changes[layer]
                touched = [
                    (change.shipped + change.hidden, node) for node in found if node and (change := changes.at(node))
                ]
                self._matches = [node for _, node in sorted(touched, reverse=True)]
            self._jump()
        self._entitle()

    def next_match(self, step: int) -> None:
        """Go to the next match, or the previous one."""
        if self._matches:
            self._match = (self._match + step) % len(self._matches)
            self._jump()
            self._entitle()

    def _jump(self) -> None:
        """To the match; those that a filter hides are passed over."""
        tree = self.query_one(SizeTree)
        for _ in range(min(len(self._matches), 100)):
            if tree.reveal(self._matches[self._match]):
                return
            self._match = (self._match + 1) % len(self._matches)


PANE = FilesPane
