"""Programs that run with their owner's rights."""

from collections.abc import Iterable

from workbench.checks.evidence import MOST_PATHS, words
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.units import counted
from workbench.model.image_index import ImageFinding

_USUAL = words(
    "bbsuid chage chfn chsh dbus-daemon-launch-helper expiry gpasswd mount newgidmap newgrp newuidmap "
    "pam_extrausers_chkpwd passwd ping pt_chown ssh-agent ssh-keysign su umount unix_chkpwd "
    "utempter wall write write.ul"
)
"""What Debian, Alpine and Fedora install so by themselves."""
_SYSTEM = ("bin/", "sbin/", "usr/bin/", "usr/sbin/", "usr/lib/", "usr/libexec/", "lib/", "lib64/", "usr/lib64/")
_SET_USER, _SET_GROUP = 0o4000, 0o2000


class SetuidFiles:
    """A setuid or setgid program gives whoever runs it the rights of its owner: a way up for an intruder.

    Those of the distribution are only counted. A container that runs with --security-opt no-new-privileges ignores
    the mark on all of them.
    """

    name = "setuid_files"
    title = "setuid and setgid files"

    def look(self, analysis: ImageAnalysis) -> Iterable[ImageFinding]:
        """The unusual ones by layer, and all usual ones in one line."""
        overlay = analysis.overlay
        usual: list[str] = []
        unusual: dict[int, list[str]] = {}
        for node, layer in enumerate(overlay.body_layer):
            if layer < 0 or overlay.entry_layer[node] < 0:
                continue
            described = overlay.layers[overlay.entry_layer[node]]
            mode = described.modes[overlay.entry_number[node]]
            if not mode & (_SET_USER | _SET_GROUP) or (mode & _SET_GROUP and not mode & (_SET_USER | 0o010)):
                continue
            path = overlay.path(node)
            if overlay.names[node] in _USUAL and path.startswith(_SYSTEM):
                usual.append(path)
            else:
                unusual.setdefault(layer, []).append(path)
        for layer, paths in sorted(unusual.items()):
            yield ImageFinding(
                self.name,
                "info" if analysis.is_base(layer) else "low",
                f"{counted(len(paths), 'setuid or setgid file')} beyond those that distributions bring",
                "take the mark away in the step that writes them: chmod a-s …\n"
                "and run containers with: --security-opt no-new-privileges",
                layer=layer,
                instruction=analysis.instruction(layer),
                paths=tuple(sorted(paths)[:MOST_PATHS]),
            )
        if usual:
            yield ImageFinding(
                self.name,
                "info",
                f"{counted(len(usual), 'setuid or setgid program')} of the distribution",
                "run containers with: --security-opt no-new-privileges",
                paths=tuple(sorted(usual)[:MOST_PATHS]),
            )


CHECK = SetuidFiles()
