"""An API as the service knows it (`Api`), and a request as an operation gets it (`RequestContext`).

An API is data (operations, transitions, errors, limits) and a few functions. The service takes every request through
the same stages. The last one is the operation's `answer`; `Refused` ends any stage early.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..engine.jobs import Job
from ..engine.namespace import Namespace
from ..engine.pagination import Paging
from ..engine.progression import Plan, Stage, State
from ..engine.transitions import Transitions
from ..models import Fault, Limit, Request, Step
from .answers import Answer, Refused
from .credentials import BEARER, Credential
from .observation import Observation
from .reference_client import ReferenceClient
from .request_json import parsed
from .settings import ResolvedSettings, ServerDefaults

_NOT_PARSED: Any = object()
DEFAULT: Any = None
"""Stands in place of what `defaults` has for an API that doesn't say it."""


_WITH_DEFAULTS = (
    "host", "prefix", "unknown_key_error", "foreign_job_error", "not_found_error", "rate_limit_error", "by_status",
    "refusal", "other_error", "authorize", "default_scenarios", "observation", "reference_client",
)  # fmt: skip
"""The members whose defaults are in `defaults`: that module is imported for an API that needs it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operation:
    """One operation of an API.

    `path` has `{name}` for a parameter. `replies` is HTTP status → schema, relative to the API's folder in `schemas/`.
    """

    name: str
    method: str
    path: str
    answer: Callable[[RequestContext], Answer]
    replies: Mapping[int, str]
    scope: str | None = None
    not_found_error: str | None = None
    """The error for an unknown id in the path that is not a job's."""
    sample_queries: tuple[bytes, ...] = (b"",)
    """The query strings with which the bodies of a scenario are checked."""
    parameters: tuple[str, ...] = ()
    """The parameters of the query that it reads."""
    idempotency_field: str | None = None
    """The field of a start's body that is an idempotency key."""
    creates: bool = False
    """Whether the job in the path need not be there yet: the client chooses its id."""


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
    refusal: Callable[[Refused, RequestContext], Answer] = DEFAULT
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
    partial: Callable[[Mapping[str, Any], int], str | None] = lambda body, shown: None
    """Body of a success, number of people that it shows → the member that says that parts are missing, or None."""
    longest_job: int | None = None
    """The longest documented duration of a job, in nanoseconds. A client that stops earlier gives up too early."""
    results: tuple[str, ...] = ("results",)
    """The path of the list of results in a status body. Only the defaults of what reads bodies use it."""
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
    sightings: Mapping[str, str] = field(default_factory=dict)
    """Rule or threshold of the etiquette → where documents or clients of this API show it, in words."""
    terminal: frozenset[str] = field(init=False)
    """The terminal statuses."""

    def __post_init__(self) -> None:
        ends = frozenset(status for status, following in self.transitions.items() if not following)
        object.__setattr__(self, "terminal", ends)
        for name in _WITH_DEFAULTS:
            if getattr(self, name) is DEFAULT:
                from .defaults import default

                object.__setattr__(self, name, default(self, name))

    def key(self, name: str) -> str:
        """Return a key with a name. An API without keys has one namespace, and always the same key."""
        return f"{self.prefix}{'shared' if self.credential.header is None else name}"

    def parameters(self, operation: str | None) -> tuple[str, ...]:
        """Return the parameters of the query that an operation reads."""
        return next((one.parameters for one in self.operations if one.name == operation), ())

    def is_success(self, status: str | None) -> bool:
        """Return whether a status is the success: the terminal one that shows everybody."""
        return status in self.terminal and self.shows.get(status or "") == "all"


@dataclass(slots=True, eq=False)
class RequestContext:
    """A request while the service handles it, with everything that is known about it."""

    request: Request
    api: Api
    defaults: ServerDefaults
    operation: Operation | None
    params: Mapping[str, str]
    namespace: Namespace = field(default=None, init=False)  # type: ignore[assignment]  # set before any operation
    job: Job | None = field(default=None, init=False)
    now: int = field(default=0, init=False)
    stage: Stage | None = field(default=None, init=False)
    fault: Fault | None = field(default=None, init=False)
    due: int = field(default=0, init=False)
    note: str | None = field(default=None, init=False)
    chosen: ResolvedSettings | None = field(default=None, init=False)
    """The settings of this request, once they were looked up."""
    parsed: Any = field(default=_NOT_PARSED, init=False)
    """The body as data, once it was parsed."""

    def default_plan(self) -> Plan | None:
        """Return the plan of new jobs: of the key's scenario, else the namespace's, else the server's, else None.

        It is the latest version of that scenario's file.
        """
        namespace, defaults = self.namespace, self.defaults
        own = (namespace.key_plan or namespace.plan) if namespace is not None else None
        plan = own or defaults.plans.get(self.api.name)
        return plan and defaults.latest(plan)

    def settings(self) -> ResolvedSettings:
        """Return the settings of this request: of its job's scenario, then the default scenario, then the server."""
        chosen = self.chosen
        if chosen is None:
            chosen = self.chosen = self.settings_of(None if self.job is None else self.job.plan)
        return chosen

    def settings_of(self, plan: Plan | None) -> ResolvedSettings:
        """Return the settings of a job with this plan; None for no job."""
        own, default = None if plan is None else plan.settings, self.default_plan()
        return self.defaults.settings(self.api, own, None if default is None else default.settings)

    def switch(self, name: str) -> Any:
        """Return the value of a switch."""
        return self.settings().switches[name]

    def use_job(self, job: Job | None) -> None:
        """Set the job of this request. The settings of its scenario count from now on."""
        self.job, self.chosen = job, None

    def json_body(self) -> Any:
        """Return the body as data. It is parsed once. Raises orjson.JSONDecodeError."""
        if self.parsed is _NOT_PARSED:
            self.parsed = parsed(self.request.body)
        return self.parsed

    def url(self, path: str) -> str:
        """Return the whole URL of a path, as the client of this request knows the server."""
        host = self.request.header(b"host") or self.api.host.encode()
        return f"{self.request.scheme}://{host.decode('latin-1')}{path}"

    def add_note(self, text: str) -> None:
        """Add a note to the exchange in the journal."""
        self.note = f"{self.note}; {text}" if self.note else text

    def known_job(self) -> Job:
        """Return the job of an operation that names one."""
        assert self.job is not None
        return self.job

    def plan_for(self, kind: str) -> Plan:
        """Return the plan of a new job: of the default scenario, or the API's default for this kind of job."""
        plan = self.default_plan()
        if plan is None:
            return self.defaults.plan_named(self.api.default_scenarios[kind])
        if self.api.kind(plan.scenario.run_shape) == kind:
            return plan
        default = self.defaults.plan_named(self.api.default_scenarios[kind])
        self.add_note(f"{plan.name} is of another kind than this start; the job plays {default.name}")
        return default

    def start_job(self, job_id: str, plan: Plan, count: int, facts: Mapping[str, Any]) -> Job:
        """Add a job that begins now."""
        job = new_job(job_id, plan, self.now, count, facts)
        self.namespace.add(job)
        self.use_job(job)
        return job


def new_job(job_id: str, plan: Plan, now: int, count: int, facts: Mapping[str, Any]) -> Job:
    """Return a job that begins at `now`."""
    return Job(id=job_id, plan=plan, created=now, count=count, state=State(0, now), facts=facts)
