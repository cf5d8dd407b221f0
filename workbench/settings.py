"""What the user can set: one TOML file, every key with a default, unknown keys refused by name."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from workbench import places
from workbench.errors import SettingsError
from workbench.measure.byte_sizes import parse_limit, parse_size
from workbench.measure.text import shorten

CALM_INTERVAL = 2.0
"""Seconds between two readings in calm mode, unless the user set an interval."""
_LARGEST_FILE_BYTES = 1_000_000
"""Far above any settings file; below it a wrong path (`/dev/zero`, an archive) cannot fill the memory."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a figure is worth a colour and a mark on the time axis: `watch` is yellow, `act` is red.

    Percent of the limit, for pressure of the time, 0 to 100.
    """

    cpu_watch: float = 70.0
    cpu_act: float = 90.0
    memory_watch: float = 80.0
    memory_act: float = 90.0
    pressure_watch: float = 10.0
    """Share of the time in which something waited for CPU, memory or disk."""
    pressure_act: float = 20.0


@dataclass(frozen=True, slots=True)
class CiRules:
    """What an image must keep to pass `workbench image … --ci`. An empty text and −1 switch a rule off."""

    max_size: str = ""
    """Shipped bytes: `1.5GB`."""
    max_wasted: str = ""
    """Hidden and duplicate bytes, or their share of what ships: `200MB`, `10%`."""
    max_growth: str = ""
    """Shipped bytes more than the image given with `--against`, or their share of it: `50MB`, `5%`."""
    max_findings_high: float = -1.0
    """How many findings of that severity are let pass."""
    max_findings_medium: float = -1.0
    max_findings_low: float = -1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, validated."""

    interval: float = 1.0
    """Seconds between two readings, 0.2 to 60."""
    theme: str = ""
    """A theme's name; empty chooses by itself."""
    colours: str = ""
    """How many colours are sent: `16`, `256` or `truecolor`; empty asks the terminal, and takes 256 when calm."""
    calm: bool = False
    """Fewer updates, fewer colours, no animation: for a slow link."""
    read_only: bool = False
    """Nothing is done to any container: not started, stopped or removed, and no shell opened in it."""
    image_helper: bool = True
    """Whether an engine's layer store may be read through a helper container, which is created and never started."""
    context: str = ""
    """The docker context to open; empty follows DOCKER_HOST and the active context."""
    price_book: str = ""
    """Path of a price book; empty uses the one that is shipped."""
    keys: dict[str, str] = field(default_factory=dict)
    """Command id to key: `fleet.sort = "f6"`."""
    thresholds: Thresholds = field(default_factory=Thresholds)
    ci: CiRules = field(default_factory=CiRules)


_TABLES = ("keys", "thresholds", "ci")
_DEFAULTS: dict[str, float | str | bool] = {
    **{f.name: getattr(Settings(), f.name) for f in fields(Settings) if f.name not in _TABLES},
    **{f"thresholds.{f.name}": getattr(Thresholds(), f.name) for f in fields(Thresholds)},
    **{f"ci.{f.name}": getattr(CiRules(), f.name) for f in fields(CiRules)},
}
"""Every key with one value, by its dotted name; the default's type is the only one it takes."""
SHORTEST_INTERVAL, LONGEST_INTERVAL = 0.2, 60.0
_RANGES: dict[str, tuple[float, float]] = {"interval": (SHORTEST_INTERVAL, LONGEST_INTERVAL)} | {
    name: (-1.0, 1e6) if name.startswith("ci.") else (0.0, 100.0) for name in _DEFAULTS if "." in name
}
_LIMITS = {"ci.max_size": parse_size, "ci.max_wasted": parse_limit, "ci.max_growth": parse_limit}
"""Texts that are sizes."""
_CHOICES = {"colours": ("16", "256", "truecolor")}
"""Texts that are one of a few words, or empty."""
_WORDS = {float: "a number", str: "text in quotes", bool: "true or false", dict: "a table", list: "a list"}


def load(path: Path | None, overrides: Mapping[str, object]) -> Settings:
    """The settings of a file with what was typed on the command line on top.

    Args:
        path: The file; `None` reads the usual one, which need not exist.
        overrides: Field name to value; `None` was not typed and changes nothing.

    Raises:
        SettingsError: when a named file is absent, a file is not TOML, or a key is unknown, of the wrong type
            or out of range.
    """
    file = path or places.settings_file()
    table = _read(file, required=path is not None)
    values: dict[str, Any] = {}
    keys: dict[str, str] = {}
    for name, value in table.items():
        if name == "keys":
            keys = _keys(value, str(file))
        elif name in _TABLES:
            inner = _table(name, value, str(file))
            values |= {f"{name}.{k}": _valid(f"{name}.{k}", v, str(file)) for k, v in inner.items()}
        else:
            values[name] = _valid(name, value, str(file))
    values |= {
        name: _valid(name, value, f"--{name.replace('_', '-')}", typed=True)
        for name, value in overrides.items()
        if value is not None
    }
    return _assembled(values, keys, str(file))


def _assembled(values: dict[str, Any], keys: dict[str, str], origin: str) -> Settings:
    complete: dict[str, Any] = _DEFAULTS | values
    if complete["calm"] and "interval" not in values:
        complete["interval"] = max(CALM_INTERVAL, complete["interval"])
    thresholds = Thresholds(**{f.name: complete[f"thresholds.{f.name}"] for f in fields(Thresholds)})
    for what, watch, act in (
        ("cpu", thresholds.cpu_watch, thresholds.cpu_act),
        ("memory", thresholds.memory_watch, thresholds.memory_act),
        ("pressure", thresholds.pressure_watch, thresholds.pressure_act),
    ):
        if watch > act:
            raise SettingsError(
                f"{origin}: thresholds.{what}_watch is {watch:g} and thresholds.{what}_act is {act:g}",
                "yellow comes before red: watch must not be above act",
            )
    plain = {name: value for name, value in complete.items() if "." not in name}
    ci = CiRules(**{f.name: complete[f"ci.{f.name}"] for f in fields(CiRules)})
    return Settings(keys=keys, thresholds=thresholds, ci=ci, **plain)


def _read(file: Path, *, required: bool) -> dict[str, object]:
    try:
        with file.open("rb") as stream:
            content = stream.read(_LARGEST_FILE_BYTES + 1)
    except FileNotFoundError:
        if required:
            raise SettingsError(f"there is no settings file {file}", "check the path given with --config") from None
        return {}
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}", "check its permissions") from error
    if len(content) > _LARGEST_FILE_BYTES:
        raise SettingsError(f"{file}: larger than any settings file", "check the path given with --config")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{file}, line {line}: not UTF-8", "save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(file, content, str(error)) from error
    except ValueError as error:
        raise SettingsError(f"{file}: a number has thousands of digits", "no setting needs so many") from error
    except RecursionError as error:
        raise SettingsError(f"{file}: nested too deeply", "settings are at most two levels deep") from error


def _not_toml(file: Path, content: bytes, message: str) -> SettingsError:
    at = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if at:
        where, what = f"line {at[1]}, column {at[2]}", message[: at.start()]
    else:
        where = f"line {content.rstrip().count(10) + 1}"
        what = message.removesuffix(" (at end of document)")
    hint = 'text is written in quotes: theme = "nord"; numbers and true/false are not'
    return SettingsError(f"{file}, {where}: {what}", hint)


def _valid(name: str, value: object, origin: str, *, typed: bool = False) -> object:
    if name not in _DEFAULTS:
        raise _unknown(name, origin)
    where = origin if typed else f"{origin}: {name}"
    wanted = type(_DEFAULTS[name])
    if type(value) is not wanted and not (wanted is float and type(value) is int):
        raise SettingsError(f"{where} is {_described(value)}, expected {_WORDS[wanted]}", _example(name))
    if wanted is float and isinstance(value, float | int):
        low, high = _RANGES[name]
        if not low <= value <= high:
            raise SettingsError(f"{where} is {shorten(str(value), 20)}, expected {low:g} to {high:g}", _example(name))
        return float(value)
    if name in _CHOICES and value and value not in _CHOICES[name]:
        raise SettingsError(f"{where} is {_described(value)}", f"it may be {', '.join(_CHOICES[name])}, or empty")
    if name in _LIMITS and isinstance(value, str) and value:
        try:
            _LIMITS[name](value)
        except ValueError as error:
            raise SettingsError(f"{where}: {error}", f'for example: {name.partition(".")[2]} = "200MB"') from error
    return value


def _unknown(name: str, origin: str) -> SettingsError:
    known = [*_DEFAULTS, *_TABLES]
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    last = {key.rpartition(".")[2]: key for key in known}
    close = close or [last[near] for near in difflib.get_close_matches(name, last, n=1, cutoff=0.5)]
    meant = f"did you mean {close[0]}?" if close else ""
    return SettingsError(
        f"{origin}: there is no setting {shorten(name, 40)}", meant or f"the settings are {', '.join(known)}"
    )


def _example(name: str) -> str:
    default = _DEFAULTS[name]
    shown = (
        str(default).lower()
        if isinstance(default, bool)
        else f'"{default}"'
        if isinstance(default, str)
        else f"{default:g}"
    )
    return f"the default is {name} = {shown}"


def _described(value: object) -> str:
    word = _WORDS.get(float if type(value) is int else type(value), "a date or time")
    if isinstance(value, float | int | str) and not isinstance(value, bool):
        return f"{word}, {shorten(repr(value), 40)}"
    return word


def _table(name: str, value: object, origin: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise SettingsError(
            f"{origin}: {name} is {_described(value)}, expected a table", f"begin it with a line [{name}]"
        )
    return value


def _flat(prefix: str, table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", value


def _keys(value: object, origin: str) -> dict[str, str]:
    pairs: Iterable[tuple[str, object]] = _flat("", _table("keys", value, origin))
    keys: dict[str, str] = {}
    for command, key in pairs:
        if not isinstance(key, str):
            raise SettingsError(
                f"{origin}: keys.{command} is {_described(key)}, expected a key in quotes",
                f'for example: "{command}" = "ctrl+o"',
            )
        if not key.strip() or not key.isprintable():
            raise SettingsError(f"{origin}: keys.{command} names no key", f'for example: "{command}" = "ctrl+o"')
        if command in keys:
            raise SettingsError(f"{origin}: keys.{command} is given twice", "leave out one of the two")
        keys[command] = key.strip()
    return keys
