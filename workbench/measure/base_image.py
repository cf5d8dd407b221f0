"""Where the base image ends and one's own layers begin."""

from collections.abc import Mapping, Sequence

from workbench.model.image_index import BaseSplit
from workbench.model.images import ImageDetail, Layer

NAME_LABEL = "org.opencontainers.image.base.name"
_PAUSE_SECONDS = 300.0
"""A base is built another day, one's own layers within minutes. Steps closer than this are one build's."""

_LONG_PAUSE_SECONDS = 6 * 3600.0


def base_split(
    detail: ImageDetail,
    diff_ids: Sequence[str],
    local_images: Sequence[tuple[str, Sequence[str]]] = (),
    annotations: Mapping[str, str] | None = None,
) -> BaseSplit:
    """The base, as well as it can be known.

    A local image that is, whole, the lower part of this one is its base. Else the layers that it has in common with an
    image of another repository are; else the history tells: a base ends in a CMD or ENTRYPOINT that is not the last
    one, or in a pause. The name is the local image's, else what an OCI annotation says.

    Args:
        detail: Of the image.
        diff_ids: Its layers, base first.
        local_images: Name and diff ids of the images at hand; this image itself may be among them.
        annotations: Of the image's manifest and its labels.
    """
    named = (annotations or {}).get(NAME_LABEL, "").strip()[:512]
    own = tuple(diff_ids)
    whole, whole_name, shared = 0, "", 0
    ours = {_repository(reference) for reference in detail.references}
    for name, other_ids in local_images:
        other = tuple(other_ids)
        common = _common(own, other)
        if common == 0 or not name or other == own:
            continue
        if common == len(other):
            # Of equal images the one that the annotation names, then the shortest name.
            if (common, name == named, -len(name)) > (whole, whole_name == named, -len(whole_name)):
                whole, whole_name = common, name
        elif common < len(own) and _repository(name) not in ours:
            shared = max(shared, common)
    if whole >= max(shared, 1):
        return BaseSplit(whole, whole_name, "local image")
    if shared:
        return BaseSplit(shared, named, "shared layers")
    told = min(_by_history(detail.layers), len(own))
    if named:
        return BaseSplit(told, named, "annotation")
    return BaseSplit(told, "", "history") if told else BaseSplit()


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for here, there in zip(one, other, strict=False):
        if here != there:
            break
        count += 1
    return count


def _repository(reference: str) -> str:
    """A repository's last name: a copy in another registry is no other image."""
    name = reference.partition("@")[0]
    head, colon, tail = name.rpartition(":")
    name = head if colon and "/" not in tail else name
    return name.rpartition("/")[2]


def _by_history(steps: Sequence[Layer]) -> int:
    """How many layers stand before the last sign of a base's end."""
    for place in range(len(steps) - 1, 0, -1):
        below = sum(step.index is not None for step in steps[:place])
        above = sum(step.index is not None for step in steps[place:])
        if not below or not above:
            continue
        before, after = steps[place - 1].created_at, steps[place].created_at
        ends = steps[place - 1].instruction.partition(" ")[0] in ("CMD", "ENTRYPOINT")
        if before is None or after is None or before <= 0 or after <= 0:
            if ends:
                return below
            continue
        if after - before >= (_PAUSE_SECONDS if ends else _LONG_PAUSE_SECONDS):
            return below
    return 0
