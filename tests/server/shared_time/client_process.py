"""A client's process as the server sees it: raw connections to the APIs, and one by which it shares the clock."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any

from tests.support import HANGS, JOBS, KEYS

HEAD_END = b"\r\n\r\n"


class ClientProcess:
    """A process that shares a clock. It knows how much it has written and read on each connection."""

    def __init__(self, url: str, key: str = KEYS["clado"]) -> None:
        host, port = url.removeprefix("http://").split(":")
        self.address, self.key = (host, int(port)), key
        self.control: socket.socket | None = None
        self._answers: dict[str, list[Any]] = {"start": [], "reason": [], "detail": []}
        self._unread, self._lock = b"", threading.Lock()
        self.connections: list[socket.socket] = []
        self.written: dict[int, int] = {}
        self.read: dict[int, int] = {}

    def call(self, name: str, body: Any, *, method: str = "POST") -> tuple[int, Any]:
        """Make a control call of another kind, and return status and answer."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        connection = HTTPConnection(*self.address, timeout=HANGS)
        try:
            connection.request(method, f"/__jobmock/{name}", None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def share(self) -> socket.socket:
        """Return the connection by which the process shares the clock."""
        if self.control is None:
            self.control = control = socket.create_connection(self.address, timeout=HANGS)
            control.sendall(offer(self.key))
            assert control.recv(65_536).endswith(HEAD_END)
        return self.control

    def say(self, call: str, **members: Any) -> None:
        """Make a call on that connection."""
        self.share().sendall(json.dumps({"call": call, **members}).encode() + b"\n")

    def answer(self, member: str) -> Any:
        """Return the next answer that has a member: `start`, `reason` or `detail`."""
        with self._lock:
            while not self._answers[member]:
                data = self.share().recv(65_536) or pytest_fail()
                *lines, self._unread = (self._unread + data).split(b"\n")
                for answer in map(json.loads, lines):
                    self._answers[next(known for known in self._answers if known in answer)].append(answer)
            return self._answers[member].pop(0)

    def join(self, port: int | None = None, **more: Any) -> Any:
        """Join, perhaps with the port of a connection, and return the answer."""
        self.say("join", name="a client", port=port, **more)
        return self.answer("start")

    def connect(self, *, claim: bool = True) -> socket.socket:
        """Connect to the APIs, and claim the connection."""
        connection = socket.create_connection(self.address, timeout=HANGS)
        port = connection.getsockname()[1]
        self.connections.append(connection)
        self.written[port] = self.read[port] = 0
        if claim:
            self.say("claim", port=port)
        return connection

    def send(self, connection: socket.socket, data: bytes) -> None:
        """Send data."""
        connection.sendall(data)
        self.written[connection.getsockname()[1]] += len(data)

    def poll(self, job: str) -> bytes:
        """Return the bytes of a poll."""
        return f"GET {JOBS['clado']}/{job} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\n\r\n".encode()

    def receive(self, connection: socket.socket) -> Any:
        """Receive an answer, and return its JSON."""
        data, length = b"", None
        while length is None or len(data) < length:
            data += connection.recv(65_536) or pytest_fail()
            head, blank, body = data.partition(b"\r\n\r\n")
            if blank and length is None:
                length = len(head) + 4 + int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        self.read[connection.getsockname()[1]] += len(data)
        return json.loads(body)

    def wait(self, until: int | None, *, read: bool = True, **more: Any) -> tuple[int, str]:
        """Wait on the clock; return its reading in seconds, and the reason."""
        sent = {str(port): number for port, number in self.written.items()}
        if read:
            more["read"] = {str(port): number for port, number in self.read.items()}
        self.say("wait", until=until, sent=sent, **more)
        answer = self.answer("reason")
        return answer["now"], answer["reason"]

    def waiting(self, until: int | None, **more: Any) -> Waiting:
        """Begin to wait on the clock in a thread."""
        return Waiting(self, until, more)

    def close(self) -> None:
        """End, as a process does that is killed."""
        if self.control is not None:
            self.control.close()
        for connection in self.connections:
            connection.close()


def offer(key: str, more: str = "") -> bytes:
    """Return the head of a request to share the clock of a key."""
    head = f"GET /__jobmock/clock/share HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
    return f"{head}Connection: Upgrade\r\nUpgrade: jobmock-clock\r\n{more}\r\n".encode()


def pytest_fail() -> bytes:
    """Raise, as a connection has ended early."""
    raise EOFError("The server closed the connection.")


class Waiting:
    """A wait in a thread."""

    def __init__(self, process: ClientProcess, until: int | None, more: Any) -> None:
        self._result: Any = None
        self._thread = threading.Thread(target=self._wait, args=(process, until, more), daemon=True)
        self._thread.start()

    def _wait(self, process: ClientProcess, until: int | None, more: Any) -> None:
        try:
            self._result = process.wait(until, **more)
        except Exception as error:
            self._result = error

    def is_over(self, seconds: float = 0.1) -> bool:
        """Return whether it ends within so many seconds."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> Any:
        """Return how it ended."""
        assert self.is_over(HANGS), "The wait didn't end."
        return self._result


Start = Callable[..., ClientProcess]
