"""How requests reach an engine: one pool for a socket, and little patience for a connection.

docker-py keeps a pool for every URL and leaks its socket when nobody listens; neither is borne once a second.
"""

import socket
from collections.abc import Mapping
from contextlib import suppress

import requests
import requests.adapters
import urllib3
import urllib3.connection

CONNECT_SECONDS = 3.0
_KEPT_CONNECTIONS = 16
_SEND_SECONDS = 60.0
"""For each piece of a request: a busy engine takes its time to read a large archive."""


def hang_up(response: requests.Response) -> None:
    """Wake whoever waits for more of a streamed answer: the stream ends. Callable from another thread, and twice."""
    # By now the connection may be gone in any of these ways
    with suppress(OSError, ValueError, RuntimeError, AttributeError):
        response.raw.shutdown()


class PatientAdapter(requests.adapters.HTTPAdapter):
    """Waits as long as it is told for an answer, and only `CONNECT_SECONDS` for a connection."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send with a connect timeout of our own; the signature is requests'."""
        # here and not in the client's `timeout`: docker-py adds seconds to that, so it cannot be a pair
        if timeout is None:
            timeout = (CONNECT_SECONDS, None)
        elif not isinstance(timeout, tuple):
            timeout = (CONNECT_SECONDS, timeout)
        return super().send(request, stream, timeout, verify, cert, proxies)


class SocketAdapter(PatientAdapter):
    """HTTP over a unix socket.

    Args:
        path: The socket's.
    """

    def __init__(self, path: str) -> None:
        self._pool = _SocketPool("localhost", maxsize=_KEPT_CONNECTIONS, socket_path=path)
        super().__init__()

    def get_connection_with_tls_context(self, *_: object, **_options: object) -> urllib3.HTTPConnectionPool:
        """The one pool there is, whatever requests would choose it by."""
        return self._pool

    def request_url(self, request: requests.PreparedRequest, *_: object, **_options: object) -> str:
        """The path alone: a socket has no proxy and its URL no host."""
        return request.path_url

    def close(self) -> None:
        """Close the idle connections."""
        super().close()
        self._pool.close()


class _SocketConnection(urllib3.connection.HTTPConnection):
    """A connection to a socket's path."""

    def __init__(self, *_: object, socket_path: str, timeout: float | None = None, **_options: object) -> None:
        super().__init__("localhost", timeout=timeout)
        self._socket_path = socket_path

    def connect(self) -> None:
        """Connect, and leave nothing open when that fails."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(self.timeout)
            sock.connect(self._socket_path)
        except BaseException:
            sock.close()
            raise
        self.sock = sock

    def send(self, data: object) -> None:
        """Send a piece, with more patience than there is for a connection."""
        if self.sock is None:
            self.connect()
        self.sock.settimeout(_SEND_SECONDS)
        super().send(data)  # type: ignore[arg-type]  # whatever http.client takes


class _SocketPool(urllib3.HTTPConnectionPool):
    """Connections to one socket, kept for the next request."""

    ConnectionCls = _SocketConnection
