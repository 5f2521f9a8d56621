"""A client's call for one job, by a command: what it is allowed to take, and how it ended."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..client_reports.played_job import PlayedJob
from ..models import Reply, Request
from .run_mock import MockSettings
from .time_limits import Stop

MOST_REQUESTS = "too many requests"
"""The kind of the stop of a client that sends more requests than it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLimits:
    """What one call may take: real seconds, seconds of the mock's clock, and requests. None is no limit."""

    timeout: float | None = None
    seconds: float | None = None
    requests: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """The time in which a command lives, what each call may take, and the environment to which variables are added."""

    mock: MockSettings = field(default_factory=MockSettings)
    limits: ClientLimits = field(default_factory=ClientLimits)
    base: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRun:
    """How a call ended: it returned a value, it raised a text, or jobmock ended it, which `stop` says.

    `exit_code` and `output`, what was written to stdout, are those of a command that runs once for each job.
    `broken_protocol` is a sentence about a persistent one, without its subject. Such a command may have answered, too:
    `has_ended` says whether the call is known to have ended by itself.
    """

    played: PlayedJob
    returned: Any = None
    raised: str | None = None
    stop: Stop | None = None
    exit_code: int | None = None
    output: bytes = b""
    broken_protocol: str | None = None
    has_ended: bool = True


class RequestLimit:
    """Ends a client that sends too many requests for one job."""

    def __init__(self, most: int | None) -> None:
        self._most, self._count = most, 0
        self._stop: Callable[[Stop], None] = lambda stop: None

    def begin(self, stop: Callable[[Stop], None]) -> None:
        """Count the requests of the next call. `stop` is called when there are too many."""
        self._count, self._stop = 0, stop

    def note_request(self, request: Request, reply: Reply) -> None:
        """Count a request. Called in the server's thread."""
        self._count += 1
        if self._most is not None and self._count > self._most:
            self._stop(Stop(MOST_REQUESTS, 1, f"The client sent more than {self._most} requests for one job."))
