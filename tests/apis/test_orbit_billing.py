"""The price of Orbit's runs, refunds, and the other routes.

Source: schemas/orbit/README.md#6.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.support import EPOCH, JOBS, KEYS, Mock, json_of, scenario

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.contract.body_validation import violations
from jobmock.engine.namespace import Namespaces
from jobmock.models import Reply
from jobmock.service.body_limits import MAX_BODY
from jobmock.service.service import Service

PATH, KEY = JOBS["orbit"], KEYS["orbit"]
PROFILES = "/v2/developer/profiles"
REMAINING = b"x-developer-api-credits-remaining"
EMAIL = {"email": "someone@mail.invalid"}
FULL = {**EMAIL, "runShape": "partial_plus_full"}


def start(mock: Mock, body: Any = EMAIL, key: str = KEY, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Reply:
    return mock.send("POST", PATH, key=key, body=body, headers=headers)


def use(mock: Mock, *steps: Any, **more: Any) -> None:
    plan = mock.service.catalogue.resolve(scenario("orbit", *(steps or ("running",)), **more), "orbit")
    mock.namespace("orbit").use(plan)


def balance(mock: Mock) -> int:
    return mock.namespace("orbit").credits.balance


def left(reply: Reply) -> int | None:
    """Return what the credits header says, if it is there."""
    value = dict(reply.headers).get(REMAINING)
    return None if value is None else int(value)


def code_of(reply: Reply) -> str:
    body = json_of(reply)
    assert body["status"] == "failed" and violations("orbit/error.json", body) == []
    return str(body["error"]["code"])


def ended(mock: Mock, key: str = KEY, **body: Any) -> str:
    """Start a run that is completed at once, and return the id of its profile."""
    run = mock.start("orbit", key, {**EMAIL, **body})
    return str(json_of(mock.poll("orbit", run, key))["result"]["id"])


def test_a_run_costs_ten(mock: Mock) -> None:
    """Each new run costs 10 credits at its start, and the 202 says what is left.

    Source: schemas/orbit/README.md#1,#4.1,#6.
    """
    replies = [start(mock) for _ in range(3)]
    assert [(reply.status, left(reply)) for reply in replies] == [(202, 9_990), (202, 9_980), (202, 9_970)]


def test_polling_is_free_and_says_nothing_of_credits(mock: Mock) -> None:
    """Status polls cost nothing, and their answers don't have the credits header.

    Source: schemas/orbit/README.md#6,#11.32.
    """
    run = mock.play("orbit", scenario("orbit", "running", "not_found", "completed"))
    replies = [mock.poll("orbit", run) for _ in range(3)] + [mock.poll("orbit", "nobody")]
    assert [reply.status for reply in replies] == [200, 404, 200, 404]
    assert {left(reply) for reply in replies} == {None} and balance(mock) == 9_990


@pytest.mark.parametrize(("had", "status"), [(9, 402), (0, 402), (10, 202), (11, 202)])
def test_a_start_needs_ten_credits(mock: Mock, had: int, status: int) -> None:
    """Below the price a start is 402 with both amounts inside `error`, before any work.

    Source: schemas/orbit/README.md#4.8,#6.
    """
    mock.namespace("orbit").credits.balance = had
    reply = start(mock)
    assert reply.status == status and left(reply) == (had - 10 if status == 202 else None)
    if status == 402:
        body = json_of(reply)
        assert code_of(reply) == "developer_api_credits_insufficient"
        assert list(body["error"]) == ["code", "message", "requiredCredits", "remainingCredits"]
        assert (body["error"]["requiredCredits"], body["error"]["remainingCredits"]) == (10, had)
        assert violations("orbit/error-credits.json", body) == []
        assert balance(mock) == had and mock.namespace("orbit").jobs == {}


def test_a_reused_request_is_free(mock: Mock) -> None:
    """The same requestId with the same content charges nothing, has the header, and needs no credits.

    Source: schemas/orbit/README.md#6.
    """
    body = {**EMAIL, "requestId": "r"}
    start(mock, body)
    again = start(mock, body)
    assert (again.status, left(again), json_of(again)["status"]) == (200, 9_990, "already_running")
    mock.namespace("orbit").credits.balance = 3
    assert (start(mock, body).status, balance(mock)) == (200, 3)


def test_a_conflict_is_free(mock: Mock) -> None:
    """The same requestId with another content is 409, without a charge and without the header.

    Source: schemas/orbit/README.md#6.
    """
    start(mock, {**EMAIL, "requestId": "r"})
    reply = start(mock, {"usernames": ["x"], "requestId": "r"})
    assert reply.status == 409 and code_of(reply) == "developer_api_idempotency_key_conflict"
    assert left(reply) is None and balance(mock) == 9_990


REFUSALS: list[tuple[str, Any, Any, int]] = [
    ("400", {"email": "bad"}, {}, 400),
    ("unserved discovery", {"runShape": "candidate_discovery", "structuredIntent": {"version": "v1", "names": ["A"]}},
     {"switches": {"candidate_discovery": "unavailable"}}, 503),
    ("scripted 503", EMAIL, {"faults": [{"operation": "start", "when": {"request": 1},
                                         "respond": "developer_deep_search_unavailable"}]}, 503),
    ("scripted 502", EMAIL, {"faults": [{"operation": "start", "when": {"request": 1},
                                         "respond": "developer_deep_search_request_failed"}]}, 502),
    ("scripted 429", EMAIL, {"faults": [{"operation": "start", "when": {"request": 1},
                                         "respond": "rate_limited"}]}, 429),
]  # fmt: skip


@pytest.mark.parametrize(("body", "more", "status"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_a_refused_start_is_free_and_binds_nothing(mock: Mock, body: Any, more: Any, status: int) -> None:
    """A refused start charges nothing, has no header, makes no run, and leaves its requestId free.

    Source: schemas/orbit/README.md#6,#11.9,#11.32.
    """
    use(mock, **more)
    reply = start(mock, {**body, "requestId": "r"})
    assert reply.status == status and left(reply) is None and json_of(reply)["status"] == "failed"
    assert balance(mock) == 10_000 and mock.namespace("orbit").jobs == {}
    again = start(mock, {**EMAIL, "usernames": ["another"], "requestId": "r"})
    assert (again.status, json_of(again)["status"], left(again)) == (202, "started", 9_990)


def test_a_request_id_is_free_after_402(mock: Mock) -> None:
    """A start that couldn't be paid leaves its requestId free, for another content too.

    Source: schemas/orbit/README.md#11.9.
    """
    mock.namespace("orbit").credits.balance = 9
    assert start(mock, {**EMAIL, "requestId": "r"}).status == 402
    mock.namespace("orbit").credits.balance = 10
    assert start(mock, {"usernames": ["x"], "requestId": "r"}).status == 202


def test_order_of_a_starts_refusals(mock: Mock) -> None:
    """Fields are checked before idempotency, that before credits, and those before the backend.

    Source: schemas/orbit/README.md#11.4.
    """
    use(mock, switches={"candidate_discovery": "unavailable"})
    start(mock, {**EMAIL, "requestId": "r"})
    mock.namespace("orbit").credits.balance = 0
    discovery = {"runShape": "candidate_discovery", "structuredIntent": {"version": "v1", "names": ["A"]}}
    assert [
        start(mock, body).status
        for body in ({"email": "x", "requestId": "r"}, {"usernames": ["x"], "requestId": "r"}, EMAIL, discovery)
    ] == [400, 409, 402, 402]


@pytest.mark.parametrize("shape", ["partial_plus_full", "full_generation_only"])
def test_a_finished_profile_completes_at_once(mock: Mock, shape: str) -> None:
    """A start for a fully generated profile is 200 completed, with the profile's link, and costs nothing.

    Source: schemas/orbit/README.md#4.2,#6.
    """
    use(mock, "completed")
    profile = ended(mock, runShape=shape)
    reply = start(mock, {"profileId": profile, "requestId": "again"})
    assert reply.status == 200 and left(reply) == balance(mock) == 9_990
    assert json_of(reply) == {
        "request_id": "again", "run_id": None, "status": "completed", "result": {"id": profile},
        "links": {"profile": f"{PROFILES}/{profile}"},
    }  # fmt: skip
    assert violations("orbit/start-response.json", json_of(reply)) == []
    assert mock.send("GET", json_of(reply)["links"]["profile"], key=KEY).status == 200
    assert mock.poll("orbit", "again").status == 404 and len(mock.namespace("orbit").jobs) == 1


def test_a_finished_profile_gets_a_made_up_request_id(mock: Mock) -> None:
    """Without a requestId each immediate completion has one of its own."""
    use(mock, "completed")
    profile = ended(mock, runShape="full_generation_only")
    ids = {json_of(start(mock, {"profileId": profile}))["request_id"] for _ in range(3)}
    assert len(ids) == 3


def test_a_finished_profile_needs_the_price_all_the_same(mock: Mock) -> None:
    """The charge is taken and given back, so a balance below the price is 402 (schemas/orbit/README.md#6)."""
    use(mock, "completed")
    profile = ended(mock, runShape="full_generation_only")
    mock.namespace("orbit").credits.balance = 9
    assert start(mock, {"profileId": profile}).status == 402


@pytest.mark.parametrize(
    ("steps", "shape"),
    [
        (["completed"], "partial_only"),
        (["generating_sections", "completed"], "partial_plus_full"),
        (["generating_sections", "failed"], "partial_plus_full"),
        (
            [{"status": "completed", "body": {"result": {"section_generation": {"sections_ready": False}}}}],
            "partial_plus_full",
        ),
    ],
)
def test_an_unfinished_profile_starts_a_run(mock: Mock, steps: list[Any], shape: str) -> None:
    """For a profile that is partial, in progress, failed or without sections a new run begins.

    Source: schemas/orbit/README.md#4.2.
    """
    use(mock, *steps)
    run = mock.start("orbit", body={**EMAIL, "runShape": shape})
    profile = json_of(mock.poll("orbit", run))["result"]["id"]
    if steps[-1] == "completed" and len(steps) > 1:
        mock.namespace("orbit").jobs[run].state = mock.namespace("orbit").jobs[run].state._replace(step=0, polls=0)
    assert (start(mock, {"profileId": profile}).status, balance(mock)) == (202, 9_980)


@pytest.mark.parametrize("profile", ["nobody", "prf/x", "ü"])
def test_an_unknown_profile_starts_a_run(mock: Mock, profile: str) -> None:
    """A profileId that no run of this key has made starts a run like any signal."""
    assert start(mock, {"profileId": profile}).status == 202


def test_an_alias_of_a_finished_profile_completes_at_once(mock: Mock) -> None:
    """An alias of a finished profile is that profile (schemas/orbit/README.md#3.5,#11.39)."""
    use(mock, "completed")
    profile = ended(mock, runShape="full_generation_only")
    use(mock, "completed", switches={"profile_aliases": {"prf/old": profile}})
    reply = start(mock, {"profileId": "prf/old"})
    assert (reply.status, json_of(reply)["status"]) == (200, "completed")
    assert mock.send("GET", json_of(reply)["links"]["profile"], key=KEY).status == 200


def test_an_alias_of_a_finished_profile_gives_the_canonical_id(mock: Mock) -> None:
    """An immediate completion by alias has the profile's own id in its result and link, also when it is repeated."""
    use(mock, "completed")
    profile = ended(mock, runShape="full_generation_only")
    use(mock, "completed", switches={"profile_aliases": {"prf/old": profile}})
    for _ in range(2):
        answer = json_of(start(mock, {"profileId": "prf/old", "requestId": "r"}))
        assert (answer["result"], answer["links"]) == ({"id": profile}, {"profile": f"{PROFILES}/{profile}"})


@pytest.mark.parametrize("shape", [None, "partial_only", "partial_plus_full", "full_generation_only"])
def test_a_rebuilt_profile_keeps_its_id(mock: Mock, shape: str | None) -> None:
    """A run started with a profileId ends with that id, and the profile is read under it.

    Source: schemas/orbit/README.md#3.1.
    """
    use(mock, "generating_sections", "completed")
    body = {"profileId": "prf/old", "requestId": "r", **({"runShape": shape} if shape else {})}
    assert start(mock, body).status == 202
    seen = [json_of(mock.poll("orbit", "r"))["result"]["id"] for _ in range(2)]
    reply = mock.send("GET", f"{PROFILES}/prf%2Fold", key=KEY)
    assert seen == ["prf/old"] * 2 and reply.status == 200
    assert violations("orbit/profile.json", json_of(reply)) == []
    assert "prf/old" in reply.body.decode()


ENVELOPES: list[tuple[str, str, Any, int]] = [
    ("GET", "/v2/developer/nothing", None, 404),
    ("PUT", PATH, None, 405),
    ("POST", PATH, b"x" * (MAX_BODY + 1), 413),
    ("GET", PATH + "/{run}/events", None, 404),
    ("GET", PATH + "/{run}", None, 418),
]


@pytest.mark.parametrize("value", ["failed", "failure"])
@pytest.mark.parametrize(("method", "path", "body", "status"), ENVELOPES)
def test_envelope_status_of_errors_without_a_document(
    catalogue: Catalogue, method: str, path: str, body: Any, status: int, value: str
) -> None:
    """The switch names the `status` of every error body: of 404, 405, 413, events and scripted ones too.

    Source: schemas/orbit/README.md#11.
    """
    served = {"orbit": {"envelope_status": value}}
    mock = Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH)), switches=served))
    faults = [{"when": {"every": 1}, "operation": "status", "respond": {"status": 418}}]
    run = mock.play("orbit", scenario("orbit", "running", faults=faults))
    reply = mock.send(method, path.format(run=run), key=KEY, body=body)
    assert (reply.status, json_of(reply)["status"]) == (status, value)


def test_another_keys_finished_profile_starts_a_run(mock: Mock) -> None:
    """A profile that another key's run finished isn't finished for this one."""
    use(mock, "completed")
    profile = ended(mock, runShape="full_generation_only")
    assert start(mock, {"profileId": profile}, "sk_orb_other").status == 202


@pytest.mark.parametrize("switch", [None, "same", "conflict"])
def test_repeating_an_immediate_completion(mock: Mock, switch: str | None) -> None:
    """A repeat is the same 200, or by the switch 409 refunded; another content is a conflict.

    Source: schemas/orbit/README.md#6,#11.10.
    """
    use(mock, "completed", switches={"refunded_repeat": switch} if switch else {})
    profile = ended(mock, runShape="full_generation_only")
    body = {"profileId": profile, "requestId": "r"}
    first, again = start(mock, body), start(mock, body)
    if switch == "conflict":
        assert again.status == 409 and code_of(again) == "developer_api_idempotency_key_refunded"
        assert left(again) is None
    else:
        assert (again.status, again.body, left(again)) == (200, first.body, 9_990)
        other = start(mock, {**EMAIL, "requestId": "r"})
        assert other.status == 409 and code_of(other) == "developer_api_idempotency_key_conflict"
    assert balance(mock) == 9_990 and len(mock.namespace("orbit").jobs) == 1


def test_a_repeated_immediate_completion_needs_no_credits(mock: Mock) -> None:
    """A repeat is free, so it is answered where the balance is empty (schemas/orbit/README.md#6)."""
    use(mock, "completed")
    body = {"profileId": ended(mock, runShape="full_generation_only"), "requestId": "r"}
    start(mock, body)
    mock.namespace("orbit").credits.balance = 0
    assert start(mock, body).status == 200


def test_a_failed_run_stays_charged(mock: Mock) -> None:
    """Without the switch a run that fails later keeps its charge, and its requestId its answer.

    Source: schemas/orbit/README.md#11.31.
    """
    use(mock, "failed")
    body = {**EMAIL, "requestId": "r"}
    start(mock, body)
    mock.poll("orbit", "r")
    assert (start(mock, body).status, balance(mock)) == (200, 9_990)


REFUND = {"switches": {"refund_failed": True}}


def test_refund_failed(mock: Mock) -> None:
    """By the switch a failed run is refunded, once, and its requestId is 409 from then on.

    Source: schemas/orbit/README.md#6,#11.31.
    """
    use(mock, "running", "failed", **REFUND)
    body = {**EMAIL, "requestId": "r"}
    start(mock, body)
    assert start(mock, body).status == 200 and balance(mock) == 9_990
    mock.poll("orbit", "r")
    for _ in range(2):
        reply = start(mock, body)
        assert reply.status == 409 and code_of(reply) == "developer_api_idempotency_key_refunded"
        assert left(reply) is None and balance(mock) == 10_000
    assert mock.poll("orbit", "r").status == 200


def test_refund_failed_though_nobody_looks(mock: Mock) -> None:
    """A run that fails by time is refunded before the next charge, to the nanosecond."""
    use(mock, {"status": "running", "after": {"seconds": 30}}, "failed", **REFUND)
    start(mock)
    mock.namespace("orbit").credits.balance = 0
    mock.advance(29.999999999, "orbit")
    assert start(mock).status == 402
    mock.advance(0.000000001, "orbit")
    reply = start(mock)
    assert (reply.status, left(reply)) == (202, 0)


def test_refund_failed_counts_for_a_read(mock: Mock) -> None:
    """A refund pays a profile read too, and the header shows it."""
    use(mock, "generating_sections", "failed", **REFUND)
    run = mock.start("orbit", body=EMAIL)
    profile = json_of(mock.poll("orbit", run))["result"]["id"]
    mock.namespace("orbit").credits.balance = 0
    reply = mock.send("GET", f"{PROFILES}/{profile}", key=KEY)
    assert (reply.status, left(reply)) == (200, 9)


@pytest.mark.parametrize("end", ["completed", "running"])
def test_only_a_failed_run_is_refunded(mock: Mock, end: str) -> None:
    """A run that completes, or never ends, keeps its charge also under the switch (schemas/orbit/README.md#11.31)."""
    use(mock, "running", end, **REFUND)
    body = {**EMAIL, "requestId": "r"}
    start(mock, body)
    for _ in range(3):
        mock.poll("orbit", "r")
    assert (start(mock, body).status, balance(mock)) == (200, 9_990)


@pytest.mark.parametrize(
    ("switch", "status", "code"),
    [(None, 404, "not_found"), ("not_found", 404, "not_found"), ("gone", 410, "route_removed")],
)
def test_events_route(mock: Mock, switch: str | None, status: int, code: str) -> None:
    """The removed events route is 404, or 410 by the switch, under a code of its own; it is no poll.

    Source: schemas/orbit/README.md#11.33.
    """
    run = mock.play("orbit", scenario("orbit", "running", switches={"events_route": switch} if switch else {}))
    reply = mock.send("GET", f"{PATH}/{run}/events", key=KEY)
    assert (reply.status, code_of(reply), left(reply)) == (status, code, None)
    assert mock.namespace("orbit").jobs[run].polls == 0 and balance(mock) == 9_990
    assert mock.send("POST", f"{PATH}/{run}/events", key=KEY).status == 405


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        (None, 401, "missing_api_key"),
        ("sk_orb_noscope", 403, "missing_api_key_scope"),
        ("sk_orb_revoked", 403, "invalid_api_key"),
        ("sk_orb_searchonly", 404, "developer_deep_search_run_not_found"),
    ],
)
def test_events_route_needs_search_read(mock: Mock, key: str | None, status: int, code: str) -> None:
    """The events route needs the key and the scope of polling, and an existing run.

    Source: schemas/orbit/README.md#1,#2.
    """
    reply = mock.send("GET", f"{PATH}/nobody/events", key=key)
    assert (reply.status, code_of(reply)) == (status, code)


@pytest.mark.parametrize(
    ("method", "path", "searchonly"),
    [("POST", PATH, 202), ("GET", f"{PATH}/x", 404), ("GET", f"{PATH}/x/events", 404), ("GET", f"{PROFILES}/x", 403)],
)
def test_keys_without_a_scope(mock: Mock, method: str, path: str, searchonly: int) -> None:
    """`sk_orb_noscope` may do nothing, `sk_orb_searchonly` everything but read profiles."""
    none = mock.send(method, path, key="sk_orb_noscope", body=EMAIL)
    assert none.status == 403 and code_of(none) == "missing_api_key_scope" and len(mock.service.namespaces) == 0
    some = mock.send(method, path, key="sk_orb_searchonly", body=EMAIL)
    assert some.status == searchonly
    if searchonly == 403:
        assert code_of(some) == "missing_api_key_scope"


NOTE = "the header Idempotency-Key has no meaning here; requestId has"


@pytest.mark.parametrize(
    ("switch", "sent", "note"),
    [(None, True, None), ("ignore", True, None), ("warn", False, None), ("warn", True, NOTE)],
)
def test_idempotency_header_on_start(mock: Mock, switch: str | None, sent: bool, note: str | None) -> None:
    """The header makes no start idempotent; `warn` has the journal say so, where it was sent.

    Source: schemas/orbit/README.md#3.1,#11.41.
    """
    use(mock, switches={"idempotency_header": switch} if switch else {})
    headers = ((b"idempotency-key", b"k"),) if sent else ()
    first, second = (start(mock, headers=headers) for _ in range(2))
    assert [first.status, second.status] == [202, 202] and first.body != second.body and balance(mock) == 9_980
    assert [exchange.note for exchange in mock.namespace("orbit").journal] == [note, note]


def test_idempotency_note_beside_another(mock: Mock) -> None:
    """The warning isn't lost where the journal has something else to say about the same start."""
    use(mock, switches={"idempotency_header": "warn"})
    body = {"runShape": "candidate_discovery", "structuredIntent": {"version": "v1", "names": ["A"]}}
    start(mock, body, headers=((b"idempotency-key", b"k"),))
    (exchange,) = mock.namespace("orbit").journal
    assert "Idempotency-Key" in (exchange.note or "") and "another kind" in (exchange.note or "")
