"""`handle(Request) -> Reply`: the one path that every request takes, whichever way it came. No I/O, never awaits.

The stages, in order: route, key, namespace, limit, job, scripted refusal, the operation itself (query or body,
idempotency, credits, and there the job moves), then what is done to the answer on its way, and the journal.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from . import apis, faults
from .catalogue import Catalogue
from .clock import Clock
from .deployment import Deployment
from .dialect import Answer, Api, Call, Operation, Refused, new_job
from .errors import ScenarioError, UnknownScenario, UsageError
from .headers import Headers, bearer, is_key, of_answer, retry_headers
from .models import Limit, Reply, Request, Respond, RetryAfter
from .namespace import MAX_NAMESPACES, Job, Namespace, Namespaces
from .notes import noted
from .patch import patched
from .progression import Plan
from .ratelimit import retry_after
from .rendering import Rendering
from .routing import Routes

MAX_BODY = 1 << 20
_MAX_ID = 200
_requests = logging.getLogger("jobmock.requests")
_BODILESS = (204, 304)


class Service:
    """Both APIs, ready to answer. `catalogue` finds scenarios; `namespaces` holds every key's world.

    `plans` are the server's default scenarios by API, `switches` and `limits` its choices by API.
    """

    def __init__(
        self, catalogue: Catalogue, namespaces: Namespaces | None = None, *,
        plans: Mapping[str, Plan] | None = None,
        switches: Mapping[str, Mapping[str, Any]] | None = None,
        limits: Mapping[str, Mapping[str, Limit | None]] | None = None,
    ) -> None:  # fmt: skip
        self.catalogue = catalogue
        self.namespaces = Namespaces(clock=Clock) if namespaces is None else namespaces
        self.deployment = Deployment(
            dict(plans or {}), switches or {}, limits or {}, catalogue.plan, catalogue.latest,
        )  # fmt: skip
        self.watchers: list[Callable[[Request, Reply], None]] = []
        """Told of every request and its answer; a watcher must not change anything."""
        self._routes, self._rendering = Routes(apis.all_apis()), Rendering()

    def handle(self, request: Request) -> Reply:
        """Answer one request."""
        api, operation, params = self._routes.find(request)
        call = Call(request=request, api=api, deployment=self.deployment, operation=operation, params=params)
        try:
            answer = self._answer(call)
        except Refused as refused:
            answer = self._refuse(call, refused)
        reply = self._reply(call, answer)
        for watch in self.watchers:
            watch(request, reply)
        return reply

    def place(self, namespace: Namespace, plan: Plan, job_id: str | None = None) -> Job:
        """Make a job that nobody started and that costs nothing. Raises UsageError where its id can't be had."""
        if job_id is None:
            job_id = namespace.unique("job")
        if not 0 < len(job_id) <= _MAX_ID:
            raise UsageError(f"An id has 1 to {_MAX_ID} characters, not {len(job_id)}.")
        scenario = plan.scenario
        facts = apis.load(namespace.api).facts(namespace, scenario.run_shape)
        job = new_job(job_id, plan, namespace.clock.now(), scenario.results.count, facts)
        namespace.add(job)
        return job

    def namespace(self, api: Api, key: str) -> Namespace:
        """Return the namespace of a key; one seen for the first time is opened. Raises Refused for its scenario."""
        namespace = self.namespaces.get(key)
        if namespace is None:
            namespace = self.namespaces.open(api.name, key, self._plan_of_key(api, key))
        return namespace

    def _answer(self, call: Call) -> Answer:
        operation = call.operation
        if operation is None:
            return self._no_operation(call)
        if len(call.request.body) > MAX_BODY:
            return call.api.plain(413, f"A body has at most {MAX_BODY} bytes.", call)
        self._enter_namespace(call)
        self._charge_bucket(call, operation)
        if call.job is None and "job" in call.params:
            self._refuse_job(call)
        if scripted := self._scripted(call, operation):
            return scripted
        return operation.answer(call)

    def _remark_key(self, call: Call) -> None:
        """Note a near miss: a key of another API."""
        token = bearer(call.request.header(b"authorization")) or ""
        for api in apis.all_apis():
            if api is not call.api and is_key(token, api.prefix):
                call.remark(f"the key is one of {api.name} ({api.prefix}…), this route is {call.api.name}'s")

    def _no_operation(self, call: Call) -> Answer:
        methods = self._routes.methods(call.request.path)
        if not methods:
            call.remark(f"no such route; the nearest is {self._routes.nearest(call.request)}")
            return call.api.plain(404, "There is no such route.", call)
        call.remark(f"this route has {', '.join(methods)} only")
        status, body, _ = call.api.plain(405, f"This route has {', '.join(methods)} only.", call)
        return Answer(status, body, ((b"allow", ", ".join(methods).encode()),))

    def _enter_namespace(self, call: Call) -> None:
        try:
            key = _key(call.api, call.operation, call.request.header(b"authorization"))
        except Refused:
            self._remark_key(call)
            raise
        namespace = call.namespace = self.namespaces.get(key) or self.namespace(call.api, key)
        call.now = namespace.clock.now()
        call.take(namespace.jobs.get(call.params.get("job", "")))

    def _plan_of_key(self, api: Api, key: str) -> Plan | None:
        """Return the scenario that a key names after its last `--`, if any."""
        _, dashes, name = key.rpartition("--")
        try:
            return self.catalogue.plan(f"{api.name}/{name}") if dashes else None
        except UnknownScenario as error:
            raise Refused(api.unknown_key, f"The API key names no scenario. {error.problems[0].message}") from None
        except ScenarioError as error:
            raise Refused(api.unknown_key, f"The API key names a broken scenario. {error.problems[0]}") from None

    def _charge_bucket(self, call: Call, operation: Operation) -> None:
        limit = call.limit(operation.name)
        if limit is None:
            return
        if wait := call.namespace.bucket(operation.name, limit).take(call.now):
            raise Refused(call.api.limited, retry=RetryAfter(seconds=retry_after(wait)))

    def _refuse_job(self, call: Call) -> None:
        """Refuse a job that isn't the key's own: one of another key, or one that nobody has."""
        raise Refused(call.api.elsewhere if self.namespaces.has_job(call.params["job"]) else call.api.absent)

    def _scripted(self, call: Call, operation: Operation) -> Answer | None:
        """Count the request, choose the fault it meets, and play a scripted refusal."""
        job, namespace = call.job, call.namespace
        plan = job.plan if job else call.default_plan
        counts, since = (job.requests, job.created) if job else (namespace.requests, namespace.counting_since)
        number = counts[operation.name] = counts.get(operation.name, 0) + 1
        script = plan.faults.get(operation.name) if plan else None
        if plan is None or not script:
            return None
        seed = plan.scenario.results.seed
        fault = call.fault = faults.matching(script, number, call.now - since, seed)
        if fault is None:
            return None
        call.due = call.now + faults.length(fault.delay, number, seed) if fault.delay else 0
        return self._respond(call, fault.respond, fault.retry_after) if fault.respond else None

    def _respond(self, call: Call, respond: Respond, retry: RetryAfter | None) -> Answer:
        """Play `respond`: a name of the error catalogue, or a status with a body or the API's own body for it."""
        status = respond.status or 0
        absent = call.operation.absent if call.operation and status == 404 else None
        name = respond.name or absent or call.api.by_status.get(status)
        if name and not respond.has_body:
            answer = call.api.refusal(Refused(name, retry=retry), call)
        else:
            scripted = call.api.plain(status, f"Scripted answer {status}.", call).body
            answer = Answer(status, respond.body if respond.has_body else scripted, retry_headers(retry, call.now))
        own = tuple((name.lower().encode(), value.encode()) for name, value in respond.headers.items())
        return Answer(answer.status, answer.body, answer.headers + own)

    def _refuse(self, call: Call, refused: Refused) -> Answer:
        answer = call.api.refusal(refused, call)
        if call.stage is None:
            return answer
        return Answer(answer.status, patched(answer.body, call.stage.step), answer.headers)

    def _reply(self, call: Call, answer: Answer) -> Reply:
        """Turn an answer into bytes, attach what happens to them on their way, and note the exchange."""
        if call.namespace is None:
            call.now = self.namespaces.clock.now()
        body = self._rendering.bytes_of(answer.body)
        fault, own, status = call.fault, answer.headers, answer.status
        if fault and fault.corrupt and not fault.on_the_wire:
            body, kind = faults.corrupted(body, fault.corrupt)
            own = (*own, (b"content-type", kind)) if kind else own
            status = 200 if fault.corrupt == "empty_body" else status
        if status in _BODILESS:
            body = b""
        lost = self._note(call, status, own)
        clock = call.namespace.clock if call.namespace else self.namespaces.clock
        broken = fault if fault and fault.on_the_wire else None
        headers = of_answer(own, None if status in _BODILESS else len(body), call.now)
        return Reply(status, headers, body, clock, call.due, broken, lost)

    def _whose(self, request: Request) -> Namespace | None:
        """Return the open namespace of a request that didn't get as far as its key: a wrong path, say."""
        token = bearer(request.header(b"authorization"))
        return self.namespaces.peek(token) if token else None

    def _note(self, call: Call, status: int, headers: Headers) -> Callable[[], None]:
        """Note the exchange, and return what says that its answer got lost."""
        namespace = call.namespace or self._whose(call.request)
        journal = namespace.journal if namespace else self.namespaces.outside
        at = namespace.clock.now() if namespace and not call.namespace else call.now
        exchange = noted(call, journal.count + 1, at, status, headers)
        journal.add(exchange)
        if _requests.isEnabledFor(logging.INFO):
            _requests.info("%s %s -> %d", exchange.method, exchange.path, status)
        if call.fault and call.fault.spoils:
            journal.lose(exchange)
        return partial(journal.lose, exchange)


@lru_cache(maxsize=MAX_NAMESPACES)
def _key(api: Api, operation: Operation | None, header: bytes | None) -> str:
    """Return the key of a header, which every poll sends anew. A refusal isn't remembered. Raises Refused."""
    return api.authorize(header, operation)
