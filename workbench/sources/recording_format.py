"""The file format of a recording: one JSON document a line, a header first, then what was read and when.

    {"workbench_recording": 2, "workbench_version": "0.1.0", "started": "2025-…", "name": "local", "interval": 1.0}
    {"t": 0.412, "source": "fleet", "value": {…}}
    {"t": 0.420, "source": "gpu", "missing": {"reason": "…", "hint": "…"}}
    {"t": 1.413, "source": "gpu", "same": true}
    {"t": 0.800, "image": "sha256:…", "value": {…}}
    {"t": 0.810, "container": "4f5e…", "value": {…}}
    {"t": 4.250, "kind": "events", "value": [{…}]}
    {"t": 600.0, "kind": "log", "of": "4f5e…", "value": [{…}]}

`t` is seconds since the start. `same` says that this source was read again and gave what it gave before. A field that
has its default is not written; fractions have seven digits, at most three of them behind the point from 1000 on. A file
whose header says `bundle` is about one incident: it is opened at its end.

Keys that a value has and this version does not know are passed over, and so are lines of a source or kind that it does
not know, so that a newer workbench can add figures and kinds; everything else that is unknown is refused.
"""

from dataclasses import fields
from typing import Any, Literal, TypeAlias, get_args

import msgspec

from workbench.errors import RecordingError
from workbench.measure.text import all_encodable
from workbench.model.containers import ContainerDetail, FleetSnapshot
from workbench.model.events import EngineEvent
from workbench.model.gpu import GpuSnapshot
from workbench.model.host import HostSnapshot
from workbench.model.images import ImageDetail, ImageSummary
from workbench.model.logs import LogLine
from workbench.model.processes import FocusSnapshot
from workbench.model.reading import Missing
from workbench.model.runs import RunSummary
from workbench.model.verdicts import Verdict

FORMAT = 2
"""Raised when an older workbench could not read what a newer one writes."""
LONGEST_LINE_BYTES = 16 * 1024**2
"""About 40 000 containers in one reading."""
LONGEST_FILE_BYTES = 512 * 1024**2
"""Of JSON, so before compression: ten containers for a day, a hundred for three hours, at one reading a second."""
MOST_LINES = 2_000_000
LONGEST_SECONDS = 366 * 86_400.0

SourceName: TypeAlias = Literal["fleet", "host", "gpu", "images", "focus"]
KindName: TypeAlias = Literal["events", "log", "verdicts", "runs"]
"""What a line can hold beside readings and details: what happened, and of one container its log, verdicts and runs."""
SHAPES: dict[str, Any] = {
    "fleet": FleetSnapshot,
    "host": HostSnapshot,
    "gpu": GpuSnapshot,
    "images": tuple[ImageSummary, ...],
    "focus": FocusSnapshot,
    "image": ImageDetail,
    "container": ContainerDetail,
    "events": tuple[EngineEvent, ...],
    "log": tuple[LogLine, ...],
    "verdicts": tuple[Verdict, ...],
    "runs": tuple[RunSummary, ...],
}
"""What the `value` of each kind of line decodes to."""
SOURCES = frozenset(get_args(SourceName))
KINDS = frozenset(get_args(KindName))


class Header(msgspec.Struct):
    """The first line."""

    workbench_recording: int
    workbench_version: str = ""
    started: str = ""
    """ISO 8601 with offset."""
    name: str = ""
    """The recorded world's name."""
    interval: float = 1.0
    """Seconds between two readings, as they were set."""
    bundle: bool = False
    """Whether it is of one incident."""
    about: str = ""
    """The id of the container that a bundle is about."""


NO_VALUE = msgspec.Raw()


class Line(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """Every line after the first."""

    t: float
    source: str | None = None
    image: str | None = None
    container: str | None = None
    kind: str | None = None
    of: str = ""
    """The container that a `kind` is of; empty for all."""
    value: msgspec.Raw = NO_VALUE
    missing: Missing | None = None
    same: bool = False

    @property
    def shape(self) -> str:
        """Which of `SHAPES` its value has."""
        return self.source or self.kind or ("image" if self.image is not None else "container")

    @property
    def known(self) -> bool:
        """Whether this version knows what is in it."""
        return (self.source is None or self.source in SOURCES) and (self.kind is None or self.kind in KINDS)


_encoder = msgspec.json.Encoder()
_line_decoder = msgspec.json.Decoder(Line)
_value_decoders = {kind: msgspec.json.Decoder(shape) for kind, shape in SHAPES.items()}


def encode(document: object) -> bytes:
    """One document as one line, its line feed included."""
    return _encoder.encode(document) + b"\n"


def encode_value(value: object) -> msgspec.Raw:
    """A reading's value as the JSON that goes into a line."""
    slim = _slim(value)
    try:
        return msgspec.Raw(_encoder.encode(slim))
    except UnicodeEncodeError:
        return msgspec.Raw(_encoder.encode(all_encodable(slim)))


_PLAIN = frozenset((str, int, bool, type(None)))
_slimmers: dict[type, tuple[tuple[str, object], ...]] = {}


def _slim(value: Any) -> Any:  # noqa: ANN401  any of our nouns, and what they are made of
    """A noun as a mapping without the fields that have their default; a tuple of them as a list.

    Fractions are written with seven digits, and to the thousandth: what is measured holds no more.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is float:
        return value if value.is_integer() else round(value, 3) if abs(value) >= 1000 else float(f"{value:.7g}")
    if kind is tuple:
        return [_slim(each) for each in value]
    known = _slimmers.get(kind)
    if known is None:
        known = _slimmers[kind] = tuple((f.name, f.default) for f in fields(kind) if f.init)
    return {name: _slim(each) for name, default in known if (each := getattr(value, name)) != default}


def decode_header(text: bytes, where: str) -> Header:
    """Read the first line.

    Args:
        text: The line.
        where: How to call the file in an error.

    Raises:
        RecordingError: when it is no header, or one of a newer format.
    """
    try:
        header = msgspec.json.decode(text, type=Header)
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{where} is not a recording: its first line is no header", _MAKE_ONE) from error
    if header.workbench_recording > FORMAT:
        raise RecordingError(
            f"{where} was recorded by a newer workbench: its format is {header.workbench_recording}, "
            f"this one reads up to {FORMAT}",
            "pip install --upgrade container-workbench",
        )
    if header.workbench_recording < 1:
        raise RecordingError(f"{where} is not a recording: there is no format {header.workbench_recording}", _MAKE_ONE)
    return header


def decode_line(text: bytes) -> tuple[Line, Any]:
    """Read a line after the first, and its value where it has one.

    Raises:
        ValueError: with what is wrong with it.
    """
    try:
        line = _line_decoder.decode(text)
        value = None if line.value is NO_VALUE or not line.known else _value_decoders[line.shape].decode(line.value)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if sum(key is not None for key in (line.source, line.image, line.container, line.kind)) != 1:
        raise ValueError("it must name one source, image, container or kind")
    if (line.value is not NO_VALUE) + (line.missing is not None) + line.same != 1:
        raise ValueError("it must have one of value, missing and same")
    if line.source is None and line.value is NO_VALUE:
        raise ValueError("all but the readings of a source need a value")
    if not 0 <= line.t <= LONGEST_SECONDS:
        raise ValueError("its time is out of range")
    return line, value


_MAKE_ONE = "make one with workbench record FILE"
