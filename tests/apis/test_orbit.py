"""Orbit: the body of a start, its idempotency, the answers for a run, and the refusals.

Source: schemas/orbit/README.md.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
from tests.support import JOBS, KEYS, Mock, json_of, scenario

from jobmock.apis.orbit.errors import ERRORS
from jobmock.apis.orbit.start_body import RUN_SHAPES
from jobmock.contract.body_validation import violations
from jobmock.models import Reply

PATH = JOBS["orbit"]
KEY = KEYS["orbit"]
EMAIL = {"email": "someone@mail.invalid"}
INTENT = {"version": "v1", "names": ["Ada Example"]}


def start(mock: Mock, body: Any, key: str = KEY) -> Reply:
    return mock.send("POST", PATH, key=key, body=body)


def use(mock: Mock, plan: Any) -> None:
    mock.namespace("orbit").use(mock.service.catalogue.resolve(plan, "orbit"))


def intent(**members: Any) -> dict[str, Any]:
    return {"structuredIntent": {**INTENT, **members}}


def code_of(reply: Reply) -> str:
    """Return the code of an error, whose body must be exactly the envelope (schemas/orbit/README.md#4.8)."""
    body = json_of(reply)
    assert list(body) == ["status", "error"] and body["status"] == "failed"
    assert body["error"]["message"]
    assert violations("orbit/error.json", body) == []
    return str(body["error"]["code"])


def polled(mock: Mock, run: str, times: int = 1) -> list[Any]:
    return [json_of(mock.poll("orbit", run)) for _ in range(times)]


# Every 400 that start can give, by the end of its code: `x` stands for developer_deep_search_x
# (schemas/orbit/README.md#8).
def rows(code: str, *bodies: Any) -> list[tuple[Any, str]]:
    """Return a row of the table for each body that is refused with one code."""
    return [(body, code) for body in bodies]


def fields(code: str, name: str, *values: Any, beside: dict[str, Any] | None = None) -> list[tuple[Any, str]]:
    """Return a row for each wrong value of one field, which stands `beside` others."""
    return rows(code, *({**(beside or {}), name: value} for value in values))


def intents(code: str, *members: dict[str, Any]) -> list[tuple[Any, str]]:
    """Return a row for each group of wrong members of an intent."""
    return rows(code, *(intent(**own) for own in members))


REFUSED: list[tuple[Any, str]] = [
    *rows("invalid_request", b"", b"{", b"null", b"[" * 100_000, b'{"email": "\\ud800"}', b'{"email": "\xff"}'),
    *rows("invalid_request", [], "text"),
    *rows("field_unsupported", *({**EMAIL, name: None} for name in (
        "", "Email", "phone", "mode", "partialProfile", "dry_run", "options", "profile_id", "orbit_id", "request_id",
    ))),
    *fields("request_id_invalid", "requestId", "", None, 5, True, ["r"], {}, beside=EMAIL),
    *fields(
        "run_shape_invalid", "runShape", "", "full", "PARTIAL_ONLY", None, 1, ["partial_only"], {}, "partial_only ",
        beside=EMAIL,
    ),
    *fields("run_shape_invalid", "runShape", "candidate_discovery", beside={"profileId": "p"}),
    *fields("run_shape_invalid", "runShape", "candidate_discovery", beside={"profileId": "p", **intent()}),
    *fields("profile_id_invalid", "profileId", "", None, 7, []),
    *fields(
        "email_invalid", "email", "", "x", "x@", "@y.z", "x@y", "x@y.", "x@.y", "x@y..z", "x y@z.a", "x@@y.z",
        "x@y.z\n", None, 1, [],
    ),
    *fields(
        "phone_invalid", "phoneNumber", "", "123456", "1" * 16, "12345678x", "+", "++1234567", "1234567+",
        "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668", None, 1234567, [],
    ),
    *fields(
        "linkedin_invalid", "linkedinUrl", "", "linkedin.com/in/x", "https://linkedin.com/in/", "https://linkedin.com",
        "https://linkedin.com/company/x", "http://[x/in/x", "https://notlinkedin.com/in/x",
        "https://linkedin.com.invalid/in/x", "https://example.invalid/linkedin.com/in/x", "ftp://linkedin.com/in/x",
        "https://linkedin.com/x/in/y", None, 1, ["https://linkedin.com/in/x"],
    ),
    *fields("field_invalid", "urls", None, "https://x.invalid", {}, [1], ["https://x.invalid", None]),
    *fields("field_invalid", "usernames", None, "x", {}, [1], [["x"]]),
    *fields(
        "url_invalid", "urls", [""], ["x"], ["ftp://x.invalid"], ["http://"], ["https:///x"], ["http://[x"],
        ["//x.invalid"], ["https://x.invalid", "x"],
    ),
    *rows("input_required", {}, {"requestId": "r", "runShape": "partial_only"}, {"urls": [], "usernames": []}),
    *fields("input_required", "structuredIntent", {"version": "v1"}),
    *fields("input_required", "structuredIntent", {"version": "v1"}, beside={"runShape": "candidate_discovery"}),
    *fields("unprocessable_seed", "runShape", "candidate_discovery", beside=EMAIL),
    *fields(
        "unprocessable_seed", "runShape", "candidate_discovery", beside={**EMAIL, "structuredIntent": {"version": "v1"}}
    ),
    *fields("structured_intent_required", "structuredIntent", None, [], "v1", 1, True),
    *fields("structured_intent_version_unsupported", "structuredIntent", {}),
    *intents("structured_intent_version_unsupported", *({"version": value} for value in (None, "v2", "V1", 1, ["v1"]))),
    *intents("personalization_unsupported", {"personalization": {}}, {"personalization": None}),
    *intents("structured_intent_entity_clauses_unsupported", {"entityClauses": None}),
    *intents(
        "structured_intent_server_owned_field", {"resolvedCompanyFilters": []}, {"resolvedSchoolFilters": None},
        {"resolvedEntityFilters": {}},
    ),
    *intents(
        "structured_intent_invalid",
        {"names": "Ada"}, {"names": [1]}, {"names": None},
        {"experiences": {}}, {"experiences": ["x"]}, {"experiences": None},
        {"experiences": [{"organization": 1}]}, {"experiences": [{"titleAnyOf": "x"}]},
        {"experiences": [{}, {"year": "2001"}]}, {"experiences": [{"startYearLte": True}]},
        {"experiences": [{"temporalScope": "past"}]}, {"experiences": [{"temporalScope": ["current"]}]},
        {"schools": [{"school": None}]}, {"schools": [{"graduationYear": []}]}, {"schools": [{"relation": 1}]},
        {"semanticClauses": [{"text": 1}]}, {"semanticClauses": [{"anyOf": [1]}]},
        {"geo": []}, {"geo": None}, {"geo": {"place": 1}}, {"geo": {"distance": 5}}, {"geo": {"isHistorical": 1}},
        {"demographics": "x"}, {"demographics": {"gender": 1}},
        {"demographics": {"ageRange": [1, 2]}}, {"demographics": {"ageRange": {"min": 1}}},
        {"demographics": {"ageRange": {"min": "1", "max": 2}}}, {"demographics": {"ageRange": {"min": 3, "max": 2}}},
        {"demographics": {"birthYearRange": {"max": 2}}}, {"demographics": {"birthYearRange": {"min": 2, "max": 1}}},
    ),
]  # fmt: skip


def full(code: str) -> str:
    return code if code.startswith("structured_intent") else f"developer_deep_search_{code}"


@pytest.mark.parametrize(("body", "code"), REFUSED)
def test_bad_start_body_is_400_with_its_code(mock: Mock, body: Any, code: str) -> None:
    """Each error in the body has its documented code, and no run is made.

    Source: schemas/orbit/README.md#3,#8,#11.5,#11.14-#11.17.
    """
    reply = start(mock, body)
    assert (reply.status, code_of(reply)) == (400, full(code))
    assert mock.namespace("orbit").jobs == {}


def test_every_documented_400_is_in_the_table() -> None:
    """The table above holds every 400 code of the catalogue, so none is unreachable by a real request.

    Source: schemas/orbit/README.md#8.
    """
    assert {full(code) for _, code in REFUSED} == {code for code, (status, _) in ERRORS.items() if status == 400}


IN_ORDER: list[tuple[dict[str, Any], str]] = [
    ({"unknown": 1}, "field_unsupported"),
    ({"requestId": ""}, "request_id_invalid"),
    ({"runShape": "x"}, "run_shape_invalid"),
    ({"profileId": ""}, "profile_id_invalid"),
    ({"email": "x"}, "email_invalid"),
    ({"phoneNumber": "x"}, "phone_invalid"),
    ({"linkedinUrl": "x"}, "linkedin_invalid"),
    ({"urls": 1}, "field_invalid"),
    ({"structuredIntent": 1}, "structured_intent_required"),
]


@pytest.mark.parametrize(("first", "second"), list(combinations(IN_ORDER, 2)))
def test_order_of_checks(mock: Mock, first: tuple[Any, str], second: tuple[Any, str]) -> None:
    """Of two errors the one that is checked first wins, in any order of the body (schemas/orbit/README.md#11.6)."""
    body = {**second[0], **first[0]}
    assert code_of(start(mock, body)) == full(first[1])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"usernames": 1, "urls": ["x"]}, "field_invalid"),
        ({"urls": ["x"], "structuredIntent": 1}, "url_invalid"),
        (intent(personalization=1, entityClauses=1), "personalization_unsupported"),
        ({"structuredIntent": {"version": "v2"}, "runShape": "partial_only"}, "structured_intent_version_unsupported"),
        ({"structuredIntent": {"version": "v2", "geo": 1}}, "structured_intent_version_unsupported"),
        ({"requestId": "", "runShape": "partial_only"}, "request_id_invalid"),
    ],
)
def test_order_of_checks_inside_a_field(mock: Mock, body: Any, code: str) -> None:
    """Types are checked before contents, contents before a missing signal (schemas/orbit/README.md#11.6)."""
    assert code_of(start(mock, body)) == full(code)


@pytest.mark.parametrize(
    ("field", "hint"),
    [
        ("mode", "candidate_discovery"),
        ("partialProfile", "partial_plus_full"),
        ("dry_run", "removed"),
        ("options", "removed"),
        ("profile_id", "profileId"),
        ("orbit_id", "profileId"),
        ("phone", "phoneNumber"),
        ("other", "Allowed: requestId, runShape, profileId"),
    ],
)
def test_legacy_fields_are_named_with_their_replacement(mock: Mock, field: str, hint: str) -> None:
    """The message names the refused field and what to send instead (schemas/orbit/README.md#3.1)."""
    message = json_of(start(mock, {**EMAIL, field: "x"}))["error"]["message"]
    assert repr(field) in message and hint in message


@pytest.mark.parametrize(
    "body",
    [
        {"profileId": "prf_1"},
        {"structuredIntent": INTENT},
        *[{"email": value} for value in ("a@b.c", "a.b+c@d-e.f.invalid", "ü@ä.ö")],
        *[{"phoneNumber": value} for value in ("1234567", "+49 (0)30-123.45/67", "1" * 15)],
        *[
            {"linkedinUrl": f"{url}/in/ada"}
            for url in ("https://linkedin.com", "http://www.linkedin.com", "https://DE.LinkedIn.com:443")
        ],
        {"linkedinUrl": "https://www.linkedin.com/in/ada/details/?x=y#z"},
        {"urls": ["http://x.invalid", "https://user@x.invalid:8080/y?z"]},
        {"usernames": ["ada"]},
        {**EMAIL, "urls": [], "usernames": []},
        {**EMAIL, "requestId": "run-1", "runShape": "full_generation_only"},
        intent(
            experiences=[
                {"organization": "o", "title": "t", "titleAnyOf": ["a"], "year": 1, "startYear": 2, "startYearLte": 3.5,
                 "endYear": 4, "temporalScope": "current"},
                {"temporalScope": "historical"}, {"temporalScope": "both", "other": None},
            ],
            schools=[{"school": "s", "schoolAnyOf": [], "graduationYear": 1, "relation": "r"}],
            semanticClauses=[{"text": "t", "anyOf": ["x"]}],
            geo={"place": "p", "distance": "5 km", "isHistorical": False},
            demographics={"ageRange": {"min": 1, "max": 1}, "birthYearRange": {"min": 1, "max": 2}, "gender": "x"},
        ),
        {"structuredIntent": {"version": "v1", "geo": {"place": "Graz"}}},
    ],
)  # fmt: skip
def test_good_bodies_start_a_run(mock: Mock, body: Any) -> None:
    """Each signal alone is enough, and every documented member is taken (schemas/orbit/README.md#3,#11.15,#11.16)."""
    reply = start(mock, body)
    answer = json_of(reply)
    assert reply.status == 202 and answer["status"] == "started"
    assert violations("orbit/start-response.json", answer) == []


def test_start_reply(mock: Mock) -> None:
    """A new run's 202 has its ids, the word started and a relative link; a made-up requestId is a UUID4.

    Source: schemas/orbit/README.md#4.1.
    """
    body = json_of(start(mock, EMAIL))
    run = body["request_id"]
    assert list(body) == ["request_id", "run_id", "status", "links"] and UUID(run).version == 4
    assert body["links"] == {"status": f"{PATH}/{run}"} and body["run_id"]


def test_idempotency_key_header_is_ignored(mock: Mock) -> None:
    """Only the body's requestId makes a start idempotent (schemas/orbit/README.md#3.1,#11.41)."""
    header = ((b"idempotency-key", b"k"),)
    first, second = (mock.send("POST", PATH, key=KEY, body=EMAIL, headers=header) for _ in range(2))
    assert (first.status, second.status) == (202, 202)
    assert json_of(first)["request_id"] != json_of(second)["request_id"]


def test_reused_request_id_answers_the_same_ids(mock: Mock) -> None:
    """The same requestId with the same content is 200 already_running, also after the run ended.

    Source: schemas/orbit/README.md#6,#11.8.
    """
    use(mock, scenario("orbit", "running", "completed"))
    body = {**EMAIL, "requestId": "run-1"}
    first = json_of(start(mock, body))
    for _ in range(3):
        again = start(mock, body)
        assert again.status == 200 and json_of(again) == {**first, "status": "already_running"}
        mock.poll("orbit", "run-1")
    assert len(mock.namespace("orbit").jobs) == 1


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        (EMAIL, {"email": "other@mail.invalid"}, 409),
        (EMAIL, {**EMAIL, "usernames": ["x"]}, 409),
        (EMAIL, {**EMAIL, "runShape": "partial_plus_full"}, 409),
        (EMAIL, {**EMAIL, "runShape": "partial_only"}, 200),
        ({"profileId": "p"}, {"profileId": "p", "runShape": "full_generation_only"}, 200),
        ({"profileId": "p"}, {"profileId": "p", "runShape": "partial_only"}, 409),
        ({"urls": ["http://a.b", "http://c.d"]}, {"urls": ["http://c.d", "http://a.b"]}, 409),
        (b'{"requestId":"r","usernames":["x"]}', b'{"usernames":["\\u0078"],"requestId":"r"}', 200),
        (intent(geo={"place": "x", "isHistorical": False}), intent(geo={"isHistorical": False, "place": "x"}), 200),
    ],
)  # fmt: skip
def test_content_of_a_reused_request_id(mock: Mock, first: Any, second: Any, status: int) -> None:
    """Contents are compared as values with defaults filled in; another content is 409.

    Source: schemas/orbit/README.md#6,#11.11.
    """
    bodies = [body if isinstance(body, bytes) else {**body, "requestId": "r"} for body in (first, second)]
    assert start(mock, bodies[0]).status == 202
    reply = start(mock, bodies[1])
    assert reply.status == status
    assert status == 200 or code_of(reply) == "developer_api_idempotency_key_conflict"


def test_conflict_leaves_the_run_alone(mock: Mock) -> None:
    """After a 409 the first content still gets its ids back."""
    first = json_of(start(mock, {**EMAIL, "requestId": "r"}))
    assert start(mock, {"email": "x@y.z", "requestId": "r"}).status == 409
    assert json_of(start(mock, {**EMAIL, "requestId": "r"}))["run_id"] == first["run_id"]


def test_request_id_is_not_bound_by_a_400(mock: Mock) -> None:
    """A refused start doesn't use its requestId, and a used requestId doesn't hide a wrong body.

    Source: schemas/orbit/README.md#11.4,#11.9.
    """
    assert start(mock, {"email": "bad", "requestId": "r"}).status == 400
    assert start(mock, {**EMAIL, "requestId": "r"}).status == 202
    assert start(mock, {"email": "bad", "requestId": "r"}).status == 400


def test_request_ids_belong_to_their_key(mock: Mock) -> None:
    """Two keys may use one requestId for different runs (schemas/orbit/README.md#11.7)."""
    first = start(mock, {**EMAIL, "requestId": "r"})
    second = start(mock, {"email": "x@y.z", "requestId": "r"}, key="sk_orb_other")
    assert (first.status, second.status) == (202, 202)
    assert json_of(first)["run_id"] != json_of(second)["run_id"]


@pytest.mark.parametrize(
    ("request_id", "segment"),
    [
        ("run-1", "run-1"),
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("a?b#c", "a%3Fb%23c"),
        ("%2F", "%252F"),
        ("ü€", "%C3%BC%E2%82%AC"),
        ("..", ".."),
        ("x" * 500, "x" * 500),
        ("\x00\n", "%00%0A"),
    ],
)
def test_request_id_is_the_path_id(mock: Mock, request_id: str, segment: str) -> None:
    """The link percent-encodes any requestId as one segment, and polling it answers that id.

    Source: schemas/orbit/README.md#11.12.
    """
    link = json_of(start(mock, {**EMAIL, "requestId": request_id}))["links"]["status"]
    assert link == f"{PATH}/{segment}"
    reply = mock.send("GET", link, key=KEY)
    assert reply.status == 200 and json_of(reply)["request_id"] == request_id


def test_unencoded_slash_is_another_route(mock: Mock) -> None:
    """The raw path is split first, so `a/b` sent as it is names no run."""
    start(mock, {**EMAIL, "requestId": "a/b"})
    reply = mock.send("GET", f"{PATH}/a/b", key=KEY)
    assert (reply.status, code_of(reply)) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "sections"),
    [
        (EMAIL, 5),
        ({**EMAIL, "runShape": "partial_only"}, 5),
        ({**EMAIL, "runShape": "partial_plus_full"}, 12),
        ({**EMAIL, "runShape": "full_generation_only"}, 12),
        ({"profileId": "p"}, 12),
        ({"profileId": "p", "runShape": "partial_only"}, 5),
        ({"profileId": "p", **EMAIL}, 5),
    ],
)
def test_run_shapes_of_one_profile(mock: Mock, body: Any, sections: int) -> None:
    """The default is partial_only, but full generation for a profileId alone; partial runs write fewer.

    Source: schemas/orbit/README.md#3.
    """
    use(mock, scenario("orbit", "completed"))
    (answer,) = polled(mock, mock.start("orbit", body=body))
    assert answer["result"]["section_generation"] == {
        "sections_ready": True, "materialized_section_count": sections, "failed_count": 0,
    }  # fmt: skip


def test_candidate_discovery_ends_with_candidates(mock: Mock) -> None:
    """A discovery plays the usual discovery, whose ids appear one by one (schemas/orbit/README.md#3.2,#4.5)."""
    run = mock.start("orbit", body={"runShape": "candidate_discovery", "structuredIntent": INTENT})
    answers = polled(mock, run, 4)
    assert [answer["status"] for answer in answers] == ["running"] * 3 + ["completed"]
    assert [answer["result"] and len(answer["result"]["profile_ids"]) for answer in answers] == [None, 0, 1, 3]


def test_candidate_discovery_switch(mock: Mock) -> None:
    """`candidate_discovery: unavailable` answers 503, after faults of the body and for that shape only.

    Source: schemas/orbit/README.md#10.6.
    """
    use(mock, scenario("orbit", "running", switches={"candidate_discovery": "unavailable"}))
    body = {"runShape": "candidate_discovery", "structuredIntent": INTENT}
    reply = start(mock, body)
    assert (reply.status, code_of(reply)) == (503, "developer_deep_search_unavailable_for_request")
    assert start(mock, {**body, "email": "x"}).status == 400
    assert start(mock, EMAIL).status == 202


@pytest.mark.parametrize(("shape", "status"), [("slim", 202), ("slimmer", 400), ("partial_only", 202)])
def test_extra_run_shapes_switch(mock: Mock, shape: str, status: int) -> None:
    """`extra_run_shapes` adds values to the documented ones (schemas/orbit/README.md#11.18)."""
    use(mock, scenario("orbit", "running", switches={"extra_run_shapes": ["slim"]}))
    assert start(mock, {**EMAIL, "runShape": shape}).status == status


def test_run_shapes_are_the_documented_ones() -> None:
    """The four run shapes of schemas/orbit/README.md#3.2, no more."""
    assert RUN_SHAPES == ("partial_only", "partial_plus_full", "full_generation_only", "candidate_discovery")


def sections(count: int, ready: bool) -> dict[str, Any]:
    return {"sections_ready": ready, "materialized_section_count": count, "failed_count": 0}


FAILURE = {"code": "deep_search_failed", "message": "The run could not be completed.", "retryable": True}


@pytest.mark.parametrize(
    ("steps", "results"),
    [
        (["running", "running"], [None, None]),
        (["running", "generating_sections"], [None, (0, False)]),
        (["generating_sections"] * 3 + ["completed"], [(0, False), (1, False), (2, False), (12, True)]),
        (["generating_sections"] * 14 + ["completed"], [*[(min(n, 12), False) for n in range(14)], (12, True)]),
        (["running", "completed"], [None, (12, True)]),
        (["running", "failed"], [None, None]),
        (["generating_sections", "failed"], [(0, False), ()]),
        (["generating_sections", "not_found", "failed"], [(0, False), None, ()]),
        ([{"status": "verifying", "violates": ["schema"]}, "completed"], [None, (12, True)]),
    ],
)
def test_result_of_a_single_profile(mock: Mock, steps: list[Any], results: list[Any]) -> None:
    """`result` is null until there is an id; section counts grow, none ready before completed.

    Source: schemas/orbit/README.md#4.4,#11.20.
    """
    run = mock.play("orbit", scenario("orbit", *steps, run_shape="partial_plus_full"))
    seen = [answer.get("result") for answer in polled(mock, run, len(steps))]
    ids = {result["id"] for result in seen if result}
    assert len(ids) <= 1
    expected = [
        None if want is None else {"id": next(iter(ids)), **({"section_generation": sections(*want)} if want else {})}
        for want in results
    ]
    assert seen == expected


def test_members_of_a_single_profile_run(mock: Mock) -> None:
    """Each status body has request_id, run_id, status and result, and `failure` on a failed run only.

    Source: schemas/orbit/README.md#4.3,#4.6.
    """
    run = mock.play("orbit", scenario("orbit", "running", "generating_sections", "failed"))
    common = ["request_id", "run_id", "status", "result"]
    answers = polled(mock, run, 3)
    assert [list(answer) for answer in answers] == [common, common, [*common, "failure"]]
    assert {answer["request_id"] for answer in answers} == {run} and len({answer["run_id"] for answer in answers}) == 1
    assert answers[-1]["failure"] == FAILURE
    assert [violations("orbit/status.json", answer) for answer in answers] == [[], [], []]


@pytest.mark.parametrize(
    ("switches", "step", "path", "value"),
    [
        ({"empty_suggested_inputs": True}, "failed", ("failure",), {**FAILURE, "suggested_inputs": []}),
        ({"section_status": True}, "generating_sections", ("result", "section_generation", "status"), "queued"),
        ({"section_status": True}, "completed", ("result", "section_generation", "status"), "ready"),
        ({}, "completed", ("result", "section_generation"), sections(5, True)),
    ],
)
def test_switches_of_the_status_body(mock: Mock, switches: Any, step: str, path: tuple[str, ...], value: Any) -> None:
    """`empty_suggested_inputs` and `section_status` each add their member (schemas/orbit/README.md#11.19,#11.24)."""
    plan = scenario("orbit", step, switches=switches, run_shape="partial_only")
    (answer,) = polled(mock, mock.play("orbit", plan))
    for name in path:
        answer = answer[name]
    assert answer == value


def discovery(ids: list[str], found: int, phase: str) -> dict[str, Any]:
    return {
        "candidate_profile_ids": ids, "profile_ids": ids, "candidate_count": found,
        "dispatched_candidate_count": found, "persisted_candidate_count": len(ids), "failed_candidate_count": 0,
        "skipped_candidate_count": 0, "current_phase": phase,
    }  # fmt: skip


@pytest.mark.parametrize("end", ["completed", "failed"])
@pytest.mark.parametrize("count", [4, 0])
def test_result_of_a_discovery(mock: Mock, end: str, count: int) -> None:
    """Candidates grow with the steps; a completed one shows all, a failed one keeps the last.

    Source: schemas/orbit/README.md#4.5,#11.28,#11.29.
    """
    steps: list[Any] = ["running", *[{"status": "running", "results": shown} for shown in (0, 1, 2)], end]
    plan = scenario("orbit", *steps, run_shape="candidate_discovery", results={"count": count, "seed": 3})
    answers = polled(mock, mock.play("orbit", plan), 5)
    results = [answer["result"] for answer in answers]
    ids = results[-1]["profile_ids"]
    assert results[0] is None and len(ids) == min(count, 4 if end == "completed" else 2)
    searching, saving = "candidate_source_discovery", "candidate_profile_persistence"
    for result, shown in zip(results[1:], (0, 1, 2, len(ids)), strict=True):
        own = ids[:shown]
        last = result is results[-1] and end == "completed"
        phase = "completed" if last else saving if own else searching
        metrics = result.pop("metrics")
        assert result == discovery(own, count if own or last else 0, phase)
        assert metrics["child_search_engine_query_count"] == 0 and metrics["source_discovery_elapsed_ms"] > 0
    assert len(set(ids)) == len(ids)


def test_query_parameters_are_ignored(mock: Mock) -> None:
    """The status route has no query parameters, so any are ignored (schemas/orbit/README.md#11.40)."""
    run = mock.start("orbit", body=EMAIL)
    assert mock.poll("orbit", run, query="page=abc&legacy=%ff&=&").status == 200


@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("GET", PATH + "/x")])
@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        (None, 401, "missing_api_key"),
        (b"", 401, "missing_api_key"),
        (b"Bearer ", 401, "missing_api_key"),
        (b"Basic sk_orb_x", 401, "missing_api_key"),
        (b"Bearer x", 403, "invalid_api_key"),
        (b"Bearer sk_orb_", 403, "invalid_api_key"),
        (b"Bearer SK_ORB_x", 403, "invalid_api_key"),
        (b"Bearer lk_test", 403, "invalid_api_key"),
        (b"Bearer sk_orb_a b", 403, "invalid_api_key"),
        (b"Bearer sk_orb_revoked", 403, "invalid_api_key"),
        (b"Bearer sk_orb_expired", 403, "invalid_api_key"),
        (b"Bearer sk_orb_noscope", 403, "missing_api_key_scope"),
    ],
)
def test_bad_key(mock: Mock, method: str, path: str, header: bytes | None, status: int, code: str) -> None:
    """No bearer is 401, a wrong key or one without the scope 403; none of them opens a namespace of Orbit.

    Source: schemas/orbit/README.md#2.
    """
    headers = () if header is None else ((b"authorization", header), (b"api-key", b"sk_orb_test"))
    reply = mock.send(method, path, headers=headers, body=EMAIL)
    assert (reply.status, code_of(reply)) == (status, code)
    assert not [namespace for namespace in mock.service.namespaces if namespace.api == "orbit"]


def test_search_only_key_may_search(mock: Mock) -> None:
    """`sk_orb_searchonly` lacks profile:read, which start and status don't need (schemas/orbit/README.md#1)."""
    run = mock.start("orbit", "sk_orb_searchonly", EMAIL)
    assert mock.poll("orbit", run, "sk_orb_searchonly").status == 200


NOT_FOUND = "developer_deep_search_run_not_found"


def test_unknown_and_foreign_runs_are_404(mock: Mock) -> None:
    """An unknown run and one of another key have the same 404 (schemas/orbit/README.md#8,#11.7)."""
    run = mock.start("orbit", body=EMAIL)
    for reply in (mock.poll("orbit", "nobody's"), mock.poll("orbit", run, "sk_orb_other")):
        assert (reply.status, code_of(reply)) == (404, NOT_FOUND)


@pytest.mark.parametrize("run", ["a/b", "plain"])
def test_not_found_body_switch(mock: Mock, run: str) -> None:
    """`not_found_body: run` answers a 404 with the run body in place of the envelope.

    Source: schemas/orbit/README.md#10.3,#11.1.
    """
    use(mock, scenario("orbit", "running", switches={"not_found_body": "run"}))
    reply = mock.poll("orbit", run)
    body = {"request_id": run, "run_id": None, "status": "not_found", "result": None}
    assert reply.status == 404 and json_of(reply) == body
    assert violations("orbit/status-404.json", body) == []


@pytest.mark.parametrize(
    ("switches", "status"),
    [({}, "failed"), ({"not_found_body": "run"}, "not_found")],
)
def test_not_found_step(mock: Mock, switches: Any, status: str) -> None:
    """A `not_found` step answers 404, in the form that its scenario's switches choose, and is a poll.

    Source: schemas/orbit/README.md#5.
    """
    run = mock.play("orbit", scenario("orbit", "not_found", "running", switches=switches))
    first, second = (mock.poll("orbit", run) for _ in range(2))
    assert (first.status, json_of(first)["status"], second.status) == (404, status, 200)


SHORT = {
    "rate_limited": "developer_api_key_rate_limited",
    "unavailable": "developer_deep_search_unavailable",
    "server_error": "internal_error",
}


@pytest.mark.parametrize("name", ERRORS)
def test_each_error_of_the_catalogue(mock: Mock, name: str) -> None:
    """Each name gives its status and its code in the envelope; the short names stand for codes.

    Source: schemas/orbit/README.md#8.
    """
    faults = [{"when": {"every": 1}, "respond": name}]
    reply = mock.poll("orbit", mock.play("orbit", scenario("orbit", "running", faults=faults)))
    assert (reply.status, code_of(reply)) == (ERRORS[name][0], SHORT.get(name, name))
    assert dict(reply.headers).get(b"retry-after") == (b"1" if reply.status == 429 else None)


def test_envelope_status_switch(mock: Mock) -> None:
    """`envelope_status: failure` changes the envelope's word (schemas/orbit/README.md#10.7)."""
    use(mock, scenario("orbit", "running", switches={"envelope_status": "failure"}))
    assert json_of(start(mock, b"{"))["status"] == "failure"


@pytest.mark.parametrize(
    ("form", "expected"),
    [(None, b"1"), ("seconds", b"1"), ("date", b"Thu, 01 Jan 2026 00:00:01 GMT"), ("absent", None)],
)
def test_retry_after_switch(mock: Mock, form: str | None, expected: bytes | None) -> None:
    """`retry_after` chooses the form of a 429's header, also of one that a fault scripts without a form.

    Source: schemas/orbit/README.md#11.3.
    """
    faults = [{"when": {"request": 1}, "respond": "rate_limited"}]
    switches = {"retry_after": form} if form else {}
    limits = {"start": {"requests": 1, "seconds": 1}}
    run = mock.play("orbit", scenario("orbit", "running", faults=faults, switches=switches, limits=limits))
    for reply in (mock.poll("orbit", run), start(mock, EMAIL)):
        assert reply.status == 429 and dict(reply.headers).get(b"retry-after") == expected


@pytest.mark.parametrize("form", ["seconds", "date", "absent"])
@pytest.mark.parametrize(
    ("retry_after", "expected"), [(7, b"7"), ({"date": 5}, b"Thu, 01 Jan 2026 00:00:05 GMT"), ("absent", None)]
)
def test_scripted_retry_after_keeps_its_form(mock: Mock, form: str, retry_after: Any, expected: bytes | None) -> None:
    """A form that a fault scripts wins over the switch."""
    faults = [{"when": {"request": 1}, "respond": "rate_limited", "retry_after": retry_after}]
    run = mock.play("orbit", scenario("orbit", "running", faults=faults, switches={"retry_after": form}))
    assert dict(mock.poll("orbit", run).headers).get(b"retry-after") == expected


def test_polling_is_a_token_bucket_of_150(mock: Mock) -> None:
    """150 polls at once are served, then one each 40 ms, exactly; a refused one takes no token.

    Source: schemas/orbit/README.md#7.
    """
    run = mock.start("orbit", body=EMAIL)
    assert {mock.poll("orbit", run).status for _ in range(150)} == {200}
    refused = mock.poll("orbit", run)
    assert (refused.status, code_of(refused)) == (429, "developer_api_key_rate_limited")
    assert dict(refused.headers)[b"retry-after"] == b"1"
    mock.advance(0.039, "orbit")
    assert mock.poll("orbit", run).status == 429
    mock.advance(0.001, "orbit")
    assert [mock.poll("orbit", run).status for _ in range(2)] == [200, 429]
    mock.advance(1, "orbit")
    assert [mock.poll("orbit", run).status for _ in range(26)] == [200] * 25 + [429]


def test_start_has_its_own_limit(mock: Mock) -> None:
    """60 starts a minute, in a bucket of their own; a refused body counts, for the limit comes first.

    Source: schemas/orbit/README.md#11.2,#11.4.
    """
    run = mock.start("orbit", body=EMAIL)
    assert {start(mock, b"{").status for _ in range(59)} == {400}
    reply = start(mock, EMAIL)
    assert (reply.status, dict(reply.headers)[b"retry-after"]) == (429, b"60")
    assert mock.poll("orbit", run).status == 200
    mock.advance(60, "orbit")
    assert start(mock, EMAIL).status == 202


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "not_found"), (405, "method_not_allowed"), (413, "body_too_large"),
        (415, "content_encoding_unsupported"), (418, "http_418"),
    ],
)
def test_errors_without_a_documented_code(mock: Mock, status: int, code: str) -> None:
    """An undocumented error comes in the envelope too, with a code of the mock's own.

    Source: schemas/orbit/README.md#11.33-#11.35.
    """
    faults = [{"when": {"every": 1}, "respond": {"status": 418}}]
    run = mock.play("orbit", scenario("orbit", "running", faults=faults))
    replies = {
        404: mock.send("GET", "/v2/developer/nothing"),
        405: mock.send("DELETE", PATH),
        413: mock.send("POST", PATH, body=b"x" * (1 << 20) + b"x"),
        415: mock.send("POST", PATH, body=b"x", headers=((b"content-encoding", b"gzip"),)),
        418: mock.poll("orbit", run),
    }
    assert (replies[status].status, code_of(replies[status])) == (status, code)
