"""The context of a side as its builder would be sent it."""

import hashlib
from dataclasses import dataclass
from threading import Event

from workbench.builds.recipe import Recipe
from workbench.errors import UsageError
from workbench.measure.rebuild.inputs import ContextInputs
from workbench.measure.rebuild.plan import Facts
from workbench.measure.rebuild.what_if import WhatIf
from workbench.measure.text import printable
from workbench.model.build import Builder
from workbench.model.build_context import ContextListing
from workbench.sources.build_context import MOST_ENTRIES, read_context

_BESIDE = frozenset({".git", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Context:
    """A Dockerfile and what it may copy, as they are now; of the files only names, sizes and times."""

    recipe: Recipe
    builder: Builder
    text: str
    listing: ContextListing

    @classmethod
    def read(cls, recipe: Recipe, builder: Builder, stop: Event) -> "Context":
        """Look at every file's name, and at none's content.

        Raises:
            Stopped: when it was stopped.
            UsageError: when there is no such Dockerfile or context, or its `.dockerignore` is no good.
        """
        text = recipe.text()
        listing = read_context(recipe.context, recipe.dockerfile, stop, builder=builder, weighs_left_out=False)
        return cls(recipe, builder, text, listing)

    def state(self) -> str:
        """Another one whenever the Dockerfile or a file that is sent is: hashed are names, sizes and times.

        What programs write beside the source whenever they run is left out, though it may be sent.

        Raises:
            UsageError: when there are more files than were looked at.
        """
        if not self.listing.is_complete:
            folder = printable(str(self.recipe.context))
            raise UsageError(
                f"{folder} has more than {MOST_ENTRIES:,} files", "name a folder with less beside the source"
            )
        known = hashlib.sha256(self.text.encode("utf-8", "surrogateescape"))
        for path, entry in self.listing.entries.items():
            if _BESIDE.isdisjoint(path.split("/")):
                # A folder is modified by what is left out of it, too
                modified = entry.modified_ns if entry.kind == "file" else 0
                told = f"{path}\0{entry.kind}\0{entry.mode}\0{entry.size}\0{modified}\0{entry.target}\n"
                known.update(told.encode("utf-8", "surrogateescape"))
        return known.hexdigest()

    def source_files(self) -> tuple[str, ...]:
        """Files of code that steps of the build take, those first whose change costs most."""
        inputs = ContextInputs(self.listing.entries, lambda _: "", self.builder)
        facts = Facts(self.builder, inputs, dict(self.recipe.arguments), self.recipe.target)
        return WhatIf(self.text, facts, {}).source_files()
