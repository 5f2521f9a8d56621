"""A sender for tests of the poller: it sends requests to a mock, without a socket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.support import KEYS, Mock

from jobmock import apis
from jobmock.checking.exchange import LiveExchange
from jobmock.checking.poller import PolledJob, Poller
from jobmock.checking.sender import NotAnswered
from jobmock.clock import SECOND
from jobmock.dialect.api import Operation


class ScriptedSender:
    """A sender without a socket: it sends requests to a mock, and fails at the given numbers."""

    def __init__(
        self, mock: Mock, api: str, fail: Sequence[int] = (), failure: NotAnswered | None = None
    ) -> None:  # fmt: skip
        self.mock, self.api, self.fail = mock, api, fail
        self.failure = failure or NotAnswered("it timed out")
        self.requests: list[tuple[float, str, str]] = []
        """Time, operation and query of each request."""
        self.within: list[int | None] = []

    def now(self) -> int:
        return self.mock.namespace(self.api).clock.now()

    def sleep(self, seconds: float) -> None:
        self.mock.advance(seconds, self.api)

    def send(
        self, operation: Operation, job: str = "", query: str = "", body: bytes = b"", *, within: int | None = None
    ) -> LiveExchange:
        elapsed = self.mock.namespace(self.api).clock.elapsed / SECOND
        self.requests.append((elapsed, operation.name, query))
        self.within.append(within)
        if len(self.requests) in self.fail:
            raise self.failure
        path, at = operation.path.replace("{job}", job), self.now()
        reply = self.mock.send(operation.method, path, key=KEYS[self.api], query=query, body=body or None)
        headers = {name.decode(): value.decode() for name, value in reply.headers}
        return LiveExchange(
            at=at, method=operation.method, path=path, query=query, status=reply.status, headers=headers,
            body=reply.body,
        )  # fmt: skip

    def poll(self, **polled: Any) -> list[LiveExchange]:
        """Return the exchanges of polling a job; `reported` has the poller's lines, also after an error."""
        self.reported: list[str] = []
        job = PolledJob(api=apis.load(self.api), **polled)
        return list(Poller(job, self, now=self.now, sleep=self.sleep, report=self.reported.append).exchanges())

    @property
    def moments(self) -> list[float]:
        """The seconds of the mock's clock at which requests were sent."""
        return [at for at, _, _ in self.requests]


def sender_for(mock: Mock, wanted: str | Mapping[str, Any], **more: Any) -> tuple[ScriptedSender, str]:
    """Return a sender for a mock, and a job that plays a scenario there."""
    api = wanted.partition("/")[0] if isinstance(wanted, str) else wanted["api"]
    job = mock.play(api, wanted)
    return ScriptedSender(mock, api, **more), job
