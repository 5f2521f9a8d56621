"""What a client program is given: a way to send, a way to sleep, and a clock. Each runtime has its own wire."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol


class Lost(Exception):
    """Raised when no answer arrives, or none that can be read."""


class Failed(Exception):
    """Raised by a client whose job failed, was refused, or took too long."""


class Stopped(BaseException):
    """Raised in a client that sends too many requests or takes too long. No Exception, as clients catch those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as a client sees it; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: Any


class Wire(Protocol):
    """How a client reaches its server. Times are in seconds."""

    async def send(self, method: str, path: str, query: str = "", body: Any = None) -> Answer: ...
    async def sleep(self, seconds: float) -> None: ...
    async def together(self, *calls: Callable[[], Awaitable[Any]]) -> list[Any]: ...
    def now(self) -> float: ...


def parsed(status: int, headers: dict[str, str], content: bytes, *, strict: bool) -> Answer:
    """Return an answer with its JSON. An error may have any body; a success that isn't JSON raises Lost."""
    try:
        if strict and "json" not in headers.get("content-type", ""):
            raise ValueError("The content type isn't JSON.")
        body = json.loads(content)
    except ValueError as error:
        if status < 400:
            raise Lost(str(error)) from None
        body = {}
    return Answer(status=status, headers=headers, body=body)
