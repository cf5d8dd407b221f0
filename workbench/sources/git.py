"""The commit that a folder is at: what was measured there belongs to it."""

import subprocess
from pathlib import Path

_SECONDS = 2.0


def commit_of(folder: Path) -> tuple[str | None, bool | None]:
    """The commit, and whether files that git knows were changed since; both `None` where there is no git."""
    commit = _git(folder, "rev-parse", "--verify", "HEAD")
    if not commit:
        return None, None
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return commit, None if changed is None else bool(changed)


def commit_here() -> tuple[str | None, bool | None]:
    """The same for the folder that the workbench was started in; both `None` where that is gone."""
    try:
        return commit_of(Path.cwd())
    except OSError:
        return None, None


def _git(folder: Path, *words: str) -> str | None:
    # Neither a hook, a pager, a monitor nor a filter that a repository brings along is run for a look at it.
    safe = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager", "--no-optional-locks")
    try:
        done = subprocess.run(
            ["git", *safe, *words], cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
