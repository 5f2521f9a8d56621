"""GET /v2/developer/profiles/{id}: a profile, with the sections that its run has written until now.

Source: schemas/orbit/README.md#3.5,#4.7.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import orjson

from ...dialect.answers import Answer, Refused
from ...dialect.job_views import JobView, view
from ...dialect.request_context import RequestContext
from ...engine.body_patches import patched
from ...engine.jobs import Job
from ...engine.progression import Plan
from .billing import READ_PRICE, afford, remaining
from .run_body import PARTIAL_SECTIONS, run_body

_MOST_GROUPS, _MOST_CANDIDATES = 200, 20_000
"""How many groups of equal runs, and how many of their candidates, a read looks at, newest first."""
_FULL = ("partial_plus_full", "full_generation_only")
_with_own_ids: WeakKeyDictionary[Plan, bool] = WeakKeyDictionary()
"""Whether a scenario itself gives ids of profiles, or aliases of them."""


class _Profile(NamedTuple):
    """A profile that a run of this key has made. `number` is the number of its person in the run."""

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
    stored = call.namespace.kept_replies.get("profile", key.decode("latin-1")) if key else None
    if stored and stored[0] != wanted:
        raise Refused("developer_api_idempotency_key_conflict")
    if stored:
        return Answer(200, stored[1], remaining(call))
    afford(call, READ_PRICE)
    body = orjson.dumps(_read(call, wanted)).decode()
    call.namespace.credits.charge(READ_PRICE)
    if key:
        call.namespace.kept_replies.add("profile", key.decode("latin-1"), (wanted, body), len(wanted) + len(body))
    return Answer(200, body, remaining(call))


def fully_generated(call: RequestContext, wanted: str) -> str | None:
    """Return the id of a profile that a full run has made with all sections ready; None where there is none.

    Source: schemas/orbit/README.md#4.2.
    """
    profile = _find(call, wanted)
    return profile.id if profile and profile.ready and profile.job.facts["run_shape"] in _FULL else None


def _read(call: RequestContext, wanted: str) -> dict[str, Any]:
    from .profile import profile_payload

    profile = _find(call, wanted)
    if profile is None:
        raise Refused("developer_profile_not_found")
    call.use_job(profile.job)
    seed, number = profile.job.seed, profile.number
    payload = profile_payload(profile.id, seed, number, profile.sections, profile.aliases)
    return {"status": "success", "payload": payload}


def _find(call: RequestContext, wanted: str) -> _Profile | None:
    """Return a profile of the key's runs by its id or an alias.

    Where several runs made it, ready sections win, then the larger number of sections, then the later run.
    """
    own = call.settings_of(None).switches["profile_aliases"].get(wanted)
    groups = call.namespace.job_groups(_kind)
    found, left = list[_Profile](), _MOST_CANDIDATES
    for job in groups.newest((None, wanted, own), call.now, _MOST_GROUPS):
        found += _profiles(call, job, wanted)
        left -= job.shows(job.stage(call.now))
        if left < 0:
            break
    return max(found, key=lambda profile: (profile.ready, profile.sections), default=None)


def _kind(job: Job) -> tuple[str | None, Hashable]:
    """Return what decides the profiles that a run shows at a step.

    The first is the only id that it can show, which its start gave; None where it may show others.
    """
    given, plan = job.facts.get("profile_id"), job.plan
    shape = job.facts["run_shape"]
    shows_others = shape == "candidate_discovery" or _has_own_ids(plan)
    return None if shows_others else given, (plan, shape, given, job.count)


def _has_own_ids(plan: Plan) -> bool:
    """Return whether a scenario itself gives ids of profiles, or aliases of them. Cached, as it may have many steps."""
    known = _with_own_ids.get(plan)
    if known is None:
        shows_result = any("result" in stage.step.body for stage in plan.stages)
        known = _with_own_ids[plan] = shows_result or "profile_aliases" in plan.settings.switches
    return known


def _profiles(call: RequestContext, job: Job, wanted: str) -> Iterator[_Profile]:
    """Yield the profiles that the run's status answer shows at this moment, and that have the wanted id or alias."""
    job_view = view(call, job, call.settings_of(job.plan))
    stage = job_view.stage
    result = patched(run_body(job_view), stage.step).get("result")
    if not isinstance(result, Mapping):
        return
    counts, ids = result.get("section_generation"), result.get("candidate_profile_ids")
    own = job_view.switch("profile_aliases").get(wanted)
    names = [wanted] if own is None else [wanted, own]
    if "id" in result and str(result["id"]) in names:
        sections = counts.get("materialized_section_count") if isinstance(counts, Mapping) else 0
        ready = stage.status == "completed" and isinstance(counts, Mapping) and counts.get("sections_ready") is True
        yield _profile(job_view, job, result["id"], 0, sections if isinstance(sections, int) else 0, ready)
    shown = ids if isinstance(ids, tuple) else list(map(str, ids if isinstance(ids, list) else ()))  # a step's own list
    for name in names:
        if name in shown:
            yield _profile(job_view, job, name, shown.index(name), PARTIAL_SECTIONS, False)


def _profile(job_view: JobView, job: Job, profile_id: Any, number: int, sections: int, ready: bool) -> _Profile:
    aliases = [alias for alias, own in job_view.switch("profile_aliases").items() if own == profile_id]
    return _Profile(str(profile_id), job, number, sections, ready, aliases)
