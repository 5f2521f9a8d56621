"""POST /v2/developer/deep-search: starts a run, or answers a repeated `requestId`.

Source: schemas/orbit/README.md#3,#4,#6.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

import orjson

from ...dialect.answers import Answer, Refused
from ...dialect.request_context import RequestContext
from ...engine.jobs import Job
from ...engine.namespace import Namespace
from .billing import RUN_PRICE, afford, remaining, settle_refunds
from .profile_read import fully_generated
from .start_body import read, signals

_COMPLETE = "complete at once"


def answer(call: RequestContext) -> Answer:
    """Start a run, unless its `requestId` was used before or its profile is already complete."""
    body = read(call, call.switch("extra_run_shapes"))
    if call.switch("idempotency_header") == "warn" and call.request.header(b"idempotency-key"):
        call.add_note("the header Idempotency-Key has no meaning here; requestId has")
    shape = run_shape(body)
    content = {**body, "runShape": shape}
    request_id = content.pop("requestId", None) or call.namespace.unique("request")
    if known := call.namespace.jobs.get(request_id):
        return _answer_again(known, content, call)
    if found := call.namespace.kept_replies.get(_COMPLETE, request_id):
        return _answer_complete_again(found, content, request_id, call)
    afford(call, RUN_PRICE)
    if shape == "candidate_discovery" and call.switch("candidate_discovery") == "unavailable":
        raise Refused("developer_deep_search_unavailable_for_request")
    profile_id = fully_generated(call, body["profileId"]) if "profileId" in body else None
    if profile_id:
        call.namespace.kept_replies.add(_COMPLETE, request_id, (_digest(content), profile_id), len(profile_id))
        return _answer_complete(request_id, profile_id, call)
    return _start_run(request_id, shape, content, call)


def facts(namespace: Namespace, shape: str, content: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the facts of a run. `content` is the body of its start, with which a repeated start is compared.

    A run that rebuilds a profile ends with that profile's id (schemas/orbit/README.md#3.1).
    """
    return {
        "run_id": "wf-" + namespace.unique("run"), "run_shape": shape, "content": content and _digest(content),
        "profile_id": (content or {}).get("profileId"),
    }  # fmt: skip


def run_shape(body: Mapping[str, Any]) -> str:
    """Return the run shape. The default depends on the signals (schemas/orbit/README.md#3.1)."""
    default = "full_generation_only" if signals(body) == {"profileId"} else "partial_only"
    return str(body.get("runShape", default))


def _digest(content: Mapping[str, Any]) -> bytes:
    """Return a digest of a start's body: a key may start many runs, and each body may be large."""
    try:
        written = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # it is nested too deeply
        written = repr(content).encode()
    return blake2b(written, digest_size=16).digest()


def _start_run(request_id: str, shape: str, content: Mapping[str, Any], call: RequestContext) -> Answer:
    plan = call.plan_for(call.api.kind(shape))
    run_facts = facts(call.namespace, shape, content)
    job = call.start_job(request_id, plan, plan.scenario.results.count, run_facts)
    call.namespace.credits.charge(RUN_PRICE)
    job.billed, job.charged = True, RUN_PRICE
    if call.switch("refund_failed"):
        call.namespace.open_charges[job.id] = job
    return Answer(202, _accepted(job, "started"), remaining(call))


def _answer_again(job: Job, content: Mapping[str, Any], call: RequestContext) -> Answer:
    """Answer a repeated `requestId` with the same ids, also after the run has ended.

    Source: schemas/orbit/README.md#6,#11.8,#11.11.
    """
    call.use_job(job)
    settle_refunds(call.namespace, call.now)
    if job.billed and job.charged == 0:
        raise Refused("developer_api_idempotency_key_refunded")
    if job.facts["content"] not in (None, _digest(content)):
        raise Refused("developer_api_idempotency_key_conflict")
    return Answer(200, _accepted(job, "already_running"), remaining(call))


def _answer_complete_again(
    found: tuple[bytes, str], content: Mapping[str, Any], request_id: str, call: RequestContext
) -> Answer:
    """Answer a repeated `requestId` whose profile was complete, so that its charge was refunded.

    Source: schemas/orbit/README.md#11.10.
    """
    if call.switch("refunded_repeat") == "conflict":
        raise Refused("developer_api_idempotency_key_refunded")
    if found[0] != _digest(content):
        raise Refused("developer_api_idempotency_key_conflict")
    return _answer_complete(request_id, found[1], call)


def _answer_complete(request_id: str, profile_id: str, call: RequestContext) -> Answer:
    links = {"profile": f"/v2/developer/profiles/{quote(profile_id, safe='')}"}
    result = {"id": profile_id}
    body = {"request_id": request_id, "run_id": None, "status": "completed", "result": result, "links": links}
    return Answer(200, body, remaining(call))


def _accepted(job: Job, status: str) -> dict[str, Any]:
    links = {"status": f"/v2/developer/deep-search/{quote(job.id, safe='')}"}
    return {"request_id": job.id, "run_id": job.facts["run_id"], "status": status, "links": links}
