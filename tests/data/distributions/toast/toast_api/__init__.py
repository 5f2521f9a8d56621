"""An API of another distribution: it makes toast. A start is answered 202, and so is each poll until the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobmock.clock import SECOND
from jobmock.dialect.answers import Answer, Refused
from jobmock.dialect.api import Api, Operation, ReferenceClient, RequestContext
from jobmock.dialect.observation import Observation, ObservedPeople
from jobmock.dialect.status_answers import JobView, status_operation
from jobmock.engine.body_patches import patched
from jobmock.engine.headers import bearer, key_problem, retry_headers
from jobmock.models import RetryAfter

_ERRORS = {
    "unauthorized": (401, "This needs a key."),
    "no_such_toast": (404, "There is no such toast."),
    "too_many": (429, "Too many requests."),
    "broken": (500, "The toaster is broken."),
}
_ERROR = dict.fromkeys((401, 404, 429, 500), "error.json")
_TOASTED, _BURNT = "toasted", "burnt"
_ENDS = frozenset({_TOASTED, _BURNT})
_SOON = retry_headers(RetryAfter(seconds=5), 0)


def _start(call: RequestContext) -> Answer:
    plan = call.plan_for("job")
    job = call.start_job(call.namespace.unique("job"), plan, plan.scenario.results.count, {})
    body = {"id": job.id, "status": plan.stages[0].status}
    return Answer(202, body, ((b"operation-location", f"/toasts/{job.id}".encode()), *_SOON))


def _render_status(view: JobView) -> Answer:
    body: dict[str, Any] = {"id": view.job_id, "status": view.stage.status}
    if view.stage.visible is not None:
        body["slices"] = [{"number": number} for number in range(view.shown)]
    ended = view.stage.status in _ENDS
    return Answer(200 if ended else 202, patched(body, view.stage.step), () if ended else _SOON)


def _authorize(header: bytes | None, operation: Operation | None) -> str:
    if problem := key_problem(header, "toast_"):
        raise Refused("unauthorized", problem)
    return bearer(header) or ""


def _refusal(refused: Refused, call: RequestContext) -> Answer:
    status, text = _ERRORS[refused.name]
    return Answer(status, {"error": refused.text or text}, retry_headers(refused.retry, call.now))


def _slices(body: Mapping[str, Any]) -> ObservedPeople:
    slices = body.get("slices")
    if not isinstance(slices, list):
        return ObservedPeople(None)
    return ObservedPeople(len(slices), tuple(slices), ids=tuple(one.get("number") for one in slices))


def _collect(client: Any, path: str) -> tuple[int, int]:
    return 0, len(client.get(path).json().get("slices", ()))


API = Api(
    name="toast",
    host="api.toast.invalid",
    prefix="toast_",
    operations=(
        Operation(name="start", method="POST", path="/toasts", answer=_start,
                  replies={**_ERROR, 202: "start-response.json"}),
        Operation(name="status", method="GET", path="/toasts/{job}", answer=status_operation(_render_status),
                  replies={**_ERROR, 200: "status.json", 202: "status.json"}),
    ),
    transitions={"queued": _ENDS | {"toasting"}, "toasting": _ENDS, _TOASTED: frozenset(), _BURNT: frozenset()},
    shows={"queued": "nobody", "toasting": "nobody", _TOASTED: "all", _BURNT: "nobody"},
    counters=(),
    errors=_ERRORS,
    refusal=_refusal,
    reserved={},
    authorize=_authorize,
    unknown_key_error="unauthorized",
    foreign_job_error="no_such_toast",
    not_found_error="no_such_toast",
    rate_limit_error="too_many",
    by_status={status: name for name, (status, _) in _ERRORS.items()},
    other_error=lambda status, text, call: Answer(status, {"error": text}),
    limits=lambda switch: {},
    default_scenarios={"job": "toast/usual"},
    result_nouns={"job": ("slice", "slices")},
    kind=lambda run_shape: "job",
    partial=lambda body, shown: None,
    longest_job=600 * SECOND,
    reference_client=lambda: ReferenceClient(
        job_id="id", start=lambda run_shape: {"bread": "rye"}, more=None, collect=_collect
    ),
    observation=lambda: Observation(people=_slices, run_shape=lambda body: None),
    facts=lambda namespace, run_shape: {},
    paging=None,
    settle=lambda namespace, now: None,
)  # fmt: skip
