"""What of a profile is looked at: keys that choose threads, a span of time, folding, order, aspect and colours."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

from textual.reactive import var

from screens.commands.table import bindings_for
from screens.profile.viewing import Viewing
from workbench.measure.flame.transform import FEW_THREADS
from workbench.measure.flame.views import Choices, parts
from workbench.model.frame_tree import Kind
from workbench.model.profile import Profile


class Choosing(Viewing):
    """A screen of one profile, with what is chosen in it."""

    BINDINGS = bindings_for("profile")  # type: ignore[assignment]
    OFFERED: ClassVar[dict[str, Callable[["Choosing"], object]]] = {
        "part": lambda screen: screen.kinds["process"] + screen.kinds["thread"],
        "threads": lambda screen: screen.kinds["thread"],
        "busy": lambda screen: screen.profile.unit != "bytes",
        "span": lambda screen: screen.profile.moments,
        "span_size": lambda screen: screen.profile.moments,
        "order": lambda screen: screen.profile.timeline or screen.profile.moments,
        "aspect": lambda screen: len(screen.profile.aspects) > 1,
        "by_number": lambda screen: screen.profile.unit == "bytes" and screen.profile.tree.calls is not None,
    }
    """Choices that not every profile has."""

    profile: Profile
    choices: var[Choices] = var(Choices())

    @cached_property
    def kinds(self) -> Counter[Kind]:
        """How many places of each kind there are: what a look at all of them for every key would cost too much."""
        return Counter(place.kind for place in self.profile.tree.places)

    @property
    def threads_apart(self) -> bool:
        """Whether each thread is drawn on its own."""
        chosen = self.choices.threads_apart
        return self.kinds["thread"] <= FEW_THREADS if chosen is None else chosen

    def action_busy(self) -> None:
        """With the stacks that wait, or without."""
        self.choices = replace(self.choices, busy=not self.choices.busy)

    def action_part(self, step: int) -> None:
        """The next process or thread; all of them after the last."""
        found = [(), *parts(self.profile.tree)]
        place = found.index(self.choices.part) if self.choices.part in found else 0
        self.choices = replace(self.choices, part=found[(place + step) % len(found)])

    def action_threads(self) -> None:
        """Every thread on its own, or all of a process together."""
        self.choices = replace(self.choices, threads_apart=not self.threads_apart)

    def action_order(self) -> None:
        """The largest first, or as it ran."""
        self.choices = replace(self.choices, in_time=not self.choices.in_time)

    def action_fold_library(self) -> None:
        """Count what libraries did for the code that called them."""
        self.choices = replace(self.choices, fold_library=not self.choices.fold_library)

    def action_fold_recursion(self) -> None:
        """A function once in each stack."""
        self.choices = replace(self.choices, fold_recursion=not self.choices.fold_recursion)

    def action_colours(self) -> None:
        """Painted by module, or by whose code it is."""
        self.choices = replace(self.choices, by_module=not self.choices.by_module)

    def action_aspect(self) -> None:
        """The next of the profile's trees: of memory its peak, what was left, what was brief."""
        found = self.profile.aspects
        self.choices = replace(self.choices, aspect=(self.choices.aspect + 1) % len(found))

    def action_by_number(self) -> None:
        """How many allocations, or how many bytes."""
        self.choices = replace(self.choices, by_number=not self.choices.by_number)

    def action_span(self, step: int) -> None:
        """A span of the recording, earlier or later."""
        count = self._slices()
        if self.choices.span is None:
            width = max(1, count // 2)
            first = 0 if step < 0 else count - width
        else:
            first, last = self.choices.span
            width = last - first
            first += step * max(1, width // 2)
        self.span_at(first, width)

    def action_span_size(self, step: int) -> None:
        """Half of the span, or twice as much; all of the recording when it is as long."""
        count = self._slices()
        first, last = self.choices.span or (0, count)
        width = max(1, (last - first) // 2) if step < 0 else 2 * (last - first)
        self.span_at(first, width)

    def span_at(self, first: int, width: int) -> None:
        """Look at so many slices of the recording from one on; at all of it when there are not more."""
        count = self._slices()
        first = max(0, min(first, count - width))
        self.choices = replace(self.choices, span=None if width >= count else (first, first + width))

    def _slices(self) -> int:
        moments = self.profile.moments
        return len(moments) if moments is not None else 0

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key line names what this profile has."""
        offered = self.OFFERED.get(action)
        if offered is not None and self.is_mounted and not offered(self):
            return False
        return super().check_action(action, parameters)
