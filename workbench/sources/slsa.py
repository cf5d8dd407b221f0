"""BuildKit's provenance of an image: an in-toto statement with a SLSA predicate, of either version.

Built with `mode=max` it tells, for every step, its place in the Dockerfile and the chain of layers it ended in. A
layer's instruction is that of the step whose chain ends in it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import msgspec

from workbench.model.provenance import Provenance

_LARGEST_DOCKERFILE_BYTES = 2**20
_HIGHEST_LINE = 2**20
_MOST_WAYS = 4
"""In which the last step's layers are compressed."""


class _Position(msgspec.Struct):
    line: int = 0


class _Range(msgspec.Struct):
    start: _Position


class _Location(msgspec.Struct, rename="camel"):
    ranges: list[_Range] | None = None
    source_index: int = 0


class _Locations(msgspec.Struct):
    """Several where stages share a step."""

    locations: list[_Location] | None = None


class _Info(msgspec.Struct):
    data: bytes = b""


class _Source(msgspec.Struct):
    locations: dict[str, _Locations] | None = None
    infos: list[_Info] | None = None


class _Digest(msgspec.Struct):
    digest: str


class _BuildKit(msgspec.Struct):
    source: _Source | None = None
    layers: dict[str, list[list[_Digest]]] | None = None
    """By step and output, `step4:0`: chains of layers, one for each way they are compressed."""


class _SourceOperation(msgspec.Struct):
    """A FROM, or the build context."""

    identifier: str = ""


class _Kind(msgspec.Struct):
    source: _SourceOperation | None = None


class _Operation(msgspec.Struct):
    kind: _Kind | None = msgspec.field(name="Op", default=None)


class _Step(msgspec.Struct):
    id: str = ""
    op: _Operation | None = None
    inputs: list[str] | None = None

    @property
    def is_source(self) -> bool:
        return self.op is not None and self.op.kind is not None and self.op.kind.source is not None


class _BuildConfig(msgspec.Struct, rename="camel"):
    llb_definition: list[_Step] | None = None


class _Metadata02(msgspec.Struct):
    buildkit: _BuildKit | None = msgspec.field(name="https://mobyproject.org/buildkit@v1#metadata", default=None)


class _Metadata1(msgspec.Struct):
    buildkit: _BuildKit | None = msgspec.field(name="buildkit_metadata", default=None)


class _InternalParameters(msgspec.Struct, rename="camel"):
    build_config: _BuildConfig | None = None


class _BuildDefinition(msgspec.Struct, rename="camel"):
    internal_parameters: _InternalParameters | None = None


class _RunDetails(msgspec.Struct):
    metadata: _Metadata1 | None = None


class _Predicate(msgspec.Struct, rename="camel"):
    """What version 0.2 and version 1 name differently, side by side."""

    metadata: _Metadata02 | None = None
    build_config: _BuildConfig | None = None
    build_definition: _BuildDefinition | None = None
    run_details: _RunDetails | None = None

    @property
    def buildkit(self) -> _BuildKit | None:
        if self.metadata is not None and self.metadata.buildkit is not None:
            return self.metadata.buildkit
        if self.run_details is not None and self.run_details.metadata is not None:
            return self.run_details.metadata.buildkit
        return None

    @property
    def steps(self) -> list[_Step]:
        config = self.build_config
        if config is None and self.build_definition is not None:
            parameters = self.build_definition.internal_parameters
            config = None if parameters is None else parameters.build_config
        return [] if config is None else config.llb_definition or []


class _Subject(msgspec.Struct):
    digest: dict[str, str] | None = None


class _Statement(msgspec.Struct):
    predicate: _Predicate
    subject: list[_Subject] | None = None


def read_provenance(document: bytes, manifest: str, layers: Sequence[str]) -> Provenance | None:
    """What a statement tells of an image; `None` when it is not of the kind that tells lines.

    Args:
        document: The statement in JSON.
        manifest: Digest of the image's manifest, `sha256:…`.
        layers: Digests of the image's layers as its manifest has them, base first.

    Raises:
        ValueError: when it is damaged, or of another image.
    """
    try:
        statement = msgspec.json.decode(document, type=_Statement)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    # A build that gives its image no name has no subject either.
    subjects = {(subject.digest or {}).get("sha256", "") for subject in statement.subject or []}
    if subjects and manifest.removeprefix("sha256:") not in subjects:
        raise ValueError("it is of another image")
    buildkit = statement.predicate.buildkit
    if buildkit is None or buildkit.source is None:
        return None
    text = _dockerfile(buildkit.source)
    lines = _lines(buildkit, statement.predicate.steps, tuple(layers), text.count("\n") + 1 if text else _HIGHEST_LINE)
    return Provenance(lines, text) if lines or text else None


def _dockerfile(source: _Source) -> str:
    data = source.infos[0].data if source.infos else b""
    return data.decode("utf-8", "replace") if len(data) <= _LARGEST_DOCKERFILE_BYTES else ""


def _lines(
    buildkit: _BuildKit, steps: Sequence[_Step], layers: tuple[str, ...], highest: int
) -> tuple[int | None, ...]:
    """For every layer its line, from the last up, so that a step shared by stages gets the line of the last of them."""
    places = (buildkit.source and buildkit.source.locations) or {}
    made_by: list[list[str]] = [[] for _ in layers]
    for step, index in _makers(buildkit, steps, layers):
        made_by[index].append(step)
    starts = {step: sorted(_starts(places.get(step))) for step in {step for makers in made_by for step in makers}}
    found: list[int | None] = [None] * len(layers)
    below = highest
    for index in reversed(range(len(layers))):
        upto = [(starts[step], bisect_right(starts[step], below)) for step in made_by[index]]
        fitting = [lines[end - 1] for lines, end in upto if end]
        if fitting:
            found[index] = below = max(fitting)
    return tuple(found) if any(found) else ()


def _makers(buildkit: _BuildKit, steps: Sequence[_Step], layers: tuple[str, ...]) -> set[tuple[str, int]]:
    """Steps and the places of the layers they made. What a FROM brings was made elsewhere."""
    sources = {step.id for step in steps if step.is_source}
    chains = {
        key: [tuple(layer.digest for layer in chain) for chain in ways] for key, ways in (buildkit.layers or {}).items()
    }
    # An export that packs its layers anew has other digests than the steps: the last step's chain stands for it.
    last = (steps[-1].inputs or [""])[0] if steps else ""
    made: set[tuple[str, int]] = set()
    for result in (layers, *[chain for chain in chains.get(last, ()) if len(chain) == len(layers)][:_MOST_WAYS]):
        found = {
            (step, len(chain) - 1)
            for key, ways in chains.items()
            if (step := key.rpartition(":")[0]) not in sources
            for chain in ways
            if chain and chain == result[: len(chain)]
        }
        made = max(made, found, key=len)
    return made


def _starts(places: _Locations | None) -> Iterator[int]:
    """The first line of each place in the Dockerfile, the first of the sources."""
    for place in (places.locations if places is not None else None) or []:
        lines = [reach.start.line for reach in place.ranges or [] if reach.start.line > 0]
        if lines and place.source_index == 0:
            yield min(lines)
