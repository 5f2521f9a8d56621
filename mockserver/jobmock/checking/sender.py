"""Sends single requests to an API, with its key, and returns each with its answer.

The requests run in an event loop, because only there a deadline holds for a whole exchange. A client's own timeout is
for each read: a host that sends a byte now and then never exceeds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any
from urllib.parse import quote

from ..clock import SECOND, Clock
from ..dialect.answers import JSON
from ..dialect.api import Operation
from ..dialect.credentials import BEARER, Credential
from .exchange import LiveExchange

_TIMEOUT = 60.0


class NotAnswered(Exception):
    """Raised when a request got no answer, or only a part of one."""


class NotReached(NotAnswered):
    """Raised when a request couldn't be sent, because there was no connection."""


_FAILURES: Mapping[str, tuple[type[NotAnswered], str]] = {
    "ConnectTimeout": (NotReached, "no connection was made in time"),
    "ConnectError": (NotReached, "no connection can be made"),
    "ProxyError": (NotReached, "the proxy lets nothing through"),
    "UnsupportedProtocol": (NotReached, "its protocol is not spoken here"),
    "TimeoutException": (NotAnswered, "it timed out"),
    "TimeoutError": (NotAnswered, "it timed out"),
    "NetworkError": (NotAnswered, "the connection broke off"),
    "RemoteProtocolError": (NotAnswered, "what came is no HTTP"),
    "DecodingError": (NotAnswered, "the answer is in an encoding that can't be decoded"),
    "RequestError": (NotAnswered, "the exchange failed"),
}
"""The message for each error of httpx or of the loop, by the error's name. Their own messages may hold a part of the
answer, with personal data or the key."""
_LONGEST_ID = 1_000
_ID_FAULTS: Mapping[str, Callable[[str], object]] = {
    "it is empty": lambda job: not job,
    "it is a step from one path to another": lambda job: job in (".", ".."),
    f"it has more than {_LONGEST_ID:,} characters": lambda job: len(job) > _LONGEST_ID,
    "it is no text": lambda job: job != job.encode("utf-8", "replace").decode(),
}
"""Why a text can't be a job's id in a path, and when."""
_BROKEN_OFF = ("Server disconnected", "peer closed connection")
"""How the message of a RemoteProtocolError begins if the host closed the connection."""


def job_id_fault(job: str) -> str | None:
    """Return why a text can't be a job's id in a path, None if it can. It must not lead to another path."""
    return next((fault for fault, holds in _ID_FAULTS.items() if holds(job)), None)


class Sender:
    """A client of one API. It sends the key in its header, and nowhere else."""

    def __init__(self, url: str, key: str, clock: Clock, credential: Credential = BEARER) -> None:
        import httpx

        headers = list(credential.headers(key))
        self._client = httpx.AsyncClient(base_url=url, timeout=_TIMEOUT, headers=headers)
        self._clock, self._runner = clock, asyncio.Runner()
        self._errors = (httpx.TransportError, httpx.DecodingError, TimeoutError)

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    def send(
        self, operation: Operation, job: str = "", query: str = "", body: bytes = b"", *, within: int | None = None
    ) -> LiveExchange:
        """Send a request and return it with its answer, which must come completely `within` so many nanoseconds.

        Raises NotAnswered, or NotReached if it couldn't be sent.
        """
        path = operation.path.replace("{job}", quote(job, safe=""))
        content: dict[str, Any] = {"headers": {"Accept": operation.media_type}}
        if body:
            content = {"content": body, "headers": {**content["headers"], "Content-Type": JSON}}
        at = self._clock.now()
        try:
            request = self._client.build_request(operation.method, f"{path}{'?' * bool(query)}{query}", **content)
            answer: Any = self._runner.run(self._send(request, within))
        except self._errors as error:
            raise _not_answered(error) from None
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return LiveExchange(
            at=at, method=operation.method, path=path, query=query, sent=body, status=answer.status_code,
            headers=headers, body=answer.content, arrived=self._clock.now(),
        )  # fmt: skip

    async def _send(self, request: Any, within: int | None) -> Any:
        async with asyncio.timeout(None if within is None else within / SECOND):
            return await self._client.send(request)


def _not_answered(error: Exception) -> NotAnswered:
    """Return the NotAnswered for an error."""
    if str(error).startswith(_BROKEN_OFF):
        return NotAnswered("the answer broke off")
    kind, message = next(_FAILURES[one.__name__] for one in type(error).__mro__ if one.__name__ in _FAILURES)
    return kind(message)
