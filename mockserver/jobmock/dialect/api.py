"""An API as the service knows it.

An API is data (operations, transitions, errors, limits) and a few functions. The service takes every request through
the same stages. The last one is the operation's `answer`; `Refused` ends any stage early.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from .. import json_pointer
from ..engine.namespace import Namespace
from ..engine.pagination import Paging
from ..engine.transitions import Transitions
from ..models import Limit, Step
from .answers import JSON, JSON_LINES, Answer, Refused
from .credentials import BEARER, Credential
from .observation import Observation
from .reference_client import ReferenceClient
from .unknown_names import unknown_name

if TYPE_CHECKING:
    from .request_context import RequestContext

DEFAULT: Any = None
"""Stands in place of what `defaults` has for an API that doesn't say it."""


_ABOUT_JOBS = ("start", "status", "results", "cancel", "more")
"""The names of operations with a meaning. Each is about a job."""
_WITH_DEFAULTS = (
    "host", "prefix", "unknown_key_error", "foreign_job_error", "not_found_error", "rate_limit_error", "by_status",
    "envelope", "refusal", "other_error", "authorize", "default_scenarios", "observation", "reference_client",
)  # fmt: skip
"""The members whose defaults are in `defaults`: that module is imported for an API that needs it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operation:
    """One operation of an API.

    `path` has `{name}` for a parameter. `replies` is HTTP status → schema, relative to the API's folder in `schemas/`;
    None for an answer without a body.
    """

    name: str
    method: str
    path: str
    answer: Callable[[RequestContext], Answer]
    replies: Mapping[int, str | None]
    scope: str | None = None
    not_found_error: str | None = None
    """The error for an unknown id in the path that is not a job's."""
    errors: tuple[str, ...] = ()
    """Which errors it answers, of those that share an HTTP status. Of a status without a name here, it may be any."""
    sample_queries: tuple[bytes, ...] = (b"",)
    """The query strings with which the bodies of a scenario are checked."""
    parameters: tuple[str, ...] = ()
    """The parameters of the query that it reads."""
    idempotency_field: str | None = None
    """The field of a start's body that is an idempotency key."""
    creates: bool = False
    """Whether the job in the path need not be there yet: the client chooses its id."""
    media_type: str = JSON
    """The media type of a success. The schema of a body in JSON_LINES describes the list of all lines."""

    @property
    def is_about_one_result(self) -> bool:
        """Whether its path has the id of one result. Other parameters of a path, such as a project, name no result."""
        return "{" in self.path and "{job}" not in self.path and self.name not in _ABOUT_JOBS

    def has_lines(self, status: int) -> bool:
        """Return whether an answer of this HTTP status is in JSON Lines."""
        return self.media_type == JSON_LINES and status < 300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Api:
    """One API."""

    name: str
    host: str = DEFAULT
    """The host of the real API."""
    prefix: str = DEFAULT
    """What keys begin with. Keys are found in texts by it, so no ordinary word begins like it."""
    operations: tuple[Operation, ...]
    transitions: Transitions
    """Status → the statuses that may follow it; none for a terminal status."""
    shows: Mapping[str, str]
    """Status → how many people a step without `results` shows; see `progression.stages`."""
    counters: tuple[tuple[str, ...], ...] = ()
    """The paths of the body's counters, which never decrease."""
    errors: Mapping[str, tuple[int, str]]
    """Error name → HTTP status and default text."""
    envelope: Callable[[str, str, Mapping[str, Any], RequestContext], Any] = DEFAULT
    """Code and text of an error, members that a `Refused` adds → the body of the error."""
    refusal: Callable[[Refused, RequestContext], Answer] = DEFAULT
    """The whole answer to a refusal, with its Retry-After."""
    reserved: Mapping[str, str] = field(default_factory=dict)
    """Reserved key → how it is always refused, in words."""
    credential: Credential = BEARER
    """How requests carry the key."""
    authorize: Callable[[bytes | None, Operation | None], str] = DEFAULT
    """Value of the header with the key (or None), operation → the key. Pure. Raises Refused for a key that may not."""
    unknown_key_error: str = DEFAULT
    """The error of a key whose scenario doesn't exist."""
    foreign_job_error: str = DEFAULT
    """The error of a job that belongs to another key."""
    not_found_error: str = DEFAULT
    """The error of an unknown job, or of one whose step says that it can't be found."""
    rate_limit_error: str = DEFAULT
    """The error of a request over its limit."""
    by_status: Mapping[int, str] = DEFAULT
    """HTTP status → the error of a scripted `{status: …}` without a body."""
    other_error: Callable[[int, str, RequestContext], Answer] = DEFAULT
    """HTTP status, text → an error that no document lists, in the API's error format."""
    limits: Callable[[Callable[[str], Any]], Mapping[str, Limit]] = lambda switch: {}
    """Function that looks a switch up → the documented limits by operation."""
    default_scenarios: Mapping[str, str] = DEFAULT
    """Kind of job → its default scenario."""
    result_nouns: Mapping[str, tuple[str, str]] = field(default_factory=lambda: {"job": ("result", "results")})
    """Kind of job → the noun for its results, in singular and plural; two empty texts where it has no results."""
    kind: Callable[[str | None], str] = lambda run_shape: "job"
    """Run shape (None where there is none) → kind of job."""
    partial: Callable[[Mapping[str, Any], int], str | None] | None = None
    """Body of a success, number of people that it shows → the member that says that parts are missing, or None.

    None for an API that never says so.
    """
    longest_job: int | None = None
    """The longest documented duration of a job, in nanoseconds. A client that stops earlier gives up too early."""
    status_path: tuple[str, ...] = ("status",)
    """The path of the status in a status body."""
    id_path: tuple[str, ...] = ("id",)
    """The path of the job's id in the answer to a start, and in a status body if that has it."""
    id_header: str | None = None
    """The header, in lower case, with the URL of the job that a start made, for answers without its id."""
    results: tuple[str, ...] = ("results",)
    """The path of the list of results in the body of `results_operation`; the body itself if it is empty."""
    reference_client: Callable[[], ReferenceClient] = DEFAULT
    """The reference client of the API. Imported on first use."""
    observation: Callable[[], Observation] = DEFAULT
    """How a recorder reads bodies of the API. Imported on first use."""
    facts: Callable[[Namespace, str | None], Mapping[str, Any]] = lambda namespace, run_shape: {}
    """Namespace, run shape → the `facts` of a job that no start call made."""
    paging: Paging | None = None
    """None where an API has no pages."""
    continuation: tuple[Step, ...] = ()
    """The steps of a reopened job whose scenario has none for it; none where an API has no continuations."""
    settle: Callable[[Namespace, int], None] = lambda namespace, now: None
    """Namespace, time → None. Charges and refunds its jobs up to that time."""
    error_codes: Mapping[str, str] = field(default_factory=dict)
    """Error name → the code in the answer, where they differ."""
    switches: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Switch → its JSON Schema, with a `default`, for an API whose words are in no `scenario.json`."""
    sightings: Mapping[str, str] = field(default_factory=dict)
    """Rule or threshold of the etiquette → where documents or clients of this API show it, in words."""
    terminal: frozenset[str] = field(init=False)
    """The terminal statuses."""
    reads: tuple[str, ...] = field(init=False)
    """The names of the operations that read a job: `status`, and `results` if there is one."""

    def __post_init__(self) -> None:
        ends = frozenset(status for status, following in self.transitions.items() if not following)
        object.__setattr__(self, "terminal", ends)
        names = {operation.name for operation in self.operations}
        object.__setattr__(self, "reads", ("status", "results") if "results" in names else ("status",))
        for name in _WITH_DEFAULTS:
            if getattr(self, name) is DEFAULT:
                from .defaults import default

                object.__setattr__(self, name, default(self, name))

    def refuse(self, refused: Refused, call: RequestContext) -> Answer:
        """Return the answer to a refusal. Raises UnknownName if there is no such error."""
        if refused.name not in self.errors:
            raise unknown_name(self.name, "error", refused.name, self.errors) from refused
        return self.refusal(refused, call)

    def key(self, name: str) -> str:
        """Return a key with a name. An API without keys has one namespace, and always the same key."""
        return f"{self.prefix}{'shared' if self.credential.header is None else name}"

    @property
    def results_operation(self) -> str:
        """The name of the operation whose answers have the results of a job."""
        return self.reads[-1]

    def operation_named(self, name: str) -> Operation:
        """Return the first operation of a name. Raises UnknownName."""
        for operation in self.operations:
            if operation.name == name:
                return operation
        raise unknown_name(self.name, "operation", name, dict.fromkeys(one.name for one in self.operations))

    def path_of(self, name: str, job: str) -> str:
        """Return the path of an operation about a job."""
        return self.operation_named(name).path.replace("{job}", quote(job, safe=""))

    def status_in(self, body: Any) -> Any:
        """Return the status in a status body, None if it has none."""
        return json_pointer.value_at(body, self.status_path)

    def job_id_in(self, body: Any, headers: Mapping[str, str]) -> str | None:
        """Return the id of the job in the answer to a start, None if it has none. Names of headers are lower case."""
        named = json_pointer.value_at(body, self.id_path)
        if isinstance(named, str):
            return named
        url = headers.get(self.id_header) if self.id_header else None
        return self._job_in_url(url) if url else None

    def _job_in_url(self, url: str) -> str | None:
        """Return the job in the URL of its status, whatever path is before that of the API."""
        pattern, parts = self.operation_named("status").path.split("/"), urlsplit(url).path.split("/")[1:]
        place = pattern.index("{job}") - len(pattern)
        return unquote(parts[place]) or None if len(parts) >= -place else None

    def errors_of(self, operation: Operation, status: int) -> list[str]:
        """Return the errors with an HTTP status that an operation may answer: its own, and those of all operations."""
        names = [name for name, (own, _) in self.errors.items() if own == status]
        if not any(name in operation.errors for name in names):
            return names
        general = (self.unknown_key_error, self.foreign_job_error, self.not_found_error, self.rate_limit_error)
        return [name for name in names if name in operation.errors or name in general]

    def parameters(self, operation: str | None) -> tuple[str, ...]:
        """Return the parameters of the query that an operation reads."""
        return next((one.parameters for one in self.operations if one.name == operation), ())

    def is_success(self, status: str | None) -> bool:
        """Return whether a status is the success: the terminal one that shows everybody."""
        return status in self.terminal and self.shows.get(status or "") == "all"
