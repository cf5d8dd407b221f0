"""The file format of a recording: one JSON document a line, a header first, then what was read and when.

    {"workbench_recording": 1, "workbench_version": "0.1.0", "started": "2025-…", "name": "local", "interval": 1.0}
    {"t": 0.412, "source": "fleet", "value": {…}}
    {"t": 0.420, "source": "gpu", "missing": {"reason": "…", "hint": "…"}}
    {"t": 1.413, "source": "gpu", "same": true}
    {"t": 0.800, "image": "sha256:…", "value": {…}}
    {"t": 0.810, "container": "4f5e…", "value": {…}}

`t` is seconds since the start. `same` says that this source was read again and gave what it gave before. Keys that a
value has and this version does not know are passed over, so that a newer workbench can add figures; everything else
that is unknown is refused.
"""

from typing import Any, Literal, TypeAlias

import msgspec

from workbench.errors import RecordingError
from workbench.model.containers import ContainerDetail, FleetSnapshot
from workbench.model.gpu import GpuSnapshot
from workbench.model.host import HostSnapshot
from workbench.model.images import ImageDetail, ImageSummary
from workbench.model.reading import Missing

FORMAT = 1
"""Raised when an older workbench could not read what a newer one writes."""
LONGEST_LINE_BYTES = 16 * 1024**2
"""About 40 000 containers in one reading."""
LONGEST_FILE_BYTES = 512 * 1024**2
"""Of JSON, so before compression: ten containers for a day, a hundred for three hours, at one reading a second."""
MOST_LINES = 2_000_000
LONGEST_SECONDS = 366 * 86_400.0

SourceName: TypeAlias = Literal["fleet", "host", "gpu", "images"]
SHAPES: dict[str, Any] = {
    "fleet": FleetSnapshot,
    "host": HostSnapshot,
    "gpu": GpuSnapshot,
    "images": tuple[ImageSummary, ...],
    "image": ImageDetail,
    "container": ContainerDetail,
}
"""What the `value` of each kind of line decodes to."""


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


NO_VALUE = msgspec.Raw()


class Line(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """Every line after the first."""

    t: float
    source: SourceName | None = None
    image: str | None = None
    container: str | None = None
    value: msgspec.Raw = NO_VALUE
    missing: Missing | None = None
    same: bool = False

    @property
    def kind(self) -> str:
        """Which of `SHAPES` its value has."""
        return self.source or ("image" if self.image is not None else "container")


_encoder = msgspec.json.Encoder()
_line_decoder = msgspec.json.Decoder(Line)
_value_decoders = {kind: msgspec.json.Decoder(shape) for kind, shape in SHAPES.items()}


def encode(document: object) -> bytes:
    """One document as one line, its line feed included."""
    return _encoder.encode(document) + b"\n"


def encode_value(value: object) -> msgspec.Raw:
    """A reading's value as the JSON that goes into a line."""
    return msgspec.Raw(_encoder.encode(value))


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
        value = None if line.value is NO_VALUE else _value_decoders[line.kind].decode(line.value)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if sum(key is not None for key in (line.source, line.image, line.container)) != 1:
        raise ValueError("it must name one source, image or container")
    if (line.value is not NO_VALUE) + (line.missing is not None) + line.same != 1:
        raise ValueError("it must have one of value, missing and same")
    if line.source is None and line.value is NO_VALUE:
        raise ValueError("the details of an image or a container need a value")
    if not 0 <= line.t <= LONGEST_SECONDS:
        raise ValueError("its time is out of range")
    return line, value


_MAKE_ONE = "make one with workbench record FILE"
