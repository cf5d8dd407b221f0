"""An installation that downloads everything again."""

from collections.abc import Iterable

from workbench.checks.dockerfile_check import SLOW_SECONDS, DockerfileSituation
from workbench.checks.installs import CACHES, install_of
from workbench.measure.dockerfile_words import mounts_of
from workbench.measure.units import duration
from workbench.model.dockerfile_findings import DockerfileFinding


class CacheMounts:
    """When a step runs again it downloads everything again.

    A cache mount keeps the downloads from build to build, outside of the image.
    """

    name = "cache_mounts"
    title = "no cache mount"

    def look(self, situation: DockerfileSituation) -> Iterable[DockerfileFinding]:
        """Every place of it, in the order of the file."""
        if situation.builder == "classic":
            return
        for step, commands in situation.runs():
            seconds = situation.seconds(step.line)
            if seconds is None or seconds < SLOW_SECONDS or any(mount.kind == "cache" for mount in mounts_of(step)):
                continue
            found = [install for command in commands if (install := install_of(command)) is not None]
            caches = list(dict.fromkeys(CACHES[install.installer] for install in found if install.installer in CACHES))
            if caches:
                no_cache = (
                    " and without --no-cache-dir" if any("--no-cache-dir" in each.words for each in commands) else ""
                )
                keep = ""
                if any(install.installer == "apt" for install in found):
                    keep = ", after rm -f /etc/apt/apt.conf.d/docker-clean"
                yield situation.finding(
                    self.name,
                    "medium",
                    step.line,
                    f"whenever this step runs it downloads everything again, {duration(seconds)} in all",
                    f"write RUN {' '.join(caches)} …{no_cache}{keep}",
                )


CHECK = CacheMounts()
