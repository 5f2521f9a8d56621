"""Answers that an API makes of a job at a step of a scenario, without a service: to check and to compare them."""

from __future__ import annotations

from collections import defaultdict

from ..clock import Clock
from ..engine.body_patches import patched
from ..engine.namespace import Namespace
from ..engine.progression import Plan, State
from ..models import NOTHING, Request
from .answers import Answer, CachedBody, Refused
from .api import Api, Operation
from .failures import failures_of
from .request_context import RequestContext, new_job
from .settings import ServerDefaults


def _no_plan(name: str) -> Plan:
    raise AssertionError(f"A status answer needs the scenario {name!r}.")


_NO_DEFAULTS = ServerDefaults({}, NOTHING, NOTHING, _no_plan, lambda plan: plan)


def sample_answer(
    api: Api, operation: Operation, planned: Plan, number: int, query: bytes = b"", people_before: int | None = None
) -> Answer:
    """Return the status answer of a job at step `number`. A continued job had `people_before`. Raises FaultyApi."""
    call = isolated_request(api, operation, planned, query)
    scenario, namespace = planned.scenario, call.namespace
    added = scenario.more.count if scenario.more and people_before is not None else 0
    with failures_of(api.name):
        facts = api.facts(namespace, scenario.run_shape)
    job = new_job("0-sample", planned, 0, scenario.results.count + added, facts)
    job.kept = people_before or 0
    job.state = State(number, 0)
    call.job = job
    with failures_of(api.name):
        try:
            answer = operation.answer(call)
        except Refused as refused:
            answer = api.refuse(refused, call)
            return Answer(answer.status, patched(answer.body, planned.stages[number].step))
    return Answer(answer.status, answer.body.body) if isinstance(answer.body, CachedBody) else answer


def isolated_request(api: Api, operation: Operation, planned: Plan | None = None, query: bytes = b"") -> RequestContext:
    """Return a request for an operation, in an empty namespace of its own."""
    namespace = Namespace(api.name, "", Clock("manual", start=0), key_plan=planned)
    request = Request(operation.method, b"", query)
    call = RequestContext(request, api, _NO_DEFAULTS, operation, defaultdict(lambda: "0-sample"))
    call.namespace = namespace
    return call
