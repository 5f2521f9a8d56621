"""Attacks by the bodies of requests to both APIs: each field of a start, and of the calls that have a body."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random

from tests.campaigns.hostile import json_values
from tests.campaigns.hostile.attack import Attack
from tests.campaigns.hostile.conversation import Conversation
from tests.campaigns.hostile.requests import JSON, control, request
from tests.support import JOBS, STARTS

FIELDS = {
    "clado": ("query", "limit", "hard_filter_company_urls", "x"),
    "orbit": (
        "requestId", "runShape", "profileId", "structuredIntent", "email", "phoneNumber", "linkedinUrl", "urls",
        "usernames", "partialProfile", "options", "x",
    ),
}  # fmt: skip
_INTENT = {
    "version": "v1", "names": ["A"], "experiences": [{"title": "x"}], "schools": [], "semanticClauses": [], "geo": {},
    "demographics": {"ageRange": {"min": 1, "max": 2}}, "personalization": 0, "resolvedEntityFilters": 0,
}  # fmt: skip
_PREFIXES = {"clado": "lk_", "orbit": "sk_orb_"}
_MORE = {"more": {"additional_limit": 5}, "continue": {"additionalLimit": 5}, "cancel": {"x": 1}}
Rows = Sequence[Conversation]


def one_field(rng: Random, name: str) -> Rows:
    """A start with a hostile value in one field."""
    api = rng.choice(sorted(FIELDS))
    field = rng.choice(FIELDS[api])
    return _start(api, name, json_values.with_field(STARTS[api], field, json_values.value(rng)))


def large_field(rng: Random, name: str) -> Rows:
    """A start with a large value of a usual type in one field."""
    api = rng.choice(sorted(FIELDS))
    made = json_values.of_type(rng, rng.choice((60_000, 900_000)))
    return _start(api, name, json_values.with_field(STARTS[api], rng.choice(FIELDS[api]), made))


def unknown_fields(rng: Random, name: str) -> Rows:
    """A start with thousands of unknown fields."""
    api = rng.choice(sorted(FIELDS))
    return _start(api, name, json_values.with_unknown_fields(STARTS[api], rng))


def intent(rng: Random, name: str) -> Rows:
    """A start with a hostile value in one part of `structuredIntent`, or with unknown parts."""
    part = rng.choice(sorted(_INTENT))
    hostile = rng.choice((json_values.value(rng), json_values.of_type(rng, 900_000)))
    inner = json_values.with_field(_INTENT, part, hostile)
    if rng.random() < 0.2:
        inner = json_values.with_unknown_fields(_INTENT, rng)
    base = {"runShape": rng.choice(("candidate_discovery", "partial_only"))}
    return _start("orbit", name, json_values.with_field(base, "structuredIntent", inner))


def many_starts(rng: Random, name: str) -> Rows:
    """Hundreds of starts of one key, some with the same id."""
    api = rng.choice(sorted(FIELDS))
    count = rng.choice((10, 300))
    once = {"requestId": "x" * rng.choice((1, 5_000))}
    bodies = [{**STARTS[api], **(once if rng.random() < 0.5 and api == "orbit" else {})} for _ in range(count)]
    sent = [request("POST", JOBS[api], _PREFIXES[api] + name, json.dumps(body).encode()) for body in bodies]
    return [Conversation([b"".join(sent)], answers=count)]


def other_calls(rng: Random, name: str) -> Rows:
    """`more`, `continue` and `cancel` of a job with hostile bodies."""
    call = rng.choice(sorted(_MORE))
    key, job = f"lk_{name}", f"of-{name}"
    make = control("POST", "jobs", key, b'{"scenario": "clado/more-to-come", "id": "%b"}' % job.encode())
    on = control("POST", "clock/advance", key, b'{"seconds": 3600}')
    field = next(iter(_MORE[call]))
    body = json_values.with_field({}, field, json_values.value(rng))
    path = f"{JOBS['clado']}/{job}/{call}"
    poll = request("GET", f"{JOBS['clado']}/{job}", key)
    return [Conversation([make, on, poll * 6, request("POST", path, key, body)], answers=9)]


def odd_keys(rng: Random, name: str) -> Rows:
    """A start with a hostile key."""
    key = rng.choice((
        "lk_", "lk_" + "x" * 900_000, "lk_--" * 10_000, f"lk_{name}--" + "usua" * 10_000, f"lk_{name}--../usual",
        "lk_\xff", "sk_orb_" * 10_000, "lk_" + "\t" * 500, "Bearer " * 5_000, "", "lk_%00", f"lk_{name}--at-once--",
    ))  # fmt: skip
    header = ("Authorization", rng.choice(("Bearer ", "bearer ", "Basic ", "", "Bearer\t")) + key)
    call = rng.choice((JOBS["clado"], JOBS["orbit"], "/__jobmock/jobs"))
    return [Conversation([request("POST", call, None, b'{"query": "x"}', header, JSON)])]


def _start(api: str, name: str, body: bytes) -> Rows:
    key = _PREFIXES[api] + name
    headers = [("Idempotency-Key", "once")] if api == "orbit" else []
    return [Conversation([request("POST", JOBS[api], key, body, *headers)])]


ATTACKS = tuple(
    Attack(f"body: {make.__doc__.partition('.')[0]}", make)  # type: ignore[union-attr]
    for make in (one_field, large_field, unknown_fields, intent, many_starts, other_calls, odd_keys)
)
