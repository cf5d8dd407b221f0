"""`workbench open FILE`: the screens on a bundle, a recording, a profile or a saved build. Needs no engine."""

import argparse
from contextlib import suppress
from pathlib import Path

from workbench.cli.verb import Call, Verb
from workbench.errors import ProfileError, RecordingError, WorkbenchError
from workbench.measure.text import printable
from workbench.session import Session

RUN = "run:"
"""Before the number of a profile that is kept."""
_FIRST_BYTES = 4096


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        metavar="FILE",
        help="incident bundle (W writes one), recording, or profile: collapsed, speedscope, Chrome, pstats, memray, "
        "lprof; run:N is one that is kept; or what docker buildx build --progress=rawjson wrote",
    )
    parser.add_argument("other", nargs="?", metavar="OTHER", help="a second profile: what changed from FILE to it")
    parser.add_argument("--loop", action="store_true", help="play a recording again and again")


def _run(call: Call) -> int:
    wanted = call.arguments
    file = Path(wanted.file)
    if wanted.other is not None or wanted.file.startswith(RUN):
        return _open_profiles(call)
    try:
        session = Session.replay(file, call.settings, loop=wanted.loop)
    except RecordingError as error:
        if not file.is_file():
            raise
        return _open_build(call, file) if _tells_of_a_build(file) else _open_profile(call, file, error)
    return call.open_screens(session)


def _open_profiles(call: Call) -> int:
    from workbench.profiling import compared_profiles, named_profile

    file, other = call.arguments.file, call.arguments.other
    session = Session.live(call.settings)
    session.profiles.first = named_profile(file) if other is None else compared_profiles((file,), (other,))
    return call.open_screens(session)


def _open_build(call: Call, file: Path) -> int:
    from workbench.build_imports import imported

    session = Session.live(call.settings)
    problem = "it was made elsewhere: workbench build --import keeps it"
    session.builds.first = imported(str(file), None).opened(file.name, None, problem)
    return call.open_screens(session)


def _open_profile(call: Call, file: Path, no_recording: RecordingError) -> int:
    from workbench.profile_files import read_profile
    from workbench.profiling import Opened

    try:
        profile = read_profile(file)
    except ProfileError as error:
        raise WorkbenchError(
            f"{printable(file.name)} is no bundle, no recording and no profile",
            f"as a recording: {no_recording.reason}; as a profile: {error.reason}",
        ) from error
    session = Session.live(call.settings)
    session.profiles.first = Opened(profile)
    return call.open_screens(session)


def _tells_of_a_build(file: Path) -> bool:
    """Whether it begins as what `docker buildx build --progress=rawjson` writes."""
    with suppress(OSError), file.open("rb") as opened:
        return b'"vertexes"' in opened.read(_FIRST_BYTES)
    return False


VERB = Verb(
    "open", "Open an incident bundle, a recording, a profile or a saved build; needs no engine", _add_arguments, _run
)
