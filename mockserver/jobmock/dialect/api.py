"""What an API's package gives (`Api`), and what it is given (`RequestContext`): the seam to the one service.

An API is data (operations, transitions, errors, limits) and a few functions. The service walks every request through
the same stages; an operation's `answer` is the last of them, and `Refused` ends any of them early.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..engine.jobs import Job
from ..engine.namespace import Namespace
from ..engine.pagination import Paging
from ..engine.progression import Plan, Stage, State, Transitions
from ..models import Fault, Limit, Request
from .answers import Answer, Refused
from .choices import Choices, Deployment
from .observation import Hearing


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


@dataclass(slots=True, eq=False)
class Call:
    """One request on its way through the service; the only mutable thing there."""

    request: Request
    api: Api
    deployment: Deployment
    operation: Operation | None
    params: Mapping[str, str]
    namespace: Namespace = field(default=None, init=False)  # type: ignore[assignment]  # set before any operation
    job: Job | None = field(default=None, init=False)
    now: int = field(default=0, init=False)
    stage: Stage | None = field(default=None, init=False)
    fault: Fault | None = field(default=None, init=False)
    due: int = field(default=0, init=False)
    note: str | None = field(default=None, init=False)
    chosen: Choices | None = field(default=None, init=False)
    """What holds for the request, once somebody has asked."""

    def default_plan(self) -> Plan | None:
        """What jobs made by start play: the key's scenario, the namespace's or the server's; None for the usual one.

        It is the latest version of that scenario, where its file has changed since.
        """
        namespace, deployment = self.namespace, self.deployment
        own = (namespace.key_plan or namespace.plan) if namespace is not None else None
        plan = own or deployment.plans.get(self.api.name)
        return plan and deployment.latest(plan)

    def choices(self) -> Choices:
        """Return what holds for this request: its job's scenario goes first, then the default one, then the server."""
        chosen = self.chosen
        if chosen is None:
            own = None if self.job is None else self.job.plan
            chosen = self.chosen = self.deployment.choices(self.api, own, self.default_plan())
        return chosen

    def switch(self, name: str) -> Any:
        """Look a switch up."""
        return self.choices().switches[name]

    def take(self, job: Job | None) -> None:
        """Make a job the one that this request is about; what its scenario chooses holds from now on."""
        self.job, self.chosen = job, None

    def remark(self, text: str) -> None:
        """Put a note beside the exchange in the journal."""
        self.note = f"{self.note}; {text}" if self.note else text

    def known_job(self) -> Job:
        """Return the job of an operation that names one."""
        assert self.job is not None
        return self.job

    def plan_for(self, kind: str) -> Plan:
        """Choose what a job made by start plays: the default scenario, or the usual one of its kind."""
        plan = self.default_plan()
        if plan is None:
            return self.deployment.usual(self.api.usual[kind])
        if self.api.kind(plan.scenario.run_shape) == kind:
            return plan
        usual = self.deployment.usual(self.api.usual[kind])
        self.remark(f"{plan.name} is of another kind than this start; the job plays {usual.name}")
        return usual

    def start_job(self, job_id: str, plan: Plan, count: int, facts: Mapping[str, Any]) -> Job:
        """Make a job that begins now."""
        job = new_job(job_id, plan, self.now, count, facts)
        self.namespace.add(job)
        self.take(job)
        return job


def new_job(job_id: str, plan: Plan, now: int, count: int, facts: Mapping[str, Any]) -> Job:
    """Make a job whose time starts at `now`."""
    return Job(id=job_id, plan=plan, created=now, count=count, state=State(0, now), facts=facts)


_new: Callable[[type[Call]], Any] = object.__new__


def opened(
    request: Request, api: Api, deployment: Deployment, operation: Operation | None, params: Mapping[str, str]
) -> Call:
    """Do what `Call(…)` does in half the time: every request needs one, and calling a class is dear."""
    call = _new(Call)
    call.request, call.api, call.deployment, call.operation, call.params = request, api, deployment, operation, params
    call.namespace = call.job = call.stage = call.fault = call.note = call.chosen = None
    call.now = call.due = 0
    return call  # type: ignore[no-any-return]
