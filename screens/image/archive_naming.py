"""How an archive is named on the line that asks for one: its path, then the options of `workbench image`. Pure."""

import shlex
from pathlib import Path

from workbench.errors import UsageError
from workbench.model.images import ImageArchive

QUESTION = """Path of an image archive (docker save, OCI, compressed or not) or of an OCI layout directory
Where it has several images: --reference NAME, --platform OS/ARCHITECTURE after it"""
_HINT = "PATH --reference NAME --platform OS/ARCHITECTURE; a path with blanks goes in quotes"
_PREFIXES = ("docker-archive:", "oci-archive:", "oci:")


def archive_named(text: str) -> ImageArchive:
    """Read what was typed. Nothing is run and no variable replaced; `~` is the home directory.

    Raises:
        UsageError: when it does not name one path, or has another option.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError("a quotation mark is not closed", _HINT) from error
    paths: list[str] = []
    options = {"--reference": "", "--platform": ""}
    waiting = iter(words)
    for word in waiting:
        name, equals, value = word.partition("=")
        if name in options:
            options[name] = value if equals else next(waiting, "")
            if not options[name]:
                raise UsageError(f"{name} names nothing", _HINT)
        elif word.startswith("--"):
            raise UsageError(f"there is no option {name}", _HINT)
        else:
            paths.append(word)
    if len(paths) != 1:
        raise UsageError("one path is wanted", _HINT)
    path = paths[0]
    for prefix in _PREFIXES:
        path = path.removeprefix(prefix)
    home = path == "~" or path.startswith("~/")
    return ImageArchive(Path(path).expanduser() if home else Path(path), options["--reference"], options["--platform"])
