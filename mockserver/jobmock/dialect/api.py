"""What an API's module must say, and what it is handed: the seam between the one service and the two dialects.

An API is data (operations, transitions, errors, limits) and a few functions. The service walks every request through
the same stages; an operation's `answer` is the last of them, and `Refused` ends any of them early.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ..engine.headers import Headers
from ..engine.namespace import Namespace
from ..engine.pagination import Paging
from ..engine.progression import Transitions
from ..models import Limit, RetryAfter, Told
from .observation import Hearing

if TYPE_CHECKING:
    from .request_context import Call


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


class Kept:
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
    """What an operation answers: `page` is what a paged one says of its page.

    `body` is not JSON yet, may hold `Part`s, and may be `Kept`; text goes out as it is.
    """

    status: int
    body: Any
    headers: Headers = ()
    page: Told | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operation:
    """One operation: how a request for it looks, and what answers it.

    `path` has `{name}` for a parameter; `replies` names the document of each HTTP status, relative to the API's own.
    """

    name: str
    method: str
    path: str
    answer: Callable[[Call], Answer]
    replies: Mapping[int, str]
    scope: str | None = None
    absent: str | None = None
    """The error of what its path names and nobody has, where that isn't a job."""
    samples: tuple[bytes, ...] = (b"",)
    """Query strings under which a scenario's bodies are checked."""
    once: str | None = None
    """The member of a start's body that makes its repetition harmless; all others say what is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Api:
    """One API's dialect."""

    name: str
    host: str
    """Where the real API is."""
    prefix: str
    operations: tuple[Operation, ...]
    transitions: Transitions
    """From each status to those that may follow; a terminal one has none."""
    shows: Mapping[str, str]
    """What is visible in a status where the step is silent; see `progression.stages`."""
    counters: tuple[tuple[str, ...], ...]
    """The paths of the body's counters, which never go back."""
    errors: Mapping[str, tuple[int, str]]
    """Error name → HTTP status and the text it is sent with."""
    refusal: Callable[[Refused, Call], Answer]
    reserved: Mapping[str, str]
    """Keys that are always refused, and how, in words."""
    authorize: Callable[[bytes | None, Operation | None], str]
    """Authorization header (None without one), operation → the key, if it may call that. Pure. Raises Refused."""
    unknown_key: str
    """The error of a key whose scenario doesn't exist."""
    elsewhere: str
    """The error of a job that belongs to another key."""
    absent: str
    """The error of a job that nobody has, or that a step says can't be found."""
    limited: str
    """The error of a request over its limit."""
    by_status: Mapping[int, str]
    """HTTP status → the error that a scripted `{status: …}` without a body takes."""
    plain: Callable[[int, str, Call], Answer]
    """An error that no document lists (HTTP status, text), in the API's own error body."""
    limits: Callable[[Callable[[str], Any]], Mapping[str, Limit]]
    """The documented limits by operation, given the look-up of switches."""
    usual: Mapping[str, str]
    """Kind of job → the scenario it plays when nothing else is said."""
    ends_with: Mapping[str, tuple[str, str]]
    """Kind of job → one and many of what `results` counts in it; two empty words where it counts nothing."""
    kind: Callable[[str | None], str]
    """Run shape (None where there is none) → kind of job."""
    patience: int
    """How long a job may take by the documents, in nanoseconds: who gives up before has given up too early."""
    walk: Callable[[], Walk]
    """The smallest correct client of the API; imported when it is wanted."""
    hearing: Callable[[], Hearing]
    """What bodies tell a recorder; imported when it is wanted."""
    facts: Callable[[Namespace, str | None], Mapping[str, Any]]
    """What a job that no start call made has beside its scenario, given the scenario's run shape."""
    paging: Paging | None
    """None where status answers come whole."""
    settle: Callable[[Namespace, int], None]
    """Draw up what the jobs of a key have cost, or won back, by now."""
    terminal: frozenset[str] = field(init=False)
    """The statuses that nothing follows."""

    def __post_init__(self) -> None:
        ends = frozenset(status for status, following in self.transitions.items() if not following)
        object.__setattr__(self, "terminal", ends)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walk:
    """What a client of one API must know. `client` is an `httpx.Client` with base URL and key set.

    `more` is None where the API has no continuations; `collect` returns pages and people.
    """

    job_id: str
    start: Callable[[str | None], dict[str, Any]]
    """Run shape → a body that starts such a job."""
    more: Callable[[Any, str], None] | None
    collect: Callable[[Any, str], tuple[int, int]]
