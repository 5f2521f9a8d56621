"""Requests, replies and exchanges as values. Times are integer nanoseconds."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple

from ..clock_protocol import ClockLike
from .scenarios import Fault


class Request(NamedTuple):
    """One request. `path` and `query` are raw bytes; names of headers are in lower case. `scheme` is http or https."""

    method: str
    path: bytes
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    connection: Hashable | None = None
    scheme: str = "http"

    def header(self, name: bytes) -> bytes | None:
        """Return the first value of a header, or None."""
        return next((value for key, value in self.headers if key == name), None)


class PageInfo(NamedTuple):
    """The page that an answer has: its number, its size, whether another one follows, and the total of all pages."""

    page: int
    size: int
    has_next: bool
    total: int = 0


class Reply(NamedTuple):
    """One answer. It is held until `clock` reads `due` (nanoseconds, 0 for at once), and broken by `fault`.

    `clock` is the namespace's. The sender calls `lost` where the client left before it got the answer.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    clock: ClockLike
    due: int = 0
    fault: Fault | None = None
    lost: Callable[[], None] = lambda: None


class Exchange(NamedTuple):
    """One request and its answer in the journal. Times are readings of the namespace's clock in nanoseconds.

    `step` is the scenario's step that answered, counted from 1. `made` is when the job was made, `state` its status in
    the answer. Retry-After allows the next request from `retry` on; a delayed answer was held until `held`; `page`
    describes the page of a paged answer. `intent` is a digest of a start's body, `once` its idempotency key. `partial`
    is a member of a success that says that parts are missing. `error` is the code of a refusal, `retry_form` the form
    of its Retry-After: `seconds` or `date`. `switches` are those that don't have their default, as `NAME=VALUE`.
    `agent` is the User-Agent, `arrived` a reading of the real clock, and `connection` is equal for requests on one
    connection, or in process of one thread or task.
    """

    number: int
    at: int
    api: str | None
    operation: str | None
    job: str | None
    method: str
    path: str
    query: str
    status: int
    step: int | None = None
    fault: str | None = None
    note: str | None = None
    state: str | None = None
    retry: int | None = None
    page: PageInfo | None = None
    intent: str | None = None
    once: str | None = None
    made: int | None = None
    held: int | None = None
    partial: str | None = None
    error: str | None = None
    retry_form: str | None = None
    switches: tuple[str, ...] = ()
    arrived: int | None = None
    connection: Hashable | None = None
    agent: str | None = None
