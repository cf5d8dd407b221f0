"""The screen that shows what was opened: one profile, or two compared."""

from collections.abc import Sequence

from textual.screen import Screen

from screens.profile.screen import ProfileScreen
from screens.profile_diff.screen import ProfileDiffScreen
from workbench.model.profile import Profile


def opened(profiles: Sequence[Profile]) -> Screen[None]:
    """One profile, or the difference from the first to the second."""
    return ProfileScreen(profiles[0]) if len(profiles) == 1 else ProfileDiffScreen(*profiles[:2])
