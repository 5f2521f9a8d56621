"""One request on its way through the service, and what an operation may ask of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..engine.namespace import Job, Namespace
from ..engine.progression import Plan, Stage, State
from ..models import Fault, Request
from .api import Api, Operation
from .choices import Choices, Deployment


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
