"""The context of a side as its builder would be sent it."""

from dataclasses import dataclass

from workbench.builds.recipe import Recipe
from workbench.measure.rebuild.inputs import ContextInputs
from workbench.measure.rebuild.plan import Facts
from workbench.measure.rebuild.what_if import WhatIf
from workbench.model.build import Builder
from workbench.model.build_context import ContextListing
from workbench.sources.build_context import read_context


@dataclass(frozen=True, slots=True)
class Context:
    """A Dockerfile and what it may copy, as they are now; of the files only names, sizes and times."""

    recipe: Recipe
    builder: Builder
    text: str
    listing: ContextListing

    @classmethod
    def read(cls, recipe: Recipe, builder: Builder) -> "Context":
        """Look at every file's name, and at none's content.

        Raises:
            UsageError: when there is no such Dockerfile or context, or its `.dockerignore` is no good.
        """
        return cls(recipe, builder, recipe.text(), read_context(recipe.context, recipe.dockerfile, builder=builder))

    def source_files(self) -> tuple[str, ...]:
        """Files of code that steps of the build take, those first whose change costs most."""
        inputs = ContextInputs(self.listing.entries, lambda _: "", self.builder)
        facts = Facts(self.builder, inputs, dict(self.recipe.arguments), self.recipe.target)
        return WhatIf(self.text, facts, {}).source_files()
