"""GET /v2/developer/profiles/{id}: a profile, as far as the run that made it has come.

Source: schemas/orbit/README.md#3.5,#4.7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...dialect.answers import Answer, Refused
from ...dialect.api import RequestContext
from ...dialect.status_answers import JobView, view
from ...engine.jobs import Job
from .billing import READ_PRICE, afford, remaining
from .result import PARTIAL_SECTIONS, run_body

_FULL = ("partial_plus_full", "full_generation_only")


class _Made(NamedTuple):
    """A profile that some run of this key has made; `number` says which of its people it is."""

    id: str
    job: Job
    number: int
    sections: int
    ready: bool
    aliases: list[str]


def answer(call: RequestContext) -> Answer:
    """Read a profile for one credit; a repeat under the same `Idempotency-Key` is free (schemas/orbit/README.md#6)."""
    wanted = call.params["profile"]
    key = call.request.header(b"idempotency-key")
    stored = call.namespace.answered.get(("profile", key.decode("latin-1"))) if key else None
    if stored and stored[0] != wanted:
        raise Refused("developer_api_idempotency_key_conflict")
    if stored:
        return Answer(200, stored[1], remaining(call))
    afford(call, READ_PRICE)
    body = _read(call, wanted)
    call.namespace.credits.charge(READ_PRICE)
    if key:
        call.namespace.answered["profile", key.decode("latin-1")] = (wanted, body)
    return Answer(200, body, remaining(call))


def fully_generated(call: RequestContext, wanted: str) -> str | None:
    """Return the canonical id of a profile that a full run has made, with its sections ready.

    Source: schemas/orbit/README.md#4.2.
    """
    made = _made(call, wanted)
    return made.id if made and made.ready and made.job.facts["run_shape"] in _FULL else None


def _read(call: RequestContext, wanted: str) -> dict[str, Any]:
    from .sections import payload

    made = _made(call, wanted)
    if made is None:
        raise Refused("developer_profile_not_found")
    call.use_job(made.job)
    return {"status": "success", "payload": payload(made.id, made.job.seed, made.number, made.sections, made.aliases)}


def _made(call: RequestContext, wanted: str) -> _Made | None:
    """Find a profile, by its id or an alias, among the key's runs: where several made it, the fullest, latest one."""
    jobs = reversed(call.namespace.jobs.values())
    found = [made for job in jobs for made in _profiles(call, job) if wanted in (made.id, *made.aliases)]
    return max(found, key=lambda made: (made.ready, made.sections), default=None)


def _profiles(call: RequestContext, job: Job) -> Iterator[_Made]:
    """Yield the profiles that a run has made so far, by what its status answer would say now."""
    stage = job.stage(call.now)
    seen = view(job, stage, call.defaults.settings(call.api, job.plan, call.default_plan()))
    result = run_body(seen).get("result")
    if not isinstance(result, Mapping):
        return
    counts, ids = result.get("section_generation"), result.get("candidate_profile_ids")
    if "id" in result:
        sections = counts.get("materialized_section_count") if isinstance(counts, Mapping) else 0
        ready = stage.status == "completed" and isinstance(counts, Mapping) and counts.get("sections_ready") is True
        yield _profile(seen, job, result["id"], 0, sections if isinstance(sections, int) else 0, ready)
    for number, made_id in enumerate(ids if isinstance(ids, Sequence) and not isinstance(ids, str) else ()):
        yield _profile(seen, job, made_id, number, PARTIAL_SECTIONS, False)


def _profile(seen: JobView, job: Job, profile_id: Any, number: int, sections: int, ready: bool) -> _Made:
    aliases = [alias for alias, own in seen.switch("profile_aliases").items() if own == profile_id]
    return _Made(str(profile_id), job, number, sections, ready, aliases)
