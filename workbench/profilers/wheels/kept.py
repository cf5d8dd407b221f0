"""The wheels that are here, and what is in one. A wheel is an archive from elsewhere: bounded, no path outside."""

import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.places import cache_dir
from workbench.profilers.wheels.choice import Wanted

MOST_BYTES = 128 << 20
"""Of all that is taken out of one wheel."""
MOST_FILES = 2_000
_NAME = re.compile(r"(?P<name>\w+)-(?P<version>[\w.!+]+)(?:-\d\w*)?-(?P<tags>[\w.]+-[\w.]+-[\w.]+)\.whl", re.ASCII)
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""What reading an archive from elsewhere may raise."""
_OLDEST = re.compile(rb"^Requires-Python: >=3\.(\d{1,2})\b", re.MULTILINE)
_MOST_METADATA = 64 << 10


@dataclass(frozen=True, slots=True)
class Wheel:
    """A file that is named as a wheel."""

    path: Path
    name: str
    version: str
    tags: str

    @property
    def order(self) -> tuple[int, ...]:
        """Newer versions have larger ones."""
        return tuple(int(number) for number in re.findall(r"\d+", self.version))


def folder() -> Path:
    """Where wheels are kept: `$XDG_CACHE_HOME/workbench/wheels`."""
    return cache_dir() / "wheels"


def wheel_of(path: Path) -> Wheel | None:
    """What a file's name says."""
    found = _NAME.fullmatch(path.name)
    return Wheel(path, found["name"], found["version"], found["tags"]) if found else None


def kept_wheels() -> list[Wheel]:
    """All that are here, the newest version first."""
    try:
        paths = sorted(folder().iterdir())
    except OSError:
        return []
    found = [wheel for wheel in map(wheel_of, paths) if wheel is not None]
    return sorted(found, key=lambda wheel: wheel.order, reverse=True)


def kept_wheel(name: str, version: str, wanted: Wanted) -> Wheel | None:
    """The newest wheel here that fits.

    Args:
        name: The distribution's.
        version: That one alone; empty for any.
        wanted: What it must fit.
    """
    for wheel in kept_wheels():
        is_it = wheel.name == name and version in {"", wheel.version} and wanted.takes(wheel.tags)
        if is_it and wanted.minor >= oldest_python(wheel):
            return wheel
    return None


def oldest_python(wheel: Wheel) -> int:
    """The 9 of `Requires-Python: >=3.9`, which the tags of a wheel for any Python do not tell; 0 where none is told."""
    metadata = f"{wheel.name}-{wheel.version}.dist-info/METADATA"
    try:
        with zipfile.ZipFile(wheel.path) as archive, archive.open(metadata) as file:
            found = _OLDEST.search(file.read(_MOST_METADATA))
    except (KeyError, *_DAMAGE):
        return 0
    return int(found[1]) if found else 0


def files_of(wheel: Wheel, *, needed: "re.Pattern[str]", needless: "re.Pattern[str]") -> Mapping[str, bytes]:
    """Path and content of what is needed of a wheel.

    Args:
        wheel: A wheel that is here.
        needed: Whole paths.
        needless: Parts of paths, of those.

    Raises:
        WorkbenchError: when it is damaged or hostile; it is removed then.
    """
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(wheel.path) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES:
                raise zipfile.BadZipFile("too many files")
            for entry in entries:
                path = entry.filename
                if not needed.fullmatch(path) or needless.search(path):
                    continue
                if ".." in path.split("/"):
                    raise zipfile.BadZipFile("a path outside")
                with archive.open(entry) as file:
                    content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise zipfile.BadZipFile("too large")
                found[path] = content
    except _DAMAGE as error:
        wheel.path.unlink(missing_ok=True)
        raise WorkbenchError(
            f"the kept wheel {wheel.path.name} is damaged and was removed: {error}", "try again: it is fetched anew"
        ) from error
    return found
