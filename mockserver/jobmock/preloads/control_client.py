"""Calls of a running server's control API. They take real time, also in a test in virtual time.

They are made without `http.client`, whose import and calls take longer than the server.
"""

from __future__ import annotations

import json
import socket
import ssl
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urlsplit
from weakref import WeakSet

from ..errors import StartError, UsageError
from ..virtual import in_real_time, real

TIMEOUT = 10
"""How many seconds an answer may take."""
_SWITCHING = 101
_CHUNK = 65_536


class ControlClient:
    """The control calls of one key, over one connection that stays open. `source` names where the URL is from.

    Calls of several threads are made one after the other.
    """

    def __init__(self, url: str, key: str, token: str | None = None, source: str = "JOBMOCK_CONTROL_URL") -> None:
        parts = urlsplit(url)
        self._is_https = parts.scheme == "https"
        self._address = parts.hostname or "", parts.port or (443 if self._is_https else 80)
        self.key = key
        self._url, self._path, self._source, self._is_closed = url, parts.path.rstrip("/"), source, False
        lines = [f"Host: {parts.netloc.rpartition('@')[2]}", f"Authorization: Bearer {key}"]
        lines += [f"X-Jobmock-Token: {token}"] if token else []
        self._headers = "\r\n".join([*lines, "Content-Type: application/json", ""])
        self._mutex = real.Mutex()
        self._connection: socket.socket | None = None
        self._received = b""
        self._upgraded: WeakSet[socket.socket] = WeakSet()

    def close(self) -> None:
        """Close all connections. A later call opens its own and closes it again; a later upgrade is refused."""
        self._is_closed = True
        self.disconnect()
        with in_real_time():
            for connection in self._upgraded:
                connection.close()

    def call(self, method: str, name: str, body: Any = None) -> Any:
        """Make a call and return its answer. Raises UsageError if it is refused, StartError if no server answers."""
        data = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        with self._mutex, in_real_time(), self.reporting():
            self._connect().sendall(self._head(method, name, f"Content-Length: {len(data)}") + data)
            answer = self._read()
            content = json.loads(answer.body or b"null")
        if self._is_closed or answer.status >= 400:
            self.disconnect()
        if answer.status >= 400:
            self.refuse(method, name, content)
        return content

    def upgrade(self, name: str, protocol: str) -> socket.socket:
        """Return a connection of its own that has another protocol. Raises UsageError or StartError."""
        if self._is_closed:
            raise StartError(f"The connections to {self._url} are closed.")
        offer = f"Connection: Upgrade\r\nUpgrade: {protocol}"
        with self._mutex, in_real_time(), self.reporting():
            self.disconnect()
            self._connect().sendall(self._head("GET", name, offer))
            answer = self._read()
            if answer.status != _SWITCHING:
                self.refuse("GET", name, json.loads(answer.body or b"null"))
            connection, self._connection = self._connection, None
            assert connection is not None
            self._upgraded.add(connection)
            return connection

    def refuse(self, method: str, name: str, content: Any) -> NoReturn:
        """Raise UsageError: the server has refused a call."""
        detail = content.get("detail", content) if isinstance(content, dict) else content
        raise UsageError(f"{self._url} refused {method} {name}: {detail}")

    def _head(self, method: str, name: str, more: str) -> bytes:
        return f"{method} {self._path}/__jobmock/{name} HTTP/1.1\r\n{self._headers}{more}\r\n\r\n".encode()

    def _connect(self) -> socket.socket:
        """Return the connection, which is opened again if the server has closed it between two calls."""
        if self._connection is not None and not self._received:
            if not real.readable([self._connection.fileno()], 0):
                return self._connection
            self.disconnect()
        if self._connection is None:
            connection = socket.create_connection(self._address, timeout=TIMEOUT)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._is_https:
                connection = ssl.create_default_context().wrap_socket(connection, server_hostname=self._address[0])
            self._connection = connection
        return self._connection

    def disconnect(self) -> None:
        """Close the connection; a later call opens another one."""
        with self._mutex, in_real_time():
            connection, self._connection, self._received = self._connection, None, b""
            if connection is not None:
                connection.close()

    def reporting(self) -> _Reporting:
        """Return a block that reports an error of a connection in words."""
        return _Reporting(self)

    def failed(self, error: BaseException) -> None:
        """Close the connection after an error. Raises StartError if it means that no server answers."""
        self.disconnect()
        if isinstance(error, (OSError, ValueError)):
            text = f"No jobmock answers at {self._url} ({self._source}): {error or type(error).__name__}."
            raise StartError(text) from error

    def _read(self) -> _Answer:
        """Read one answer."""
        head = self._read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        status = int(head[0].split(" ", 2)[1])
        if fields.get("transfer-encoding") == "chunked":
            return _Answer(status, self._read_chunks())
        return _Answer(status, self._read_bytes(int(fields.get("content-length", 0))))

    def _read_chunks(self) -> bytes:
        body = b""
        while length := int(self._read_until(b"\r\n").split(b";")[0], 16):
            body += self._read_bytes(length)
            self._read_bytes(2)
        self._read_until(b"\r\n")
        return body

    def _read_until(self, end: bytes) -> bytes:
        while end not in self._received:
            self._receive()
        found, _, self._received = self._received.partition(end)
        return found

    def _read_bytes(self, length: int) -> bytes:
        while len(self._received) < length:
            self._receive()
        found, self._received = self._received[:length], self._received[length:]
        return found

    def _receive(self) -> None:
        data = b"" if self._connection is None else self._connection.recv(_CHUNK)
        if not data:
            raise ConnectionError("it closed the connection")
        self._received += data


class _Answer(NamedTuple):
    status: int
    body: bytes


class _Reporting:
    """Closes the connection when an error ends a call, as what comes on it later belongs to that call."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if error is not None:
            self._client.failed(error)
