"""Sends single requests to an API, with its key, and returns each with its answer.

A loop of its own plays them: only there can an exchange be left whatever it waits for, for a host that sends a byte now
and then is in time with each of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any
from urllib.parse import quote

from ..clock import SECOND, Clock
from ..dialect.api import Operation
from .exchange import LiveExchange

_TIMEOUT = 60.0


class NotAnswered(Exception):
    """A request got no answer, or only a part of one."""


class NotReached(NotAnswered):
    """A request was never sent: there was nobody to take it."""


_FAULTS: Mapping[str, tuple[type[NotAnswered], str]] = {
    "ConnectTimeout": (NotReached, "no connection was made in time"),
    "ConnectError": (NotReached, "no connection can be made"),
    "ProxyError": (NotReached, "the proxy lets nothing through"),
    "UnsupportedProtocol": (NotReached, "its protocol is not spoken here"),
    "TimeoutException": (NotAnswered, "it timed out"),
    "TimeoutError": (NotAnswered, "it timed out"),
    "NetworkError": (NotAnswered, "the connection broke off"),
    "RemoteProtocolError": (NotAnswered, "what came is no HTTP"),
    "DecodingError": (NotAnswered, "the encoding of what came can't be undone"),
    "RequestError": (NotAnswered, "the exchange failed"),
}
"""Errors of httpx and of the loop by name, and what is said of each: their own words may hold what came, and in that a
person or the key."""
_LONGEST_ID = 1_000
_NO_IDS: Mapping[str, Callable[[str], object]] = {
    "it is empty": lambda job: not job,
    "it is a step from one path to another": lambda job: job in (".", ".."),
    f"it has more than {_LONGEST_ID:,} characters": lambda job: len(job) > _LONGEST_ID,
    "it is no text": lambda job: job != job.encode("utf-8", "replace").decode(),
}
"""Why a text can't be a job's id in a path, and how to tell."""
_CUT = ("Server disconnected", "peer closed connection")
"""How the words of a RemoteProtocolError begin where the host hung up."""


def no_id(job: str) -> str | None:
    """Return why a text can't be asked for as a job's id, None where it can: another path may be somebody else's."""
    return next((words for words, holds in _NO_IDS.items() if holds(job)), None)


class Sender:
    """One client of one API. The key goes into its header, and nowhere else."""

    def __init__(self, url: str, key: str, clock: Clock) -> None:
        import httpx

        self._client = httpx.AsyncClient(
            base_url=url, timeout=_TIMEOUT, headers={"Authorization": f"Bearer {key}", "Accept": "application/json"}
        )
        self._clock, self._runner = clock, asyncio.Runner()
        self._failures = (httpx.TransportError, httpx.DecodingError, TimeoutError)

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    def send(
        self, operation: Operation, job: str = "", query: str = "", body: bytes = b"", *, within: int | None = None
    ) -> LiveExchange:
        """Send a request and return it with its answer, which has to be there whole `within` so many nanoseconds.

        Raises NotAnswered, NotReached where it was never sent.
        """
        path, more = operation.path.replace("{job}", quote(job, safe="")), {}
        if body:
            more = {"content": body, "headers": {"Content-Type": "application/json"}}
        at = self._clock.now()
        try:
            request = self._client.build_request(operation.method, f"{path}{'?' * bool(query)}{query}", **more)  # type: ignore[arg-type]
            answer: Any = self._runner.run(self._answered(request, within))
        except self._failures as error:
            raise _worded(error) from None
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return LiveExchange(
            at=at, method=operation.method, path=path, query=query, sent=body, status=answer.status_code,
            headers=headers, body=answer.content, arrived=self._clock.now(),
        )  # fmt: skip

    async def _answered(self, request: Any, within: int | None) -> Any:
        async with asyncio.timeout(None if within is None else within / SECOND):
            return await self._client.send(request)


def _worded(error: Exception) -> NotAnswered:
    """Return what is to be said of an error."""
    if str(error).startswith(_CUT):
        return NotAnswered("the answer broke off")
    kind, words = next(_FAULTS[one.__name__] for one in type(error).__mro__ if one.__name__ in _FAULTS)
    return kind(words)
