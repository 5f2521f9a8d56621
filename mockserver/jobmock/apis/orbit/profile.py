"""GET /v2/developer/profiles/{id}: a profile, as far as the run that made it has come (apis/orbit §3.5, §4.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ...dialect import Answer, Call, Refused
from ...namespace import Job
from .billing import READ_PRICE, afford, remaining
from .result import PARTIAL_SECTIONS, run_body

_FULL = ("partial_plus_full", "full_generation_only")


class _Made(NamedTuple):
    """A profile that some run of this key has made."""

    job: Job
    number: int
    sections: int
    ready: bool


def answer(call: Call) -> Answer:
    """Read a profile for one credit; a repeat under the same `Idempotency-Key` is free (apis/orbit §6)."""
    wanted = call.params["profile"]
    key = call.request.header(b"idempotency-key")
    stored = call.namespace.answered.get(("profile", key.decode("latin-1"))) if key else None
    if stored and stored[0] != wanted:
        raise Refused("developer_api_idempotency_key_conflict")
    if stored:
        return Answer(200, stored[1], remaining(call))
    afford(call, READ_PRICE)
    body = _read(call, wanted)
    call.namespace.credits.spend(READ_PRICE)
    if key:
        call.namespace.answered["profile", key.decode("latin-1")] = (wanted, body)
    return Answer(200, body, remaining(call))


def fully_generated(call: Call, profile_id: str) -> bool:
    """Say whether a full run of this key has made the profile, with its sections ready (apis/orbit §4.2)."""
    made = _made(call, _canonical(call, profile_id))
    return made is not None and made.ready and made.job.facts["run_shape"] in _FULL


def _read(call: Call, wanted: str) -> dict[str, Any]:
    from .sections import payload

    canonical = _canonical(call, wanted)
    made = _made(call, canonical)
    if made is None:
        raise Refused("developer_profile_not_found")
    call.job = made.job
    aliases = [alias for alias, own in call.switch("profile_aliases").items() if own == canonical]
    return {"status": "success", "payload": payload(canonical, made.job.seed, made.number, made.sections, aliases)}


def _canonical(call: Call, profile_id: str) -> str:
    return str(call.switch("profile_aliases").get(profile_id, profile_id))


def _made(call: Call, profile_id: str) -> _Made | None:
    """Find a profile among the key's runs, the latest first."""
    for job in reversed(call.namespace.jobs.values()):
        for made_id, made in _profiles(call, job):
            if made_id == profile_id:
                return made
    return None


def _profiles(call: Call, job: Job) -> Iterator[tuple[str, _Made]]:
    """Yield the profiles that a run has made so far, by what its status answer would say now."""
    stage = job.stage(call.now)
    result = run_body(call, job, stage).get("result")
    if not isinstance(result, Mapping):
        return
    counts = result.get("section_generation", {})
    if "id" in result:
        ready = stage.status == "completed" and bool(counts.get("sections_ready"))
        yield str(result["id"]), _Made(job, 0, int(counts.get("materialized_section_count", 0)), ready)
    for number, made_id in enumerate(result.get("candidate_profile_ids", ())):
        yield str(made_id), _Made(job, number, PARTIAL_SECTIONS, False)
