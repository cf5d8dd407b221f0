"""What a builder attested of an image beside its layers."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Provenance:
    """Of one image, from the SLSA provenance attached to it."""

    lines: tuple[int | None, ...] = ()
    """For every layer, base first, the line from 1 of the instruction that made it; empty when none is told."""
    dockerfile: str = field(default="", repr=False)
    """Text of the Dockerfile, which may hold secrets; empty when it is not told."""
