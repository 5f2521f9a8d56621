"""Sends single requests to an API, with its key, and returns each with its answer."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any
from urllib.parse import quote

from ..clock import Clock
from ..dialect import Operation
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
    "NetworkError": (NotAnswered, "the connection broke off"),
    "RemoteProtocolError": (NotAnswered, "what came is no HTTP"),
    "DecodingError": (NotAnswered, "the encoding of what came can't be undone"),
    "RequestError": (NotAnswered, "the exchange failed"),
}
"""httpx's errors by name, and what is said of each: their own words may hold what came, a person or the key in it."""
_CUT = ("Server disconnected", "peer closed connection")
"""How the words of a RemoteProtocolError begin where the host hung up."""


class Sender:
    """One client of one API. The key goes into its header, and nowhere else."""

    def __init__(self, url: str, key: str, clock: Clock) -> None:
        import httpx

        self._client = httpx.Client(
            base_url=url, timeout=_TIMEOUT, headers={"Authorization": f"Bearer {key}", "Accept": "application/json"}
        )
        self._clock = clock
        self._failures = (httpx.TransportError, httpx.DecodingError)

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def send(self, operation: Operation, job: str = "", query: str = "", body: bytes = b"") -> LiveExchange:
        """Send a request and return it with its answer. Raises NotAnswered, NotReached where it was never sent."""
        path, more = operation.path.replace("{job}", quote(job, safe="")), {}
        if body:
            more = {"content": body, "headers": {"Content-Type": "application/json"}}
        at = self._clock.now()
        try:
            answer: Any = self._client.request(operation.method, f"{path}{'?' * bool(query)}{query}", **more)  # type: ignore[arg-type]
        except self._failures as error:
            raise _worded(error) from None
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return LiveExchange(
            at=at, method=operation.method, path=path, query=query, sent=body, status=answer.status_code,
            headers=headers, body=answer.content, arrived=self._clock.now(),
        )  # fmt: skip


def _worded(error: Exception) -> NotAnswered:
    """Return what is to be said of an error of httpx."""
    if str(error).startswith(_CUT):
        return NotAnswered("the answer broke off")
    kind, words = next(_FAULTS[one.__name__] for one in type(error).__mro__ if one.__name__ in _FAULTS)
    return kind(words)
