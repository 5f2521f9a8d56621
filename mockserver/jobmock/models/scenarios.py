"""Scenarios as values. Times are integer nanoseconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from ..errors import Origin
from ..pretty_printing import PrettyPrinted

NOTHING: Mapping[str, Any] = MappingProxyType({})
MOST_PEOPLE = 10_000
SPOILING = ("disconnect", "corrupt", "hang")
"""The faults after which no client can read the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results(PrettyPrinted):
    """How many people a job ends with, at most MOST_PEOPLE, and the seed that decides who they are."""

    count: int = 3
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class After(PrettyPrinted):
    """When a step ends: after so many answered polls, or after so many nanoseconds. Exactly one is set."""

    polls: int | None = None
    time: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages(PrettyPrinted):
    """Hostile paging of one step; page numbers count from 1, `swap` holds item numbers from 1."""

    empty: frozenset[int] = frozenset()
    repeat: Mapping[int, int] = field(default_factory=dict)
    swap: tuple[tuple[int, int], ...] = ()
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(PrettyPrinted):
    """One status of a job for some time, and what its answers show."""

    status: str
    after: After | None = None
    results: int | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    omit: tuple[str, ...] = ()
    pages: Pages | None = None
    violates: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class When(PrettyPrinted):
    """Which requests a fault applies to. Exactly one is set. Requests count from 1; `during` is half-open."""

    requests: tuple[int, int] | None = None
    every: int | None = None
    during: tuple[int, int] | None = None
    chance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Respond(PrettyPrinted):
    """A scripted refusal: an error of the API by its name, or a status with an optional body."""

    name: str | None = None
    status: int | None = None
    body: Any = None
    has_body: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(PrettyPrinted):
    """What differs in an answer from the API's own: its HTTP status, headers, and places of its body by JSON Pointer.

    In a pointer, `*` stands for every item of a list or every member of an object.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    set: Mapping[str, Any] = field(default_factory=dict)
    omit: tuple[str, ...] = ()
    byte_order_mark: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(PrettyPrinted):
    """How long an answer is held: `constant` (a), `uniform` (from a to b) or `lognormal` (median a, sigma)."""

    kind: str
    a: int
    b: int = 0
    sigma: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drip(PrettyPrinted):
    """A body that is sent in pieces of `size` bytes, one every `every` nanoseconds."""

    size: int
    every: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryAfter(PrettyPrinted):
    """What the Retry-After header says: seconds, an HTTP-date so many seconds ahead, or nothing at all."""

    seconds: int | None = None
    as_date: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(PrettyPrinted):
    """What the network or the gateway does to some requests of one operation."""

    operation: str = "status"
    when: When
    respond: Respond | None = None
    change: Change | None = None
    disconnect: str | None = None
    corrupt: str | None = None
    hang: bool = False
    drip: Drip | None = None
    delay: Delay | None = None
    retry_after: RetryAfter | None = None

    @property
    def label(self) -> str:
        """The fault in one or two words, for the journal and `explain`."""
        if self.respond:
            return f"respond {self.respond.name or self.respond.status}"
        for name in ("disconnect", "corrupt"):
            if value := getattr(self, name):
                return f"{name} {value}"
        return "hang" if self.hang else "drip" if self.drip else "change" if self.change else "delay"

    @property
    def spoils(self) -> bool:
        """Whether no client can read the answer."""
        return any(getattr(self, name) for name in SPOILING)

    @property
    def on_the_wire(self) -> bool:
        """Whether it is played on the connection, not by changing the answer."""
        return bool(self.disconnect or self.hang or self.drip or self.corrupt in ("short_body", "garbage"))


@dataclass(frozen=True, slots=True, kw_only=True)
class More(PrettyPrinted):
    """How many people continuations of a completed job may add, and the progression of the reopened job."""

    count: int
    progression: tuple[Step, ...] = ()


class Limit(NamedTuple):
    """`requests` in each `period` nanoseconds; with a `burst` a token bucket of that capacity, else a fixed window."""

    requests: int
    period: int
    burst: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario(PrettyPrinted):
    """What one job does over time, and what the network and the gateway do to its requests."""

    name: str
    api: str
    summary: str
    progression: tuple[Step, ...]
    results: Results = Results()
    faults: tuple[Fault, ...] = ()
    run_shape: str | None = None
    more: More | None = None
    switches: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Limit | None] = field(default_factory=dict)
    origin: Origin = field(default=Origin(source="<scenario>"), compare=False, repr=False)
