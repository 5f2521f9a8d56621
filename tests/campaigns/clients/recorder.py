"""What a client sent and received, as it saw it: noted on its own side, without the server's journal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from tests.campaigns.clients.wire import Answer, Lost, Wire

TEMPORARY = (408, 425, 429)
"""Statuses of refusals that are temporary; every other 4xx is final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request as the client saw it; `status` is None where no answer could be read. Times are in seconds."""

    at: float
    received: float
    method: str
    path: str
    query: str
    status: int | None = None
    state: str | None = None
    due: float | None = None
    """When Retry-After allows the next request."""

    @property
    def subject(self) -> tuple[str, str]:
        """What is asked: a start, or the reading of a job or a profile, pages apart."""
        return self.method, f"{self.path}?{self.query}"

    @property
    def fails(self) -> bool:
        """Whether it is no use for now: no answer, or a temporary error."""
        return self.status is None or self.status in TEMPORARY or self.status >= 500

    @property
    def is_refused(self) -> bool:
        """Whether it is refused for good."""
        return self.status is not None and 400 <= self.status < 500 and self.status not in TEMPORARY


@dataclass(kw_only=True)
class Recorder:
    """A wire that notes what is sent on another one."""

    wire: Wire
    log: list[Sent] = field(default_factory=list)

    async def send(self, method: str, path: str, query: str = "", body: Any = None) -> Answer:
        """Send a request, and note it."""
        at = self.wire.now()
        try:
            answer = await self.wire.send(method, path, query, body)
        except Lost:
            self.log.append(Sent(at=at, received=self.wire.now(), method=method, path=path, query=query))
            raise
        now = self.wire.now()
        state = answer.body.get("status") if answer.status < 300 and isinstance(answer.body, dict) else None
        self.log.append(
            Sent(
                at=at, received=now, method=method, path=path, query=query, status=answer.status,
                state=state if method == "GET" else None, due=_due(answer, now),
            )
        )  # fmt: skip
        return answer

    async def sleep(self, seconds: float) -> None:
        """Sleep."""
        await self.wire.sleep(seconds)

    async def together(self, *calls: Callable[[], Awaitable[Any]]) -> list[Any]:
        """Run some calls at the same time."""
        return await self.wire.together(*calls)

    def now(self) -> float:
        """Return the client's time."""
        return self.wire.now()


def _due(answer: Answer, now: float) -> float | None:
    value = answer.headers.get("retry-after") if answer.status >= 400 else None
    if value is None:
        return None
    if value.isdigit():
        return now + int(value)
    return now + (parsedate_to_datetime(value) - parsedate_to_datetime(answer.headers["date"])).total_seconds()
