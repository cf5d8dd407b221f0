"""The only module that knows both fronts: the screens without a verb, the headless front with one."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.session import Session


def open_screens(session: "Session") -> int:
    """Open the screens on a session and return the exit code when the user quits."""
    from screens.app import WorkbenchApp  # Textual takes 170 ms to import: paid only here

    return WorkbenchApp(session).run_until_quit()


def main() -> None:
    """The console script `workbench`."""
    from workbench.cli import main as headless

    sys.exit(headless(sys.argv[1:], open_screens))


if __name__ == "__main__":
    main()
