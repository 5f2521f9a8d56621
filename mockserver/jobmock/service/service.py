"""`Service.handle(Request) -> Reply`: every request takes this path, over a socket or in process. No I/O, no awaits.

The stages, in order: route, key, namespace, rate limit, job, scripted refusal, the operation itself (query or body,
idempotency, credits; here the job advances), then faults of the answer, and the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from .. import apis
from ..catalogue import Catalogue
from ..clock import Clock
from ..dialect.answers import Answer, Refused
from ..dialect.api import Api
from ..dialect.failures import failures_of
from ..dialect.request_context import RequestContext, new_job
from ..dialect.routing import MAX_TARGET, is_too_long, routes_of
from ..dialect.scripted_answers import scripted_answer
from ..dialect.settings import ServerDefaults
from ..engine import faults
from ..engine.body_patches import patched
from ..engine.headers import retry_seconds
from ..engine.jobs import Job
from ..engine.namespace import Namespace, Namespaces
from ..engine.progression import Plan
from ..errors import ScenarioError, UnknownScenario, UsageError, short_repr
from ..models import Limit, Reply, Request, RetryAfter
from ..redaction import redact
from .body_limits import refuse_body
from .failures import Failures
from .replies import LongReply, Replies
from .request_counts import RequestCounts
from .request_head import RequestHead, RequestHeads
from .request_log import INFO, log, log_request
from .serializer import LongAnswer

_MAX_ID = 200
_LONGEST_ORIGIN = 255


class Service:
    """The service behind all APIs.

    `plans`, `switches` and `limits` are the server's defaults by API. Where the package of an API fails, it answers 500
    in the form of that API; with `raises` it raises FaultyApi.
    """

    def __init__(
        self, catalogue: Catalogue, namespaces: Namespaces | None = None, *,
        plans: Mapping[str, Plan] | None = None,
        switches: Mapping[str, Mapping[str, Any]] | None = None,
        limits: Mapping[str, Mapping[str, Limit | None]] | None = None,
        raises: bool = False,
    ) -> None:  # fmt: skip
        _check_types(catalogue, plans or {})
        self.catalogue = catalogue
        self.namespaces = Namespaces(clock=Clock) if namespaces is None else namespaces
        self.namespaces.jobs.catalogue_bytes = catalogue.memory
        self.defaults = ServerDefaults(
            dict(plans or {}), switches or {}, limits or {}, catalogue.plan, catalogue.latest,
        )  # fmt: skip
        self.watchers: list[Callable[[Request, Reply], None]] = []
        """Called with every request and its reply. They must not change anything."""
        self._routes = routes_of(apis.all_apis())
        self.failures, self.counts = Failures(raises=raises), RequestCounts()
        self._heads = RequestHeads(self._routes, self.counts)
        self._replies = Replies(self.namespaces, self._namespace_of_key, self.counts)

    def handle(self, request: Request) -> Reply:
        """Answer one request."""
        reply = self.begin(request)
        return reply.at_once() if isinstance(reply, LongReply) else reply

    def begin(self, request: Request) -> Reply | LongReply:
        """Answer one request. A LongReply is made in slices, between which a server can answer others."""
        started = self.namespaces.clock.real() if log.isEnabledFor(INFO) else None
        head = self._heads.of(request)
        call = RequestContext(request, head.api, self.defaults, head.operation, head.params)
        try:
            try:
                answer = self._answer(call, head)
            except Refused as refused:
                answer = self._refuse(call, refused)
            reply = self._replies.of(call, head, answer)
        except LongAnswer as long:
            return LongReply(long.slices, partial(self._finish, call, head, answer, started))
        except Exception as error:
            reply = self._replies.of(call, head, self.failures.answer_to(error, call))
        if started is not None:
            self._log(call, head, reply, started)
        for watch in self.watchers:
            watch(request, reply)
        return reply

    def _finish(self, call: RequestContext, head: RequestHead, answer: Answer, started: int | None) -> Reply:
        """Return the reply of a long answer after its slices."""
        reply = self._replies.of(call, head, answer, at_once=True)
        if started is not None:
            self._log(call, head, reply, started)
        for watch in self.watchers:
            watch(call.request, reply)
        return reply

    def _log(self, call: RequestContext, head: RequestHead, reply: Reply, started: int) -> None:
        """Log a request whose handling began at a reading of the real clock."""
        namespace = call.namespace or self._namespace_of_key(call.request)
        log_request(call, head, reply, namespace, self.namespaces.clock.real() - started)

    def place(self, namespace: Namespace, plan: Plan, job_id: str | None = None) -> Job:
        """Add a job without a start call and without costs.

        Raises UsageError for a bad id, or one that is taken, and FaultyApi.
        """
        if job_id is None:
            job_id = namespace.unique("job")
        if not isinstance(job_id, str) or not 0 < len(job_id) <= _MAX_ID:
            raise UsageError(f"A job's id is a text of 1 to {_MAX_ID} characters, not {short_repr(job_id)}.")
        api, scenario, now = apis.load(namespace.api), plan.scenario, namespace.clock.now()
        with failures_of(api.name):
            api.settle(namespace, now)  # before an ended job may go that is still to be charged
            facts = api.facts(namespace, scenario.run_shape)
        job = new_job(job_id, plan, now, scenario.results.count, facts)
        namespace.add(job)
        return job

    def namespace(self, api: Api, key: str) -> Namespace:
        """Return the namespace of a key; open it for a new key. Raises Refused where the key names no good scenario."""
        namespace = self.namespaces.get(key)
        if namespace is None:
            namespace = self.namespaces.open(api.name, key, self._plan_of_key(api, key))
        return namespace

    def _namespace_of_key(self, request: Request) -> Namespace | None:
        """Return the namespace of a key of any API, and open it for a new key. None for one that opens none."""
        api = next((api for api in apis.all_apis() if api.credential.has_key(request, api.prefix)), None)
        try:
            return None if api is None else self.namespace(api, api.authorize(api.credential.sent(request), None))
        except Exception:  # Refused, or a failure of the API's code, which the answer to a request of it names
            return None

    def _answer(self, call: RequestContext, head: RequestHead) -> Answer:
        operation = call.operation
        if operation is None:
            return self._no_operation(call)
        if call.request.body and (refusal := refuse_body(call)):
            return refusal
        key = head.key or self._refuse_key(call)
        namespace = call.namespace = self.namespaces.get(key) or self.namespace(call.api, key)
        now = call.now = namespace.clock.now()
        job = call.job = namespace.jobs.get(head.job)
        name = operation.name
        limit = call.settings().limits.get(name)
        if limit is not None and (wait := namespace.bucket(name, limit).take(now)):
            raise Refused(call.api.rate_limit_error, retry=RetryAfter(seconds=retry_seconds(wait)))
        if job is None and head.job and not operation.creates:
            self._refuse_job(call, head.job)
        if job is None or operation.creates:  # starts are counted together, whoever chooses their ids
            plan, counts = call.default_plan(), namespace.requests
        else:
            plan, counts = job.plan, job.requests
        number = counts[name] = counts.get(name, 0) + 1
        if plan is not None and name in plan.faults and (scripted := self._scripted(call, plan, name, number)):
            return scripted
        return operation.answer(call)

    def _refuse_key(self, call: RequestContext) -> str:
        """Raise Refused as the API does for a wrong key, and note where it is a key of another API."""
        for api in apis.all_apis():
            if api is not call.api and api.credential.has_key(call.request, api.prefix):
                call.add_note(f"the key is one of {api.name} ({api.prefix}…), this route is {call.api.name}'s")
        return call.api.authorize(call.api.credential.sent(call.request), call.operation)

    def _no_operation(self, call: RequestContext) -> Answer:
        if is_too_long(call.request):
            return call.api.other_error(414, f"Path and query have at most {MAX_TARGET} bytes together.", call)
        methods = self._routes.methods(call.request)
        if not methods:
            nearest = self._routes.nearest(call.request)
            call.add_note(f"no such route; the nearest is {nearest}" if nearest else "no such route")
            _note_preflight(call)
            return call.api.other_error(404, "There is no such route.", call)
        call.add_note(f"this route has {', '.join(methods)} only")
        _note_preflight(call)
        answer = call.api.other_error(405, f"This route has {', '.join(methods)} only.", call)
        return answer._replace(headers=((b"allow", ", ".join(methods).encode()),))

    def _plan_of_key(self, api: Api, key: str) -> Plan | None:
        """Return the plan of the scenario that a key names after its last `--`, or None."""
        _, dashes, name = key.rpartition("--")
        try:
            return self.catalogue.plan(f"{api.name}/{name}") if dashes else None
        except UnknownScenario as error:
            text = f"The API key names no scenario. {error.problems[0].message}"
            raise Refused(api.unknown_key_error, text) from None
        except ScenarioError as error:
            raise Refused(api.unknown_key_error, f"The API key names a broken scenario. {error.problems[0]}") from None

    def _refuse_job(self, call: RequestContext, job_id: str) -> None:
        """Raise Refused for a job of another key, or for an unknown one. Note where the server itself lost it."""
        if note := call.namespace.why_lost(job_id):
            call.add_note(note)
            raise Refused(call.api.not_found_error)
        is_foreign = self.namespaces.jobs.is_of_another_key(job_id, call.namespace.key)
        raise Refused(call.api.foreign_job_error if is_foreign else call.api.not_found_error)

    def _scripted(self, call: RequestContext, plan: Plan, name: str, number: int) -> Answer | None:
        """Find the fault of request `number` of an operation, and return the answer of a scripted refusal."""
        since = call.job.created if call.job else call.namespace.counting_since
        script, seed = plan.faults[name], plan.scenario.results.seed
        fault = call.fault = faults.matching(script, number, call.now - since, seed)
        if fault is None:
            return None
        call.due = call.now + faults.length(fault.delay, number, seed) if fault.delay else 0
        if fault.respond is None:
            return None
        if call.job is None:
            call.add_note(f"by {plan.name}")
            call.namespace.note_refusal(plan)
        return scripted_answer(call, fault)

    def _refuse(self, call: RequestContext, refused: Refused) -> Answer:
        status, body, headers, page, _ = call.api.refuse(refused, call)
        shown = body if call.stage is None else patched(body, call.stage.step)
        return Answer(status, shown, headers, page, refused.name)


def _note_preflight(call: RequestContext) -> None:
    """Note that a request is the preflight of a browser, and how it is allowed."""
    header = call.request.header
    if call.request.method != "OPTIONS" or header(b"access-control-request-method") is None:
        return
    if origin := (header(b"origin") or b"")[:_LONGEST_ORIGIN].decode("latin-1"):
        shown = short_repr("*" if origin == "null" else redact(origin))
        call.add_note(f"a browser's preflight; to allow it, start the server with --cors {shown}")


def _check_types(catalogue: object, plans: Mapping[str, Plan]) -> None:
    """Raise UsageError for a catalogue that is none, and for a default scenario that isn't a Plan of its API."""
    if not isinstance(catalogue, Catalogue):
        raise UsageError(f"A Service takes a Catalogue, not {short_repr(catalogue)}.")
    for api, plan in plans.items():
        if not isinstance(plan, Plan) or plan.scenario.api != api:
            text = f"'plans' has a Plan of {api} for {api!r}, such as that of Catalogue().resolve(scenario, {api!r})"
            raise UsageError(f"{text}, not {short_repr(plan)}.")
