"""Reads `.dive-ci`, the file in which dive keeps its rules for CI."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import UsageError
from workbench.measure.byte_sizes import parse_size
from workbench.measure.text import printable, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.checks.rules import DiveRules

NAME = ".dive-ci"
_LARGEST_BYTES = 64 * 1024
_EXAMPLES = {"lowestEfficiency": "0.9", "highestWastedBytes": "20MB", "highestUserWastedPercent": "0.1"}
_OFF = ("", "disabled", "off", "false")
_KEYS = ("lowestEfficiency", "highestWastedBytes", "highestUserWastedPercent")
_NEW_KEYS = {
    "lowest-efficiency": _KEYS[0],
    "highest-wasted-bytes": _KEYS[1],
    "highest-user-wasted-percent": _KEYS[2],
}
"""dive renamed its keys and reads both spellings."""


def read_dive_rules(path: Path | None) -> tuple["DiveRules", str]:
    """The rules and where they come from; dive's defaults where a file or a key is missing.

    Args:
        path: The file; `None` looks for `.dive-ci` in the working directory, where it need not be.

    Raises:
        UsageError: when a named file is absent, or the file is not what dive reads.
    """
    from workbench.checks.rules import DiveRules

    file = path or Path(NAME)
    where = printable(str(file))
    try:
        with file.open("rb") as stream:
            content = stream.read(_LARGEST_BYTES + 1)
    except FileNotFoundError:
        if path is not None:
            raise UsageError(f"there is no file {where}", "check the path given with --ci-config") from None
        return DiveRules(), f"dive's defaults, for there is no {NAME} here"
    except OSError as error:
        raise UsageError(f"{where} cannot be read: {error.strerror}") from error
    if len(content) > _LARGEST_BYTES:
        raise UsageError(f"{where} is larger than any {NAME}", "check the path given with --ci-config")
    rules = _rules(content, where)
    default = DiveRules()
    read = DiveRules(
        lowest_efficiency=_share(rules, _KEYS[0], where, default.lowest_efficiency),
        highest_wasted_bytes=_size(rules, _KEYS[1], where),
        highest_user_wasted_percent=_share(rules, _KEYS[2], where, default.highest_user_wasted_percent),
    )
    return read, where


def _rules(content: bytes, where: str) -> "Mapping[str, str | float | None]":
    import yaml  # 20 ms

    try:
        document = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise UsageError(f"{where}{line}: not YAML", "the file has a line `rules:` and indented lines below") from error
    rules = document.get("rules") if isinstance(document, dict) else document
    if rules is None:
        return {}
    if not isinstance(rules, dict):
        raise UsageError(f"{where}: no rules", "the file has a line `rules:` and indented lines below it")
    found: dict[str, str | float | None] = {}
    for name, value in rules.items():
        key = _NEW_KEYS.get(name, name) if isinstance(name, str) else ""
        if key not in _KEYS:
            told = shorten(printable(name), 40) if isinstance(name, str) else "of that kind"
            raise UsageError(f"{where}: there is no rule {told}", f"the rules are {', '.join(_KEYS)}")
        # Anything else may be nested and, by YAML's references, vast.
        if value is not None and not isinstance(value, str | float | int):
            raise UsageError(f"{where}: {key} is no number or size", f"for example: {key}: {_EXAMPLES[key]}")
        found[key] = value
    return found


def _share(rules: "Mapping[str, str | float | None]", key: str, where: str, default: float | None) -> float | None:
    if key not in rules:
        return default
    value = rules[key]
    if _is_off(value):
        return None
    try:
        share = math.nan if isinstance(value, bool) else float(str(value))
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        told = shorten(printable(str(value)), 40)
        raise UsageError(f"{where}: {key} is {told}, expected 0 to 1", f"for example: {key}: {_EXAMPLES[key]}")
    return share


def _size(rules: "Mapping[str, str | float | None]", key: str, where: str) -> int | None:
    value = rules.get(key, "disabled")
    if _is_off(value):
        return None
    try:
        return parse_size(str(value))
    except ValueError as error:
        raise UsageError(f"{where}: {key}: {printable(str(error))}", f"for example: {key}: 20MB") from error


def _is_off(value: object) -> bool:
    return value is None or value is False or (isinstance(value, str) and value.strip().lower() in _OFF)
