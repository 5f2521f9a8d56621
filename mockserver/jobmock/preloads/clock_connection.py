"""The connection by which this process shares a clock: a line of JSON for each call, and one for each answer.

A process waits once for each poll, so a call is one write, and an answer is one read.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections import deque
from typing import Any

from ..virtual import in_real_time, real
from .control_client import TIMEOUT, ControlClient

PROTOCOL = "jobmock-clock"
_PIECE = 4_096
_FULL_SECONDS = 0.001
"""How long to wait where the system takes no more data."""
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_encode = json.JSONEncoder(separators=(",", ":")).encode


class ClockConnection:
    """The client's end. Calls of several threads don't mix.

    Answers have different members, so a thread finds its own: `start` is in that of a join, `reason` in that of a wait.
    """

    def __init__(self, client: ControlClient) -> None:
        self._client, self._mutex = client, real.Mutex()
        self._socket: socket.socket = client.upgrade("clock/share", PROTOCOL)
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self._received = b""
        self._answers: dict[str, deque[Any]] = {"start": deque(), "reason": deque()}

    def send(self, call: str, **members: Any) -> None:
        """Make a call. Raises StartError."""
        line = _encode({"call": call, **members}).encode() + b"\n"
        with self._mutex, in_real_time(), self._client.reporting():
            self._write(line)

    def has_answer(self, member: str, seconds: float) -> bool:
        """Return whether an answer with a member comes within so many real seconds. Raises StartError, UsageError."""
        if not self._answers[member] and self._is_readable(seconds):
            self._receive()
        return bool(self._answers[member])

    def answer(self, member: str) -> Any:
        """Return the next answer with a member. Raises StartError, UsageError."""
        with self._client.reporting():
            while not self._answers[member]:
                if not self._is_readable(TIMEOUT):
                    raise TimeoutError("it doesn't answer")
                self._receive()
        return self._answers[member].popleft()

    def close(self) -> None:
        """Close the connection: this process takes part no more."""
        with in_real_time():
            self._socket.close()

    def _is_readable(self, seconds: float) -> bool:
        """Return whether data comes within so many real seconds. TLS may have some that it has read before."""
        if getattr(self._socket, "pending", int)():
            return True
        return bool(real.readable([self._socket.fileno()], seconds))

    def _write(self, data: bytes) -> None:
        while data:
            try:
                data = data[self._socket.send(data) :]
            except _NOT_NOW:
                real.sleep(_FULL_SECONDS)

    def _receive(self) -> None:
        """Take the answers that have come."""
        with self._mutex, in_real_time(), self._client.reporting():
            try:
                data = self._socket.recv(_PIECE)
            except _NOT_NOW:  # another thread has read it, or it is no data of TLS
                return
            if not data:
                raise ConnectionError("it closed the connection")
            *lines, self._received = (self._received + data).split(b"\n")
            for line in lines:
                self._take(json.loads(line))

    def _take(self, answer: Any) -> None:
        for member, answers in self._answers.items():
            if member in answer:
                answers.append(answer)
                return
        self._client.refuse("GET", "clock/share", answer)
