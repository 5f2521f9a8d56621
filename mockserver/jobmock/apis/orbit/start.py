"""POST /v2/developer/deep-search: reads the closed body, makes the run, honours `requestId` (apis/orbit §3, §4, §6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ...dialect import Answer, Call, Refused
from ...namespace import Job, Namespace
from .body import read


def answer(call: Call) -> Answer:
    """Start a run, or answer for the one that this `requestId` began."""
    body = read(call.request.body, call.switch("extra_run_shapes"))
    shape = _run_shape(body)
    if shape == "candidate_discovery" and call.switch("candidate_discovery") == "unavailable":
        raise Refused("developer_deep_search_unavailable_for_request")
    content = {**body, "runShape": shape}
    request_id = content.pop("requestId", None) or call.namespace.unique("request")
    if known := call.namespace.jobs.get(request_id):
        return _again(known, content)
    plan = call.plan_for(call.api.kind(shape))
    job = call.start_job(
        request_id, plan, plan.scenario.results.count, facts(call.namespace, shape, content=content)
    )
    return Answer(202, _accepted(job, "started"))


def facts(namespace: Namespace, shape: str, content: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return what a run is beside its scenario; `content` is what a repeated start is compared with."""
    return {"run_id": "wf-" + namespace.unique("run"), "run_shape": shape, "content": content}


def _run_shape(body: Mapping[str, Any]) -> str:
    """Fill in the default: with `profileId` as the only signal it is full generation (apis/orbit §3.1)."""
    signals = body.keys() - {"requestId", "runShape"}
    return str(body.get("runShape", "full_generation_only" if signals == {"profileId"} else "partial_only"))


def _again(job: Job, content: Mapping[str, Any]) -> Answer:
    """Answer a repeated `requestId`: the same ids, also after the run ended (apis/orbit §6, §11 #8, #11)."""
    if job.facts["content"] != content:
        raise Refused("developer_api_idempotency_key_conflict")
    return Answer(200, _accepted(job, "already_running"))


def _accepted(job: Job, status: str) -> dict[str, Any]:
    links = {"status": f"/v2/developer/deep-search/{quote(job.id, safe='')}"}
    return {"request_id": job.id, "run_id": job.facts["run_id"], "status": status, "links": links}
