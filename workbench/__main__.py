"""The only module that knows both fronts: the screens without a verb, the headless front with one."""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.session import Session
    from workbench.settings import Settings


def open_screens(session: "Session") -> int:
    """Open the screens on a session and return the exit code when the user quits."""
    if colours := colour_system(session.settings):
        os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", colours)  # Textual looks at it when it is imported
    from screens.app import WorkbenchApp  # Textual takes 170 ms to import: paid only here

    return WorkbenchApp(session).run_until_quit()


def colour_system(settings: "Settings") -> str:
    """What Textual calls the colours that are set; on a slow link 256 of them, which take fewer bytes."""
    return {"16": "standard", "256": "256", "truecolor": "truecolor"}.get(
        settings.colours or ("256" if settings.calm else ""), ""
    )


def main() -> None:
    """The console script `workbench`."""
    from workbench.cli import main as headless

    sys.exit(headless(sys.argv[1:], open_screens))


if __name__ == "__main__":
    main()
