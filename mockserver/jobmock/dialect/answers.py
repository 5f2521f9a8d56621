"""What an operation returns (`Answer`) or raises (`Refused`), before it is serialized."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import orjson

from ..engine.headers import Headers
from ..engine.jobs import Job
from ..models import PageInfo, RetryAfter

JSON = "application/json"
JSON_LINES = "application/jsonl"
"""The media type of a body in which each line is a JSON value."""


class Refused(Exception):
    """An operation is refused with an entry of the API's error catalogue.

    `text` replaces the text of that entry; `members` are added to the body.
    """

    def __init__(
        self, name: str, text: str | None = None, *, retry: RetryAfter | None = None, **members: Any
    ) -> None:
        super().__init__(name)
        self.name, self.text, self.retry, self.members = name, text, retry, members


class Part(NamedTuple):
    """A long member of an answer: `make` returns its value.

    `name` begins with the API's name and says all that decides the value, because serialized answers are cached by it.
    `slices` prepares the value step by step if that takes long; afterwards `make` is quick.
    """

    name: bytes
    make: Callable[[], Any]
    slices: Callable[[], Iterator[None]] | None = None


def compact(made: bytes) -> bytes:
    """Return bytes that orjson made in memory of their own length: it leaves them up to six times as much."""
    return b"%b" % made


class CachedBody:
    """A body that is answered again while its job stays the same, with what was made of it the last time.

    `job` stores it. `skeleton` is the body as JSON with the names of its parts, and `has_parts` whether there are any.
    `entry` is its journal entry for the request `entry_request`, without number and time, and `entry_size` the size of
    that in bytes.
    """

    __slots__ = ("body", "entry", "entry_request", "entry_size", "has_parts", "job", "skeleton")

    def __init__(self, body: Any, job: Job) -> None:
        self.body, self.job = body, job
        self.skeleton: bytes | None = None
        self.has_parts = False
        self.entry_request: object = None
        self.entry: tuple[Any, ...] = ()
        self.entry_size = 0


class Answer(NamedTuple):
    """The answer of an operation. `page` describes the page of a paged answer, `error` names the error of a refusal.

    `body` is data that becomes JSON, and may have `Part`s in it; or a `CachedBody`; or text, which is sent unchanged.
    None is no body.
    """

    status: int
    body: Any
    headers: Headers = ()
    page: PageInfo | None = None
    error: str | None = None


def json_lines(rows: Iterable[Any], status: int = 200) -> Answer:
    """Return an answer in JSON Lines: each row is a line of JSON."""
    text = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows).decode()
    return Answer(status, text, ((b"content-type", JSON_LINES.encode()),))
