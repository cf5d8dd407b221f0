"""The docker client's own settings: which contexts exist, which one is active, what each leads to.

Read here and not by docker-py, which crashes on a damaged file and, where there is no settings file, reads
`./contexts`.
"""

import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from workbench.errors import ContextUnknown, EngineError
from workbench.measure.text import printable, shorten

_LARGEST_FILE = 1 << 20
_MOST_CONTEXTS = 200
_MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Tls:
    """Files that prove who is who over TLS; no `ca` means the system's own authorities."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    verify: bool = True
    """False takes whatever certificate the engine shows."""


@dataclass(frozen=True, slots=True)
class DockerContext:
    """A named way to an engine."""

    name: str
    address: str
    tls: Tls | None


def settings_folder(environ: Mapping[str, str]) -> Path:
    """Where the docker client keeps its settings."""
    named = environ.get("DOCKER_CONFIG")
    return Path(named) if named else _home(environ) / ".docker"


def active_context(environ: Mapping[str, str]) -> str:
    """The context that the docker client would use: DOCKER_CONTEXT, else what `docker context use` chose.

    Returns:
        Its name; empty when none is chosen.

    Raises:
        EngineError: when the client's settings file is damaged.
    """
    if named := environ.get("DOCKER_CONTEXT"):
        return named
    path = settings_folder(environ) / "config.json"
    try:
        settings = _object(path)
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise EngineError(
            f"the docker client's settings in {path} cannot be read: {_cause(error)}",
            "mend that file or move it away, or name the engine with DOCKER_HOST",
        ) from None
    chosen = settings.get("currentContext")
    return chosen if isinstance(chosen, str) else ""


def load_context(name: str, environ: Mapping[str, str]) -> DockerContext:
    """The context of that name.

    Raises:
        ContextUnknown: with those that exist.
        EngineError: when its file is damaged or leads to no engine.
    """
    folder = settings_folder(environ) / "contexts"
    identity = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()
    path = folder / "meta" / identity / "meta.json"
    try:
        engine = _part(_part(_object(path), "Endpoints"), "docker")
        address = engine.get("Host")
        if not isinstance(address, str) or not address:
            raise ValueError("it gives no Host for docker")
    except (FileNotFoundError, NotADirectoryError):
        raise _unknown(name, environ) from None
    except (OSError, ValueError) as error:
        raise EngineError(
            f"the docker context {_quoted(name)} is damaged ({path}): {_cause(error)}",
            f"remove it and make it anew: docker context rm {shorten(printable(name), 60)}",
        ) from None
    return DockerContext(name, address, _tls(folder / "tls" / identity / "docker", bool(engine.get("SkipTLSVerify"))))


def context_names(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Every context that can be read, `default` first."""
    found = set()
    for path in islice((settings_folder(environ) / "contexts" / "meta").glob("*/meta.json"), _MOST_CONTEXTS):
        try:
            name = _object(path).get("Name")
        except (OSError, ValueError):
            continue  # a damaged one is told when it is asked for
        if isinstance(name, str) and name:
            found.add(name)
    return ("default", *sorted(found - {"default"}))


def _unknown(name: str, environ: Mapping[str, str]) -> ContextUnknown:
    known = context_names(environ)
    listed = ", ".join(shorten(printable(each), 40) for each in known[:_MOST_LISTED])
    more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    guess = f"; did you mean {shorten(printable(close[0]), 40)}?" if close else ""
    return ContextUnknown(f"there is no docker context {_quoted(name)}{guess}", f"there are: {listed}{more}")


def _tls(folder: Path, skip_verify: bool) -> Tls | None:
    """As the docker client has it: no files and no word about verifying means no TLS."""
    ca, cert, key = (
        (str(folder / name) if (folder / name).is_file() else None) for name in ("ca.pem", "cert.pem", "key.pem")
    )
    if not (ca or cert or key or skip_verify):
        return None
    return Tls(ca, cert, key, verify=not skip_verify)


def _object(path: Path) -> dict[str, object]:
    """The JSON object in a file of bounded size; raises OSError or ValueError."""
    with path.open("rb") as file:
        raw = file.read(_LARGEST_FILE + 1)
    if len(raw) > _LARGEST_FILE:
        raise ValueError("it is larger than 1 MB")
    try:
        document = json.loads(raw)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")
    return document


def _part(document: dict[str, object], name: str) -> dict[str, object]:
    part = document.get(name)
    if not isinstance(part, dict):
        raise ValueError(f"it has no {name}")
    return part


def _cause(error: Exception) -> str:
    return error.strerror or "unreadable" if isinstance(error, OSError) else shorten(printable(str(error)), 120)


def _quoted(name: str) -> str:
    return f'"{shorten(printable(name), 60)}"'


def _home(environ: Mapping[str, str]) -> Path:
    named = environ.get("HOME")
    return Path(named) if named else Path.home()
