"""Sends single requests to an API, with its key, and returns each with its answer."""

from __future__ import annotations

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


class Sender:
    """One client of one API. The key goes into its header, and nowhere else."""

    def __init__(self, url: str, key: str, clock: Clock) -> None:
        import httpx

        from .recording.upstream import UNREACHABLE

        self._client = httpx.Client(
            base_url=url, timeout=_TIMEOUT, headers={"Authorization": f"Bearer {key}", "Accept": "application/json"}
        )
        self._clock = clock
        self._failures = (httpx.TransportError, httpx.DecodingError)
        self._unreachable = UNREACHABLE

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
            kind = NotReached if isinstance(error, self._unreachable) else NotAnswered
            raise kind(f"{type(error).__name__}: {error}".rstrip(": .")) from error
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return LiveExchange(
            at=at, method=operation.method, path=path, query=query, sent=body, status=answer.status_code,
            headers=headers, body=answer.content, arrived=self._clock.now(),
        )  # fmt: skip
