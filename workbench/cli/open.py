"""`workbench open FILE`: the screens on an incident bundle, a recording or a profile; needs no engine, no network."""

import argparse
from pathlib import Path

from workbench.cli.verb import Call, Verb
from workbench.errors import ProfileError, RecordingError, UsageError
from workbench.measure.text import printable
from workbench.session import Session


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="incident bundle (W writes one), recording, or profile (run:N is one that is kept)"
    )
    parser.add_argument("other", nargs="?", metavar="OTHER", help="another profile, to compare the first with")
    parser.add_argument("--loop", action="store_true", help="play a recording again and again")


def _run(call: Call) -> int:
    return call.open_screens(_session(call))


def _session(call: Call) -> Session:
    wanted = call.arguments
    if wanted.other is None and not wanted.file.startswith("run:"):
        path = Path(wanted.file)
        try:
            return Session.replay(path, call.settings, loop=wanted.loop)
        except RecordingError as error:
            if not path.is_file():
                raise
            first = error
    else:
        first = None
    if wanted.loop:
        raise UsageError("a profile is not played", "leave out --loop")
    from workbench.profile_files import named_profile

    try:
        profiles = tuple(named_profile(name) for name in (wanted.file, wanted.other) if name is not None)
    except ProfileError as error:
        if first is None:
            raise
        raise ProfileError(
            f"{printable(wanted.file)} is no incident bundle, no recording and no profile",
            f"as a recording: {first.reason}; as a profile: {error.reason}",
        ) from None
    session = Session.live(call.settings)
    session.profiles = profiles
    return session


VERB = Verb("open", "Open an incident bundle, a recording or a profile; needs no engine", _add_arguments, _run)
