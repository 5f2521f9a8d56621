"""What an operation returns (`Answer`) or raises (`Refused`), before it is serialized."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..engine.headers import Headers
from ..models import PageInfo, RetryAfter


class Refused(Exception):
    """An operation is refused with an entry of the API's error catalogue.

    `text` replaces the entry's own; `members` are what this one refusal adds to the body.
    """

    def __init__(
        self, name: str, text: str | None = None, *, retry: RetryAfter | None = None, **members: Any
    ) -> None:
        super().__init__(name)
        self.name, self.text, self.retry, self.members = name, text, retry, members


class Part(NamedTuple):
    """A long member of an answer: `make` returns what is written in its place.

    `name` begins with the API's and says all that decides the part: answers are kept under it.
    """

    name: bytes
    make: Callable[[], Any]


class CachedBody:
    """A body that is answered again as long as it holds, and what was made of it the last time.

    `sketch` is it as JSON, and `parted` whether it has parts; `noted` is what the journal has of it, but for number and
    time, with its size in bytes, and `asked` how the request looked that it was told to.
    """

    __slots__ = ("asked", "body", "noted", "parted", "size", "sketch")

    def __init__(self, body: Any) -> None:
        self.body = body
        self.sketch: bytes | None = None
        self.parted = False
        self.asked: object = None
        self.noted: tuple[Any, ...] = ()
        self.size = 0


class Answer(NamedTuple):
    """The answer of an operation. `page` describes the page of a paged answer.

    `body` is data that becomes JSON, and may have `Part`s in it; or a `CachedBody`; or text, which is sent unchanged.
    """

    status: int
    body: Any
    headers: Headers = ()
    page: PageInfo | None = None
