"""One `ssh -L` to a far engine's socket, for as long as we live and not a moment longer.

docker-py would start one ssh per request, or hold nine sessions at most. A forwarded socket needs neither.
"""

import errno
import fcntl
import os
import re
import subprocess
import tempfile
import time
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread
from typing import IO
from urllib.parse import unquote, urlsplit

from workbench.errors import AddressInvalid, EngineUnreachable
from workbench.sources.docker_errors import sentence, shown_address

CONNECT_SECONDS = 5
"""What ssh may take to reach the host; after that it has `LOGIN_SECONDS` for keys and forwarding."""
LOGIN_SECONDS = 15
FAR_SOCKET = "/var/run/docker.sock"

_PREFIX = "workbench-tunnel-"
_SOCKET = "docker.sock"
_STDERR_KEPT = 4096
_GRACE_SECONDS = 0.3
_POLL_SECONDS = 0.02
_WORD_SECONDS = 0.5
_LONGEST_BASE = 60  # the kernel takes 107 bytes for a socket's path, and ssh appends some of its own
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_HOST = re.compile(r"[A-Za-z0-9_.:%][A-Za-z0-9_.:%-]*")
_USER = re.compile(r"[A-Za-z0-9_.@+][A-Za-z0-9_.@+-]*")
_PATH = re.compile(r"/[^:%$\\\x00-\x1f\x7f]+")  # ssh reads `:`, `%`, `$` and `\` in a forwarded path as its own


_FORM = "write it as ssh://user@host:port or ssh://host/path/to/docker.sock"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the tunnel leads: what ssh is told, taken apart from the address and found harmless."""

    host: str
    user: str | None = None
    port: int | None = None
    socket: str = FAR_SOCKET

    @classmethod
    def parse(cls, address: str) -> "Destination":
        """Take `ssh://[user@]host[:port][/path/to/socket]` apart; the host may be an alias of ssh_config.

        Raises:
            AddressInvalid: when a part is missing, or holds what no host, user or path holds.
        """
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError as error:
            raise AddressInvalid(f"{shown_address(address)} is not an ssh address: {error}", _FORM) from None
        if parts.password is not None:
            raise AddressInvalid(
                "an ssh address cannot hold a password",
                "use a key: ssh-copy-id, and ssh-agent for its passphrase",
            )
        place = parts.netloc.rpartition("@")[2]  # not parts.hostname: that is in lower case, and an alias is exact
        host = place[1:].partition("]")[0] if place.startswith("[") else place.partition(":")[0]
        if parts.scheme != "ssh" or not _HOST.fullmatch(host):
            raise AddressInvalid(f"{shown_address(address)} names no host that ssh can be given", _FORM)
        user = None if parts.username is None else unquote(parts.username)
        if user is not None and not _USER.fullmatch(user):
            raise AddressInvalid(f"{shown_address(address)} names no user that ssh can be given", _FORM)
        socket = FAR_SOCKET if parts.path in {"", "/"} else unquote(parts.path)
        if not _PATH.fullmatch(socket) or parts.query or parts.fragment:
            raise AddressInvalid(f"ssh cannot forward the socket of {shown_address(address)}", _FORM)
        return cls(host, user, port, socket)


class Tunnel:
    """A far engine's socket, brought to a private folder of this machine by one ssh process.

    ssh runs `cat` on the far side with our end of a pipe as its input: when this process ends, however it
    ends, the pipe closes, `cat` ends, and ssh with it. The folder is held by a lock on itself, so the next
    workbench knows the ones whose owner is gone and removes them.

    Args:
        destination: Where to.
        environ: Where XDG_RUNTIME_DIR is looked up.
    """

    def __init__(self, destination: Destination, environ: Mapping[str, str]) -> None:
        self._destination = destination
        self._child = _Child()
        self._stderr = _Tail()
        base = _runtime_folder(environ)
        remove_leftovers(base)
        self._folder, lock = _locked_folder(base)
        self.socket_path = str(self._folder / _SOCKET)
        self._let_go = weakref.finalize(self, _let_go, self._folder, lock, self._child)

    def open(self) -> None:
        """Start ssh and wait until the socket is there.

        Raises:
            EngineUnreachable: with ssh's own words, when it gave up or took too long.
        """
        try:
            process = self._child.start(self.command())
        except OSError as error:
            self.close()
            raise EngineUnreachable(
                f"ssh cannot be started: {error.strerror}", "install it: sudo apt-get install openssh-client"
            ) from None
        if process.stderr is not None:
            self._stderr.follow(process.stderr)
        deadline = time.monotonic() + LOGIN_SECONDS
        while not Path(self.socket_path).exists():
            if process.poll() is not None:
                raise self._gave_up("gave up")
            if time.monotonic() > deadline:
                raise self._gave_up(f"did not get through in {LOGIN_SECONDS} s")
            time.sleep(_POLL_SECONDS)

    def command(self) -> list[str]:
        """The command line, without a shell."""
        to = self._destination
        words = ["ssh", "-T", "-a", "-x", "-S", "none", "-L", f"{self.socket_path}:{to.socket}"]
        for option in (
            "BatchMode=yes",
            f"ConnectTimeout={CONNECT_SECONDS}",
            "ExitOnForwardFailure=yes",
            "ServerAliveInterval=15",
            "ServerAliveCountMax=2",
            "PermitLocalCommand=no",
            "RemoteCommand=none",
            "StreamLocalBindMask=0177",
            "LogLevel=INFO",
        ):
            words += ["-o", option]
        if to.port is not None:
            words += ["-p", str(to.port)]
        if to.user is not None:
            words += ["-l", to.user]
        return [*words, "--", to.host, "cat"]

    def complaint(self) -> str:
        """The last thing that ssh said on stderr, one line; empty when it said nothing.

        Waits a moment for the first word: ssh's stderr and its socket are two ways, and a hang-up may be first.
        """
        self._stderr.wait(_WORD_SECONDS)
        return self._stderr.last_line()

    def close(self) -> None:
        """End ssh and remove the folder. Callable from another thread, and twice."""
        self._let_go()

    def _gave_up(self, how: str) -> EngineUnreachable:
        self._stderr.finish(_WORD_SECONDS)
        said, host = self.complaint(), self._destination.host
        self.close()
        return EngineUnreachable(f"ssh to {host} {how}" + (f": {said}" if said else ""), self._hint(said))

    def _hint(self, said: str) -> str:
        to = self._destination
        words = [
            "ssh",
            *(["-p", str(to.port)] if to.port else []),
            f"{to.user}@{to.host}" if to.user else to.host,
        ]
        by_hand = " ".join(words)
        if "Host key verification failed" in said:
            return f"look at the host's key and accept it once: {by_hand}"
        if "Permission denied" in said:
            return f"no key of yours is accepted and the workbench never asks for passwords; try: {by_hand}"
        return f"see whether it works by hand: {by_hand}"


class _Child:
    """The one process that is started at most once and, once ended, never again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = False

    def start(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Start it with a pipe as its input; raises OSError when it cannot be, or has been ended already."""
        with self._lock:
            if self._ended:
                raise OSError(errno.ECANCELED, os.strerror(errno.ECANCELED))
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # no terminal to ask on, and not ours to interrupt
            )
            return self._process

    def end(self) -> None:
        with self._lock:
            self._ended = True
            process = self._process
        if process is None:
            return
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        process.terminate()
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class _Tail:
    """The last words on a pipe, read on a thread so that the writer never stalls."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept = b""
        self._spoke = Event()
        self._thread: Thread | None = None

    def follow(self, pipe: IO[bytes]) -> None:
        self._thread = Thread(target=self._read, args=(pipe,), name="ssh-stderr", daemon=True)
        self._thread.start()

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe, suppress(OSError, ValueError):
            while chunk := os.read(pipe.fileno(), _STDERR_KEPT):
                with self._lock:
                    self._kept = (self._kept + chunk)[-_STDERR_KEPT:]
                self._spoke.set()
        self._spoke.set()

    def wait(self, seconds: float) -> None:
        """Wait for the first word, or for the pipe's end."""
        self._spoke.wait(seconds)

    def finish(self, seconds: float) -> None:
        """Wait for the pipe's end, when the writer has ended."""
        if self._thread is not None:
            self._thread.join(seconds)

    def last_line(self) -> str:
        with self._lock:
            lines = self._kept.decode(errors="replace").splitlines()
        return next((said for line in reversed(lines) if (said := sentence(line).removeprefix("ssh: "))), "")


def remove_leftovers(base: Path) -> None:
    """Remove the tunnel folders in `base` that are ours and whose workbench is gone."""
    for folder in base.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # not a folder, already gone, or locked by the workbench that uses it
            lock = os.open(folder, _FOLDER_FLAGS)
            try:
                if os.fstat(lock).st_uid == os.geteuid():
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    _empty(folder, lock)
            finally:
                os.close(lock)


def _empty(folder: Path, lock: int) -> None:
    """Remove the folder and the one file we ever put in it."""
    with suppress(OSError):
        os.unlink(_SOCKET, dir_fd=lock)
    with suppress(OSError):
        folder.rmdir()


def _locked_folder(base: Path) -> tuple[Path, int]:
    """A new folder for this user alone, and the descriptor whose lock says that we live."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        lock = os.open(folder, _FOLDER_FLAGS)
        with suppress(OSError):  # another workbench may have swept it away before it was locked
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(folder.lstat(), os.fstat(lock)):
                return folder, lock
        os.close(lock)


def _let_go(folder: Path, lock: int, child: _Child) -> None:
    """End ssh and remove its folder; also run when the interpreter ends or the tunnel is forgotten."""
    child.end()
    _empty(folder, lock)
    os.close(lock)


def _runtime_folder(environ: Mapping[str, str]) -> Path:
    """Where sockets of this user go: XDG_RUNTIME_DIR when it is usable, else a folder for temporary files."""
    for named in (environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir()):
        fits = _PATH.fullmatch(named) and len(named) <= _LONGEST_BASE
        if fits and Path(named).is_dir() and os.access(named, os.W_OK | os.X_OK):
            return Path(named)
    return Path("/tmp")  # noqa: S108  mkdtemp makes a private folder in it
