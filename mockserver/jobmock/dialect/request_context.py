"""A request as an operation of an API gets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..engine.jobs import Job
from ..engine.namespace import Namespace
from ..engine.progression import Plan, Stage, State
from ..models import Fault, Request
from .api import Api, Operation
from .request_json import parsed
from .settings import ResolvedSettings, ServerDefaults
from .unknown_names import unknown_name

_NOT_PARSED: Any = object()


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
        """Return the value of a switch. Raises UnknownName."""
        return self.settings().switch(name)

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
        return f"{self.origin()}{path}"

    def origin(self) -> str:
        """Return scheme and host of the server, as the client of this request knows it."""
        host = self.request.header(b"host") or self.api.host.encode()
        return f"{self.request.scheme}://{host.decode('latin-1')}"

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
            return self._default_of(kind)
        if self.api.kind(plan.scenario.run_shape) == kind:
            return plan
        default = self._default_of(kind)
        self.add_note(f"{plan.name} is of another kind than this start; the job plays {default.name}")
        return default

    def _default_of(self, kind: str) -> Plan:
        """Return the plan of the default scenario of a kind of jobs. Raises UnknownName."""
        if kind not in self.api.default_scenarios:
            raise unknown_name(self.api.name, "kind of job", kind, self.api.default_scenarios)
        return self.defaults.plan_named(self.api.default_scenarios[kind])

    def start_job(self, job_id: str, plan: Plan, count: int, facts: Mapping[str, Any]) -> Job:
        """Add a job that begins now."""
        job = new_job(job_id, plan, self.now, count, facts)
        self.namespace.add(job)
        self.use_job(job)
        return job


def new_job(job_id: str, plan: Plan, now: int, count: int, facts: Mapping[str, Any]) -> Job:
    """Return a job that begins at `now`."""
    return Job(id=job_id, plan=plan, created=now, count=count, state=State(0, now), facts=facts)
