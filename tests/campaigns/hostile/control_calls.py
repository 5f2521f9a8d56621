"""Attacks by control calls: each with hostile bodies, queries, Hosts and Origins; and scenarios that are played."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from random import Random
from urllib.parse import quote

from tests.campaigns.hostile import json_values
from tests.campaigns.hostile.attack import Attack
from tests.campaigns.hostile.conversation import Conversation
from tests.campaigns.hostile.hostile_scenarios import HUGE, any_scenario
from tests.campaigns.hostile.requests import control, request
from tests.support import JOBS

from jobmock.catalogue import Catalogue
from jobmock.server.control.calls import call_table
from jobmock.server.held_answers import HeldAnswers
from jobmock.service.service import Service

FIELDS = (
    "scenario", "yaml", "api", "id", "mode", "speed", "seconds", "balance", "outcome", "job", "after", "start",
    "namespace", "name", "format", "since", "x",
)  # fmt: skip
_BASES: dict[str, dict[str, object]] = {
    "scenario": {"scenario": "clado/usual"}, "jobs": {"scenario": "clado/usual"}, "clock": {"mode": "manual"},
    "clock/advance": {"seconds": 1}, "credits": {"balance": 5}, "reset": {"start": "2026-03-29"},
    "lint": {"yaml": "version: 1\napi: clado\n"},
}  # fmt: skip
_SHARING: dict[str, dict[str, object]] = {
    "join": {"call": "join", "name": "node a.mjs", "pid": 4711, "port": None, "now": 0, "keys": []},
    "wait": {"call": "wait", "until": 5_000_000_000, "sent": {}, "read": {}, "closed": []},
}
_SHARING_FIELDS = ("call", "name", "port", "now", "keys", "until", "sent", "read", "closed")
_FOREIGN = (
    "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "[::1", "[::1].x",
    "[", "", "localhost:x", "0x7f000001.", "a" * 60_000, "\xff", "127.0.0.1,evil.example", "[fe80::1%25eth0]x",
)  # fmt: skip
_ORIGINS = ("null", "http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1", "\xff", "")
_CLOCKS = (
    b'{"mode": "manual"}', b'{"mode": "jumping"}', b'{"mode": "real"}', b'{"mode": "scaled", "speed": 1000000}',
    b'{"mode": "scaled", "speed": 1e-9}',
)  # fmt: skip
_SECONDS = (b"31536000", b"0", b"1e-9", b"31535999.999999999")
Rows = Sequence[Conversation]


@cache
def _calls() -> tuple[tuple[str, str], ...]:
    table = call_table(Service(Catalogue()), HeldAnswers())
    return (*((method, call) for call, methods in table.items() for method in methods), ("GET", "clock/share"))


def hostile_body(rng: Random, name: str) -> Rows:
    """A control call of a key with a hostile value in one field."""
    return [Conversation([_hostile_call(rng, f"lk_{name}")])]


def body_without_a_key(rng: Random, name: str) -> Rows:
    """A control call without a key, for all namespaces."""
    return [Conversation([_hostile_call(rng, None)])]


def _hostile_call(rng: Random, key: str | None) -> bytes:
    method, call = rng.choice(_calls())
    return _hostile(rng, method, call, key)


def _hostile(rng: Random, method: str, call: str, key: str | None) -> bytes:
    """Return a control call with a hostile value in one field, or hostile fields, or a hostile body."""
    base = _BASES.get(call, {}) if method in ("PUT", "POST") else {}
    fields = [*base, *base, rng.choice(FIELDS)]
    hostile = any_scenario(rng) if rng.random() < 0.2 else json_values.value(rng)
    body = json_values.with_field(base, rng.choice(fields), hostile)
    if rng.random() < 0.2:
        body = rng.choice((hostile, json_values.with_unknown_fields(base, rng)))
    return control(method, call, key, json_values.cut(body))


def hostile_query(rng: Random, name: str) -> Rows:
    """A read of the control API with hostile values in its query."""
    fields = rng.choices(("after", "outcome", "job", "namespace", "name", "since", "x"), k=rng.choice((1, 2, 3_000)))
    odd = (b"1-2-3", b"9" * 90, b"-", b"0-" * 5_000, b"\xff", b"returned")
    value = rng.choice((json_values.value(rng)[:20_000], *odd))
    query = "&".join(f"{field}={quote(value[: 900_000 // len(fields)])}" for field in fields)[:1_000_000]
    call = rng.choice(("journal", "findings", "jobs", "clock", "scenarios", "scenario", "timeline", "har", "health"))
    return [Conversation([control("GET", f"{call}?{query}", rng.choice((None, f"lk_{name}")))])]


def foreign_page(rng: Random, name: str) -> Rows:
    """A control call with a foreign Host or Origin, or one of its own with a body of another type; it is refused."""
    method, call = rng.choice([one for one in _calls() if one[1] not in ("health", "ready")])
    body, kind = b'{"mode": "manual"}', rng.choice(("text/plain", "application/json"))
    host, origins = rng.choice(_FOREIGN), []
    if rng.random() < 0.5:
        host, origins = "127.0.0.1", [("Origin", rng.choice(_ORIGINS))]
    path = f"/__jobmock/{call}"
    sent = request(method, path, f"lk_{name}", body, ("Content-Type", kind), *origins, host=host)
    return [Conversation([sent], statuses=frozenset({400, 403}))]


def odd_call(rng: Random, name: str) -> Rows:
    """A control call that doesn't exist, with a name of up to 1 MiB."""
    call = rng.choice(("job", "jobs/", "clock//advance", "../jobs", "%2e%2e/jobs", "openapi/x.json", "%00", "jobs%0a"))
    call += rng.choice(("", "x", "/" * 60_000, "jobs" * 15_000, "%6Ck_" * 150_000))
    method = rng.choice(("GET", "PUT", "POST", "DELETE", "OPTIONS", "TRACE"))
    return [Conversation([control(method, call, f"lk_{name}")])]


def scenario_is_put(rng: Random, name: str) -> Rows:
    """A scenario that is huge, or has a hostile value, is put for a key."""
    body = json_values.cut(b'{"scenario": ' + any_scenario(rng) + b"}")
    method, call = rng.choice((("PUT", "scenario"), ("POST", "jobs")))
    return [Conversation([control(method, call, f"lk_{name}", body)])]


def scenario_is_played(rng: Random, name: str) -> Rows:
    """A huge scenario is played and polled by several clients. If it has faults, they leave without an answer."""
    made = HUGE[rng.choice(sorted(HUGE))]()
    api, body = made["api"], json.dumps({"scenario": made, "id": f"of-{name}"}).encode()
    key = {"clado": "lk_", "orbit": "sk_orb_"}[api] + name
    query = rng.choice(("", "?page=1", "?page=2&page_size=100", "?legacy=false")) if api == "clado" else ""
    poll = request("GET", f"{JOBS[api]}/of-{name}{query}", key)
    make = control("POST", "jobs", key, json_values.cut(body))
    on = control("POST", "clock/advance", key, b'{"seconds": 3600}')
    if "faults" in made:
        leaving = Conversation([b"", poll * 3, b""], leaves=True, pause=0.2)
        return [Conversation([make, on], answers=2), leaving, leaving]
    return [Conversation([make, on, poll * 3], answers=5), Conversation([b"", poll * 3], answers=3, pause=0.2)]


def thousands_of_jobs(rng: Random, name: str) -> Rows:
    """A thousand jobs of one key, and reads of all of them."""
    key = f"lk_{name}"
    make = control("POST", "jobs", key, b'{"scenario": "clado/at-once"}') * 1_000
    read = b"".join(control("GET", call, key) for call in ("jobs", "findings?outcome=returned", "journal"))
    return [Conversation([make + read * 3], answers=1_009)]


def clocks(rng: Random, name: str) -> Rows:
    """A clock is moved to and fro, by years, while answers are held."""
    key = f"lk_{name}"
    calls = [
        control("PUT", "clock", key, rng.choice(_CLOCKS)) if rng.random() < 0.5
        else control("POST", "clock/advance", key, b'{"seconds": %b}' % rng.choice(_SECONDS))
        for _ in range(400)
    ]  # fmt: skip
    starts = (b"0001-01-01", b"9999-12-31", b"1969-12-31T23:59:59.999999999Z", b"2026-01-01T00:00:00+23:59")
    reset = control("POST", "reset", key, b'{"start": "%b"}' % rng.choice(starts))
    poll = request("GET", f"{JOBS['clado']}/x", key)
    return [Conversation([reset + b"".join(calls) + poll], answers=402)]


def shared_clock(rng: Random, name: str) -> Rows:
    """Processes join clocks and wait with hostile values; one of them leaves while it waits."""
    keys = [f"lk_{name}-{number}" for number in range(3)]
    manual = [Conversation([control("PUT", "clock", key, b'{"mode": "manual"}')]) for key in keys]
    join, wait = (json.dumps(_SHARING[call]).encode() for call in ("join", "wait"))
    stalled = json.dumps({**_SHARING["wait"], "until": None, "sent": {"1": 1}}).encode()
    calls = ([_hostile_line(rng, "join")], [join, _hostile_line(rng, "wait"), wait], [join, wait, stalled])
    sharing = [
        Conversation([_offer(key), b"".join(line + b"\n" for line in lines)], leaves=True, pause=0.2)
        for key, lines in zip(keys, calls, strict=True)
    ]
    return [*manual, *sharing]


def _hostile_line(rng: Random, call: str) -> bytes:
    """Return a call of a process that shares a clock with a hostile value in one field."""
    field, value = rng.choice(_SHARING_FIELDS), json_values.value(rng)
    return json_values.cut(json_values.with_field(_SHARING[call], field, value)).replace(b"\n", b" ")


def _offer(key: str) -> bytes:
    """Return a call that offers to share the clock of a key."""
    call = control("GET", "clock/share", key)
    return call.replace(b"\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: jobmock-clock\r\n", 1)


def many_reads(rng: Random, name: str) -> Rows:
    """A read over all namespaces, several times."""
    call = rng.choice(("journal", "findings", "jobs", "scenarios", "openapi/clado.json"))
    return [Conversation([control("GET", call) * 3], answers=3)]


def event_streams(rng: Random, name: str) -> Rows:
    """Very many streams of events are opened while a key polls; all of them leave without a word."""
    opened = [Conversation([control("GET", "events"), b""], leaves=True, pause=0.5) for _ in range(300)]
    polls = request("GET", f"{JOBS['clado']}/x", f"lk_{name}") * 200
    return [*opened, Conversation([polls], answers=200)]


_WITHOUT_A_KEY = (hostile_query, body_without_a_key, many_reads)
ATTACKS = tuple(
    Attack(f"control: {make.__doc__.partition('.')[0]}", make, make in _WITHOUT_A_KEY, make is body_without_a_key)  # type: ignore[union-attr]
    for make in (
        hostile_body, hostile_query, foreign_page, odd_call, scenario_is_put, scenario_is_played, thousands_of_jobs,
        clocks, shared_clock, event_streams, many_reads, body_without_a_key,
    )
)
