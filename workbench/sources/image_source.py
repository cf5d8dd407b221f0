"""Which image is meant: one that an engine has, or one in a file."""

from dataclasses import dataclass
from pathlib import Path

from workbench.errors import UsageError
from workbench.measure.text import printable
from workbench.sources.byte_stream import TarError, is_packed
from workbench.sources.tar_stream import is_header

_HEAD_BYTES = 512
_SCHEMES = ("docker-archive:", "oci-archive:", "oci:")


@dataclass(frozen=True, slots=True)
class ImageSource:
    """One of the two is given."""

    reference: str = ""
    """Name or id of an image of the engine."""
    path: Path | None = None
    """An archive, or the folder of an OCI layout."""


def parse_source(text: str) -> ImageSource:
    """The image that a command line names.

    `docker-archive:FILE`, `oci-archive:FILE` and `oci:DIR` are files, whatever they hold; so is a path that begins
    with `/`, `./`, `../` or `~/`. Anything else is a file where there is one that looks like an image, and a name
    otherwise.

    Args:
        text: As typed.

    Raises:
        UsageError: when it names nothing.
    """
    for scheme in _SCHEMES:
        if text.startswith(scheme):
            rest = text.removeprefix(scheme)
            if not rest:
                raise UsageError(f"{printable(text)} names no file", f"for example: {scheme}image.tar")
            return ImageSource(path=Path(rest).expanduser())
    if not text.strip():
        raise UsageError("no image is named", "give a name, an id, or the path of an archive")
    if text.startswith(("/", "./", "../", "~/")) or text in {".", ".."}:
        return ImageSource(path=Path(text).expanduser())
    return ImageSource(path=Path(text)) if _is_image(Path(text)) else ImageSource(reference=text)


def _is_image(path: Path) -> bool:
    """Whether there is a file or folder at a path that may hold an image."""
    try:
        if path.is_dir():
            return (path / "index.json").is_file()
        if not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        return bool(head) and (is_packed(head) or is_header(head))
    except TarError:  # compressed with something else: reading it tells so
        return True
    except (OSError, ValueError):
        return False
