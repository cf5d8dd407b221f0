"""What is different between two images."""

from dataclasses import dataclass
from typing import Literal

from workbench.model.image_index import ImageBytes


@dataclass(frozen=True, slots=True)
class StepDelta:
    """Two steps of the histories that answer each other, or one that has no counterpart."""

    kind: Literal["same", "rebuilt", "changed", "added", "removed"]
    """`same`: nothing differs. `rebuilt`: one instruction, other content. `changed`: another instruction instead."""
    before: int | None
    """Its number among all steps of the history, from 0, those without a layer included."""
    after: int | None
    before_instruction: str
    after_instruction: str
    before_bytes: int
    """Shipped."""
    after_bytes: int

    @property
    def delta_bytes(self) -> int:
        """How much fatter the image got by it."""
        return self.after_bytes - self.before_bytes


@dataclass(frozen=True, slots=True)
class LayerDelta(StepDelta):
    """Two layers that answer each other, or one without a counterpart: numbered among the layers, `same` by diff id."""


@dataclass(frozen=True, slots=True)
class PackageDelta:
    """A package that is not the same in both images."""

    kind: Literal["added", "removed", "upgraded", "resized"]
    """`upgraded`: another version, a lower one too. `resized`: the same version with other bytes."""
    manager: str
    name: str
    before_version: str
    after_version: str
    before_bytes: int
    after_bytes: int
    location: str = ""

    @property
    def delta_bytes(self) -> int:
        """How much fatter the image got by it."""
        return self.after_bytes - self.before_bytes


@dataclass(frozen=True, slots=True)
class PathDelta:
    """A directory or file that is not the same in both images."""

    path: str
    kind: Literal["added", "removed", "content", "metadata"]
    """`metadata`: the same content with another mode or owner; times are not compared, since every build changes them.
    A directory that both have is `content`."""
    before_bytes: int
    after_bytes: int

    @property
    def delta_bytes(self) -> int:
        """How much fatter the image got by it."""
        return self.after_bytes - self.before_bytes


@dataclass(frozen=True, slots=True)
class ConfigurationDelta:
    """A setting of the configuration that is not the same."""

    name: str
    """`user`, `command`, `environment PATH`, `label maintainer` …"""
    before: str | None
    """`None` when only the other image has it; secrets masked."""
    after: str | None

    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        """What happened to it."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"


@dataclass(frozen=True, slots=True)
class ImageComparison:
    """Two images side by side; every list has the largest change first unless it says otherwise."""

    before: str
    """Reference or id."""
    after: str
    before_bytes: ImageBytes
    after_bytes: ImageBytes
    layers: tuple[LayerDelta, ...]
    """Base first, all of them, those that are the same included."""
    packages: tuple[PackageDelta, ...]
    before_unowned_bytes: int
    after_unowned_bytes: int
    directories: tuple[PathDelta, ...]
    """Where the change is: without those whose whole change is in one directory below."""
    files: tuple[PathDelta, ...]
    files_omitted: int
    """How many more files differ than `files` lists."""
    configuration: tuple[ConfigurationDelta, ...]
    """In a fixed order."""
    history: tuple[StepDelta, ...]
    """In order, all of it, the steps that are the same included."""

    @property
    def delta_bytes(self) -> int:
        """How much fatter the image got: shipped bytes."""
        return self.after_bytes.shipped - self.before_bytes.shipped

    @property
    def fattest_layer(self) -> LayerDelta | None:
        """The layer that made the image fatter than any other did."""
        return max((one for one in self.layers if one.delta_bytes > 0), key=lambda one: one.delta_bytes, default=None)

    @property
    def fattest_package(self) -> PackageDelta | None:
        """The package that made the image fatter than any other did."""
        return max((one for one in self.packages if one.delta_bytes > 0), key=lambda one: one.delta_bytes, default=None)
