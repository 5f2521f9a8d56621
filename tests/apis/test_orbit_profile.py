"""Orbit's profile route: from when a profile exists, how many sections it has, and what a read costs.

Source: schemas/orbit/README.md#3.5,#4.7.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from tests.api_facts import start_body
from tests.support import KEYS, Mock, json_of, scenario

from jobmock import apis
from jobmock.apis.orbit.run_body import run_body
from jobmock.catalogue import Catalogue
from jobmock.contract.body_validation import violations
from jobmock.dialect.job_views import JobView
from jobmock.dialect.request_context import new_job
from jobmock.models import Reply

PATH, KEY = "/v2/developer/profiles", KEYS["orbit"]
REMAINING = b"x-developer-api-credits-remaining"
STANDARD = [
    "basic", "jobs", "education", "images", "bestQualities", "passions", "personalLife", "accomplishments", "portfolio",
    "worldview", "controversies", "netWorth", "families",
]  # fmt: skip
CONTRIBUTIONS = {"researchPapers", "githubRepos", "mediaCredits", "musicCredits", "books"}
SCENARIOS = [name for name in Catalogue().names() if name.startswith("orbit/")]


def read(mock: Mock, profile: str, key: str | None = KEY, idempotency: bytes | None = None) -> Reply:
    headers = () if idempotency is None else ((b"idempotency-key", idempotency),)
    return mock.send("GET", f"{PATH}/{quote(profile, safe='')}", key=key, headers=headers)


def code_of(reply: Reply) -> str:
    body = json_of(reply)
    assert body["status"] == "failed" and violations("orbit/error.json", body) == []
    return str(body["error"]["code"])


def filled(reply: Reply) -> list[str]:
    """Return the standard sections that a read shows, in the order in which they are written."""
    sections = json_of(reply)["payload"]["sections"]
    assert set(STANDARD) <= sections.keys() <= {*STANDARD, *CONTRIBUTIONS}
    return [name for name in STANDARD if sections[name] is not None]


def own_id(mock: Mock) -> str:
    """Return the id that the profiles of these tests get."""
    run = mock.play("orbit", "orbit/at-once", "sk_orb_elsewhere")
    return str(json_of(mock.poll("orbit", run, "sk_orb_elsewhere"))["result"]["id"])


def full(*steps: Any, **more: Any) -> dict[str, Any]:
    return scenario("orbit", *steps, run_shape="partial_plus_full", **more)


def play(mock: Mock, *steps: Any, **more: Any) -> str:
    return mock.play("orbit", full(*steps, **more))


def test_a_profile_is_there_when_the_run_says_so(mock: Mock) -> None:
    """A read is 404 while the run has no id, then shows as many sections as `section_generation` counts.

    Source: schemas/orbit/README.md#4.4.
    """
    wanted = own_id(mock)
    run = play(mock, "running", "running", *["generating_sections"] * 3, "completed")
    seen = []
    for _ in range(7):
        reply = read(mock, wanted)
        sections = None if reply.status == 404 else len(filled(reply)) - 1
        result = json_of(mock.poll("orbit", run))["result"]
        counted = result and result["section_generation"]["materialized_section_count"]
        assert (result and result["id"]) == (None if reply.status == 404 else wanted)
        assert sections == counted
        seen.append(sections)
    assert seen == [None, None, 0, 1, 2, 12, 12]


def test_a_profile_comes_by_time_though_nobody_polls(mock: Mock) -> None:
    """A read shows the sections at its own time, to the nanosecond, without a status request."""
    wanted = own_id(mock)
    run = play(mock, {"status": "running", "after": {"seconds": 30}}, "completed")
    mock.advance(29.999999999, "orbit")
    assert read(mock, wanted).status == 404
    mock.advance(0.000000001, "orbit")
    assert filled(read(mock, wanted)) == STANDARD
    assert mock.namespace("orbit").jobs[run].polls == 0


@pytest.mark.parametrize(
    ("shape", "sections"),
    [(None, STANDARD[:6]), ("partial_only", STANDARD[:6]), ("partial_plus_full", STANDARD),
     ("full_generation_only", STANDARD)],
)  # fmt: skip
def test_sections_of_a_completed_run(mock: Mock, shape: str | None, sections: list[str]) -> None:
    """A completed partial run has written some sections, a full one all of them (schemas/orbit/README.md#3.2,#4.4)."""
    plan = mock.service.catalogue.resolve(scenario("orbit", "completed", **({"run_shape": shape} if shape else {})))
    mock.namespace("orbit").use(plan)
    mock.start("orbit", body={name: value for name, value in start_body(apis.load("orbit"), shape).items()
                              if shape or name != "runShape"})  # fmt: skip
    reply = read(mock, own_id(mock))
    assert filled(reply) == sections
    if sections != STANDARD:
        assert json_of(reply)["payload"]["sections"].keys() == set(STANDARD)


@pytest.mark.parametrize("count", [0, 1, 4, 11, 12])
def test_a_step_decides_how_many_sections(mock: Mock, count: int) -> None:
    """A read shows as many sections as the step's `materialized_section_count`; with none only `basic`.

    Source: schemas/orbit/README.md#4.4.
    """
    body = {"result": {"section_generation": {"sections_ready": count > 0, "materialized_section_count": count}}}
    play(mock, {"status": "completed", "body": body})
    assert filled(read(mock, own_id(mock))) == STANDARD[: 1 + count]


def test_a_ready_profile_goes_before_a_fuller_one(mock: Mock) -> None:
    """Of two runs that made a profile, the one with ready sections is read, even if the other has more."""
    for count, ready in ((4, True), (9, False)):
        body = {"result": {"section_generation": {"sections_ready": ready, "materialized_section_count": count}}}
        play(mock, {"status": "completed", "body": body})
    assert filled(read(mock, own_id(mock))) == STANDARD[:5]


def test_no_sections_is_final(mock: Mock) -> None:
    """A run that completed with no section stays readable with basic data only (schemas/orbit/README.md#4.4)."""
    mock.play("orbit", "orbit/no-sections")
    mock.advance(1e6, "orbit")
    assert [filled(read(mock, own_id(mock))) for _ in range(2)] == [["basic"], ["basic"]]


def test_generating_sections_shows_only_basic_at_first(mock: Mock) -> None:
    """The id of a run that is still generating is readable, with only `basic` filled.

    Source: schemas/orbit/README.md#11.38.
    """
    play(mock, "generating_sections", "completed")
    assert filled(read(mock, own_id(mock))) == ["basic"]


def test_a_readiness_timeout_keeps_the_profile(mock: Mock) -> None:
    """A run that failed after a profile was saved: its id is readable, with basic data.

    Source: schemas/orbit/README.md#4.4,#11.22.
    """
    run = mock.play("orbit", "orbit/readiness-timeout")
    mock.advance(360, "orbit")
    body = json_of(mock.poll("orbit", run))
    assert body["status"] == "failed" and filled(read(mock, body["result"]["id"])) == ["basic"]


def test_a_failed_run_without_an_id_has_no_profile(mock: Mock) -> None:
    """A run that failed before it had a profile leaves nothing to read (schemas/orbit/README.md#4.4)."""
    play(mock, "running", "failed")
    mock.poll("orbit", "x")
    assert code_of(read(mock, own_id(mock))) == "developer_profile_not_found"


def test_candidates_are_readable_as_they_appear(mock: Mock) -> None:
    """Each candidate can be read once the run lists it, and not before; all are different people.

    Source: schemas/orbit/README.md#4.5.
    """
    steps = [{"status": "running", "results": shown} for shown in (0, 1, 2)]
    run = mock.play(
        "orbit", scenario("orbit", *steps, "completed", run_shape="candidate_discovery", results={"count": 4})
    )
    everybody = json_of(mock.poll("orbit", mock.play(
        "orbit", scenario("orbit", "completed", run_shape="candidate_discovery", results={"count": 4}), "sk_orb_else"
    ), "sk_orb_else"))["result"]["candidate_profile_ids"]  # fmt: skip
    mock.poll("orbit", run)
    for count in (1, 2, 4):
        replies = [read(mock, profile) for profile in everybody]
        mock_count = json_of(mock.poll("orbit", run))["result"]["candidate_profile_ids"]
        if count == 1:
            assert [reply.status for reply in replies] == [200, 404, 404, 404] and mock_count == everybody[:1]
    replies = [read(mock, profile) for profile in everybody]
    payloads = [json_of(reply)["payload"] for reply in replies]
    assert [payload["id"] for payload in payloads] == everybody
    assert len({payload["displayName"] for payload in payloads}) == 4
    assert [filled(reply) for reply in replies] == [STANDARD[:6]] * 4


def test_a_profile_belongs_to_the_key_that_made_it(mock: Mock) -> None:
    """A profile that another key's run made is not found (schemas/orbit/README.md#11.7)."""
    play(mock, "completed")
    wanted = own_id(mock)
    assert (read(mock, wanted).status, read(mock, wanted, "sk_orb_third").status) == (200, 404)


@pytest.mark.parametrize("wanted", ["nobody", "prof/1", "%", "ü", " ", "."])
def test_an_unknown_profile_is_404_and_free(mock: Mock, wanted: str) -> None:
    """An unknown id is 404, without a charge and without the credits header.

    Source: schemas/orbit/README.md#6,#11.32.
    """
    reply = read(mock, wanted)
    assert reply.status == 404 and code_of(reply) == "developer_profile_not_found"
    assert REMAINING not in dict(reply.headers) and mock.namespace("orbit").credits.balance == 10_000


ALIASED = {"prf_old": "CANONICAL", "prf/older": "CANONICAL", "prf_other": "elsewhere"}


def aliases(mock: Mock) -> dict[str, str]:
    """Return the switch's value for the profile that these tests make."""
    return {alias: own_id(mock) if own == "CANONICAL" else own for alias, own in ALIASED.items()}


def test_aliases_resolve_silently(mock: Mock) -> None:
    """An alias answers with the canonical id and the same payload, which lists the aliases.

    Source: schemas/orbit/README.md#3.5,#4.7,#11.39.
    """
    play(mock, "completed", switches={"profile_aliases": aliases(mock)})
    replies = [read(mock, wanted) for wanted in (own_id(mock), "prf_old", "prf/older")]
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1
    payload = json_of(replies[0])["payload"]
    assert payload["id"] == own_id(mock) and payload["aliases"] == ["prf_old", "prf/older"]
    assert read(mock, "prf_other").status == 404


def test_without_aliases_the_list_is_empty(mock: Mock) -> None:
    """`aliases` is an empty list where the switch names none."""
    play(mock, "completed")
    assert json_of(read(mock, own_id(mock)))["payload"]["aliases"] == []


def test_an_alias_is_as_late_as_its_profile(mock: Mock) -> None:
    """An alias of a profile that no run has made yet is 404 and free."""
    play(mock, "running", switches={"profile_aliases": aliases(mock)})
    assert read(mock, "prf_old").status == 404 and mock.namespace("orbit").credits.balance == 9_990


def by_control(mock: Mock, plan: Any) -> None:
    """Make a run as `POST jobs` does: without a start call."""
    namespace = mock.namespace("orbit")
    made = mock.service.catalogue.resolve(plan, "orbit")
    facts = apis.load("orbit").facts(namespace, made.scenario.run_shape)
    namespace.add(new_job("made", made, namespace.clock.now(), made.scenario.results.count, facts))


def test_a_run_made_by_control_has_a_profile(mock: Mock) -> None:
    """The profile of a run that no start call made is read like any, for one credit."""
    by_control(mock, scenario("orbit", "completed"))
    assert filled(read(mock, own_id(mock))) == STANDARD and mock.namespace("orbit").credits.balance == 9_999


def test_aliases_of_a_run_made_by_control(mock: Mock) -> None:
    """A switch is looked up in the run's scenario first: every alias that a profile lists can be read."""
    by_control(mock, scenario("orbit", "completed", switches={"profile_aliases": aliases(mock)}))
    listed = json_of(read(mock, own_id(mock)))["payload"]["aliases"]
    assert listed == ["prf_old", "prf/older"]
    assert [read(mock, alias).status for alias in listed] == [200, 200]


@pytest.mark.parametrize(
    "result",
    [
        {"section_generation": None},
        {"section_generation": {"materialized_section_count": "many"}},
        {"section_generation": {"materialized_section_count": None}},
    ],
)
def test_a_run_that_breaks_the_contract_can_be_read(mock: Mock, result: Any) -> None:
    """A step that breaks its schema on purpose doesn't break the profile read, nor a start for that profile."""
    play(mock, {"status": "completed", "body": {"result": result}, "violates": ["schema"]})
    assert read(mock, own_id(mock)).status == 200


def test_a_read_costs_one_credit(mock: Mock) -> None:
    """Each read costs a credit, and says what is left in its header (schemas/orbit/README.md#1,#4.1,#6)."""
    play(mock, "completed")
    replies = [read(mock, own_id(mock)) for _ in range(3)]
    assert [dict(reply.headers)[REMAINING] for reply in replies] == [b"9989", b"9988", b"9987"]
    assert len({reply.body for reply in replies}) == 1


@pytest.mark.parametrize(("balance", "status"), [(1, 200), (0, 402)])
def test_a_read_needs_a_credit(mock: Mock, balance: int, status: int) -> None:
    """Without a credit a read is 402 with both amounts inside `error`, and nothing is charged.

    Source: schemas/orbit/README.md#4.8,#6.
    """
    play(mock, "completed")
    mock.namespace("orbit").credits.balance = balance
    reply = read(mock, own_id(mock))
    assert reply.status == status and mock.namespace("orbit").credits.balance == 0
    if status == 402:
        body = json_of(reply)
        assert violations("orbit/error-credits.json", body) == [] and REMAINING not in dict(reply.headers)
        assert list(body["error"]) == ["code", "message", "requiredCredits", "remainingCredits"]
        assert code_of(reply) == "developer_api_credits_insufficient"
        assert (body["error"]["requiredCredits"], body["error"]["remainingCredits"]) == (1, 0)


def test_a_read_is_no_poll(mock: Mock) -> None:
    """Reading a profile doesn't move its run."""
    run = play(mock, "generating_sections", "completed")
    for _ in range(3):
        read(mock, own_id(mock))
    assert mock.namespace("orbit").jobs[run].polls == 0


def test_idempotency_key_repeat_is_free(mock: Mock) -> None:
    """A repeat under the same Idempotency-Key is the stored answer, free, also when the profile has grown.

    Source: schemas/orbit/README.md#6.
    """
    run = play(mock, "generating_sections", "completed")
    wanted = own_id(mock)
    first = read(mock, wanted, idempotency=b"k")
    mock.poll("orbit", run)
    again = read(mock, wanted, idempotency=b"k")
    assert first.body == again.body and filled(again) == ["basic"]
    assert [dict(reply.headers)[REMAINING] for reply in (first, again)] == [b"9989", b"9989"]
    fresh = read(mock, wanted, idempotency=b"other")
    assert filled(fresh) == STANDARD and dict(fresh.headers)[REMAINING] == b"9988"


def test_idempotency_key_repeat_needs_no_credit(mock: Mock) -> None:
    """A repeat is free, so it is answered where the balance is empty."""
    play(mock, "completed")
    wanted = own_id(mock)
    read(mock, wanted, idempotency=b"k")
    mock.namespace("orbit").credits.balance = 0
    assert [read(mock, wanted, idempotency=key).status for key in (b"k", b"l")] == [200, 402]


def test_idempotency_key_for_another_profile_is_409(mock: Mock) -> None:
    """The same Idempotency-Key for another id is 409 and free, and keeps its first answer.

    Source: schemas/orbit/README.md#6.
    """
    play(mock, "completed")
    wanted = own_id(mock)
    first = read(mock, wanted, idempotency=b"k")
    reply = read(mock, "another", idempotency=b"k")
    assert reply.status == 409 and code_of(reply) == "developer_api_idempotency_key_conflict"
    assert REMAINING not in dict(reply.headers)
    assert read(mock, wanted, idempotency=b"k").body == first.body
    assert mock.namespace("orbit").credits.balance == 9_989


def test_idempotency_key_is_not_bound_by_a_refusal(mock: Mock) -> None:
    """A 404 or a 402 stores nothing: the key may be used again, for another id too."""
    run = play(mock, "running", "completed")
    wanted = own_id(mock)
    assert read(mock, wanted, idempotency=b"k").status == 404
    mock.poll("orbit", run)
    mock.namespace("orbit").credits.balance = 0
    assert read(mock, wanted, idempotency=b"k").status == 402
    mock.namespace("orbit").credits.balance = 5
    assert [read(mock, wanted, idempotency=b"k").status for _ in range(2)] == [200, 200]
    assert mock.namespace("orbit").credits.balance == 4


@pytest.mark.parametrize("value", [b"\xff\xfe", b"k" * 1000, b" k"])
def test_any_idempotency_key_will_do(mock: Mock, value: bytes) -> None:
    """The header may hold any bytes."""
    play(mock, "completed")
    wanted = own_id(mock)
    assert {read(mock, wanted, idempotency=value).status for _ in range(2)} == {200}
    assert mock.namespace("orbit").credits.balance == 9_989


def test_idempotency_keys_belong_to_a_key(mock: Mock) -> None:
    """Two bearer keys may use one Idempotency-Key, each for itself."""
    play(mock, "completed")
    wanted = own_id(mock)
    assert read(mock, wanted, idempotency=b"k").status == 200
    assert read(mock, wanted, "sk_orb_third", idempotency=b"k").status == 404


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        (None, 401, "missing_api_key"),
        ("lk_test", 403, "invalid_api_key"),
        ("sk_orb_expired", 403, "invalid_api_key"),
        ("sk_orb_noscope", 403, "missing_api_key_scope"),
        ("sk_orb_searchonly", 403, "missing_api_key_scope"),
    ],
)
def test_a_read_needs_its_scope(mock: Mock, key: str | None, status: int, code: str) -> None:
    """A read needs a good key with profile:read (schemas/orbit/README.md#2)."""
    reply = read(mock, "any", key)
    assert (reply.status, code_of(reply)) == (status, code)


def test_reads_are_limited_to_120_a_minute(mock: Mock) -> None:
    """120 reads in 60 s, 404s among them, in a bucket of their own; one more is 429 and free.

    Source: schemas/orbit/README.md#7.
    """
    run = play(mock, "completed")
    wanted = own_id(mock)
    codes = [read(mock, wanted if number % 2 else "nobody").status for number in range(120)]
    assert set(codes) == {200, 404}
    reply = read(mock, wanted)
    assert reply.status == 429 and code_of(reply) == "developer_api_key_rate_limited"
    assert (b"retry-after", b"60") in reply.headers and mock.poll("orbit", run).status == 200
    mock.advance(59.999999999, "orbit")
    assert (b"retry-after", b"1") in read(mock, wanted).headers
    mock.advance(0.000000001, "orbit")
    assert read(mock, wanted).status == 200
    assert mock.namespace("orbit").credits.balance == 9_990 - 61


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_profile_obeys_the_contract(mock: Mock, name: str) -> None:
    """Each profile that a run of a bundled scenario names can be read and obeys its document.

    Source: schemas/orbit/README.md#4.7.
    """
    by_control(mock, name)
    namespace = mock.namespace("orbit")
    job = namespace.jobs["made"]
    job.requests["status"] = 1000  # past the requests that meet a fault
    for stage in job.plan.stages:
        job.state = job.state._replace(step=stage.number, entered=namespace.clock.now(), polls=0)
        result = json_of(mock.poll("orbit", "made")).get("result") or {}
        job.state = job.state._replace(step=stage.number, entered=namespace.clock.now(), polls=0)
        for wanted in [result["id"]] if "id" in result else result.get("candidate_profile_ids", ()):
            reply = read(mock, wanted)
            assert reply.status == 200 and violations("orbit/profile.json", json_of(reply)) == []
            assert json_of(reply)["payload"]["id"] == wanted


@pytest.mark.parametrize("seed", range(40))
def test_every_person_obeys_the_contract(mock: Mock, seed: int) -> None:
    """Each person's full profile obeys its document, and has no contact details.

    Source: schemas/orbit/README.md#4.7.
    """
    run = play(mock, "completed", results={"seed": seed})
    reply = read(mock, json_of(mock.poll("orbit", run))["result"]["id"])
    assert violations("orbit/profile.json", json_of(reply)) == []
    assert filled(reply) == STANDARD and b"@" not in reply.body


def test_scripted_faults_of_the_profile(mock: Mock) -> None:
    """Faults of the operation `profile` count a key's reads, and a refused read is free."""
    faults = [{"operation": "profile", "when": {"request": 2}, "respond": "developer_profile_not_found"}]
    play(mock, "completed", faults=faults)
    wanted = own_id(mock)
    assert [read(mock, wanted).status for _ in range(3)] == [200, 404, 200]
    assert mock.namespace("orbit").credits.balance == 9_988


def test_a_read_looks_at_few_of_many_equal_runs(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read looks at one of the runs that show the same, however many there are, also when they have moved on."""
    looks = list[object]()

    def looked(view: JobView) -> dict[str, Any]:
        looks.append(view)
        return run_body(view)

    wanted = own_id(mock)
    play(mock, {"status": "running", "after": {"seconds": 10}}, {"status": "completed"})
    namespace = mock.namespace("orbit")
    (plan,) = {job.plan for job in namespace.jobs.values()}
    monkeypatch.setattr("jobmock.apis.orbit.profile_read.run_body", looked)
    for seconds, status, groups in ((0, 404, 1), (60, 200, 1), (0, 200, 2), (5, 200, 2), (5, 200, 1)):
        mock.advance(seconds, "orbit")
        if seconds == 0:
            for _ in range(300):
                mock.service.place(namespace, plan)
        looks.clear()
        assert (read(mock, wanted).status, len(looks)) == (status, groups)


def test_a_read_follows_what_happens_to_runs(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Polls, dropped runs and a reset after one read count at the next one."""
    wanted = own_id(mock)
    run = play(mock, {"status": "running", "after": {"polls": 1}}, {"status": "completed"})
    mock.service.place(mock.namespace("orbit"), mock.namespace("orbit").jobs[run].plan)
    assert read(mock, wanted).status == 404
    mock.poll("orbit", run)
    assert read(mock, wanted).status == 200
    monkeypatch.setattr("jobmock.engine.job_room.MAX_JOBS", 1)
    play(mock, "running", "completed")
    assert (len(mock.namespace("orbit").jobs), read(mock, wanted).status) == (1, 404)
    play(mock, "completed")
    assert read(mock, wanted).status == 200
    mock.namespace("orbit").reset()
    assert read(mock, wanted).status == 404


def test_rebuilt_profiles_are_found_among_many(mock: Mock) -> None:
    """Each of many runs that rebuild a profile has its own, also the oldest."""
    mock.namespace("orbit").use(mock.service.catalogue.resolve("orbit/at-once"))
    for number in range(30):
        mock.start("orbit", body={"profileId": f"p{number}", "runShape": "partial_only"})
    assert [read(mock, f"p{number}").status for number in range(31)] == [200] * 30 + [404]
    assert read(mock, own_id(mock)).status == 404


def test_the_journal_knows_the_run_of_a_read(mock: Mock) -> None:
    """The journal names the operation and the run whose profile was read."""
    run = play(mock, "completed")
    read(mock, own_id(mock))
    *_, last = mock.namespace("orbit").journal
    assert (last.operation, last.job, last.status) == ("profile", run, 200)
