"""Clado's cancel and more: the states that allow them, their effects on the job, and their limits.

Source: schemas/clado/README.md.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from tests.support import JOBS, KEYS, Mock, json_of, scenario

from jobmock.contract.body_validation import violations
from jobmock.models import Reply

PATH, KEY = JOBS["clado"], KEYS["clado"]
PENDING = ["job_id", "status", "message"]
MORE = {"more": {"count": 40}}
ALIASES = [("more", "additional_limit"), ("continue", "additionalLimit")]


def cancel(mock: Mock, job: str, key: str = KEY) -> Reply:
    return mock.send("POST", f"{PATH}/{job}/cancel", key=key)


def more(mock: Mock, job: str, body: Any = None, path: str = "more", key: str = KEY) -> Reply:
    return mock.send("POST", f"{PATH}/{job}/{path}", key=key, body=body)


def status(mock: Mock, job: str, query: str = "") -> Any:
    return json_of(mock.poll("clado", job, query=query))


def ids(body: Any) -> list[str]:
    return [person["profile"]["id"] for person in body["results"]]


def finished(mock: Mock, people: int = 3, **keys: Any) -> str:
    """Start a job that is completed at once; `keys` go into its scenario, which may add 40 people."""
    return mock.play("clado", scenario("clado", "completed", results={"count": people}, **{**MORE, **keys}))


STEPS: list[tuple[str, Any, int | None]] = [
    ("pending", "pending", None),
    ("searching", "searching", 0),
    ("searching with people", {"status": "searching", "results": 2}, 2),
    ("processing", "processing", 0),
    ("processing with people", {"status": "processing", "results": 4}, 4),
]


@pytest.mark.parametrize(("step", "people"), [row[1:] for row in STEPS], ids=[row[0] for row in STEPS])
@pytest.mark.parametrize("polls", [0, 1, 3])
def test_any_running_job_can_be_cancelled(mock: Mock, step: Any, people: int | None, polls: int) -> None:
    """A job in any state that isn't terminal is cancelled with 200, polled or not; it stays so.

    Source: schemas/clado/README.md#5,#10.7.
    """
    job = mock.play("clado", scenario("clado", step, results={"count": 9}))
    seen = [status(mock, job) for _ in range(polls)]
    reply = cancel(mock, job)
    assert (reply.status, json_of(reply)) == (200, {"success": True, "message": "Cancelled."})
    assert violations("clado/cancel-response.json", json_of(reply)) == []
    mock.advance(10_000)
    for _ in range(3):
        body = status(mock, job)
        assert body["status"] == "cancelled" and violations("clado/status-cancelled.json", body) == []
        assert len(body.get("results", [])) == body["final_results_count"] == (people or 0)
        assert ("results" in body) == (people is not None)
        if seen and people is not None:
            assert body["results"] == seen[-1]["results"]
            assert body["search_chunk_done"] == seen[-1]["search_chunk_done"]


def test_partial_results_stay_readable_by_page(mock: Mock) -> None:
    """What a cancelled job found is still read page by page, in the same order (schemas/clado/README.md#5)."""
    job = mock.play("clado", scenario("clado", {"status": "processing", "results": 30}, results={"count": 60}))
    before = status(mock, job)
    cancel(mock, job)
    first, second = status(mock, job, "page=1"), status(mock, job, "page=2")
    assert first["results"] + second["results"] == before["results"]
    assert second["pagination"]["total_results"] == 30 and not second["pagination"]["has_next"]


def test_cancel_acts_on_the_state_of_its_moment(mock: Mock) -> None:
    """Cancel acts on the step at its own time, to the nanosecond, without any poll."""
    steps: list[Any] = [{"status": "processing", "results": 2, "after": {"seconds": 10}}, "completed"]
    early, late = (mock.play("clado", scenario("clado", *steps)) for _ in range(2))
    mock.advance(9.999999999)
    assert cancel(mock, early).status == 200
    mock.advance(0.000000001)
    assert cancel(mock, late).status == 409
    assert status(mock, late)["status"] == "completed" and len(status(mock, early)["results"]) == 2


def test_cancel_is_no_poll(mock: Mock) -> None:
    """Neither a cancel nor a refused one moves a job on."""
    job = mock.play("clado", scenario("clado", "completed", "completed"))
    cancel(mock, job)
    state = mock.namespace("clado").jobs[job]
    assert (state.polls, state.state.step, state.state.polls) == (0, 0, 0)


@pytest.mark.parametrize("end", ["completed", "error", "cancelled"])
@pytest.mark.parametrize("switch", [None, "conflict", "success_false"])
def test_cancelling_a_finished_job(mock: Mock, end: str, switch: str | None) -> None:
    """Cancelling a finished job is 409, or by the switch 200 with `success` false, and changes nothing.

    Source: schemas/clado/README.md#10.6,#11.19.
    """
    switches = {"cancel_finished": switch} if switch else {}
    job = mock.play("clado", scenario("clado", end, switches=switches))
    before = status(mock, job)
    for _ in range(2):
        reply = cancel(mock, job)
        body, text = json_of(reply), f"The job is already {end}."
        if switch == "success_false":
            assert (reply.status, body) == (200, {"success": False, "message": text})
            assert violations("clado/cancel-response.json", body) == []
        else:
            assert (reply.status, body) == (409, {"detail": text})
            assert violations("clado/error.json", body) == []
    assert status(mock, job) == before


@pytest.mark.parametrize(("switch", "code"), [("conflict", 409), ("success_false", 200)])
def test_a_second_cancel_finds_a_finished_job(mock: Mock, switch: str, code: int) -> None:
    """A second cancel is answered like that of any finished job, and the partial results stay.

    Source: schemas/clado/README.md#11.20.
    """
    steps = {"status": "processing", "results": 2}
    job = mock.play("clado", scenario("clado", steps, switches={"cancel_finished": switch}))
    assert json_of(cancel(mock, job))["success"] is True
    before = status(mock, job)
    reply = cancel(mock, job)
    assert reply.status == code and json_of(reply).get("success") is (False if code == 200 else None)
    assert status(mock, job) == before and len(before["results"]) == 2


def test_cancel_takes_any_body(mock: Mock) -> None:
    """Cancel has no body, so any sent body is ignored (schemas/clado/README.md#3.3)."""
    job = mock.play("clado", scenario("clado", "pending"))
    assert mock.send("POST", f"{PATH}/{job}/cancel", key=KEY, body=b"{not json").status == 200


@pytest.mark.parametrize("path", ["cancel", "more", "continue"])
def test_whose_job_it_is(mock: Mock, path: str) -> None:
    """Cancel and more find a job like status: unknown 404, another key's 403, without a key 401.

    Source: schemas/clado/README.md#8.
    """
    job = finished(mock)
    assert [
        mock.send("POST", f"{PATH}/{name}/{path}", key=key).status
        for name, key in [("nobody", KEY), (job, "lk_other"), (job, "lk_revoked"), (job, None)]
    ] == [404, 403, 401, 401]
    assert status(mock, job)["status"] == "completed"


@pytest.mark.parametrize("path", ["cancel", "more", "continue"])
def test_they_are_posts(mock: Mock, path: str) -> None:
    """Another method is 405 and names the right one (schemas/clado/README.md#11.33)."""
    reply = mock.send("GET", f"{PATH}/{finished(mock)}/{path}", key=KEY)
    assert reply.status == 405 and (b"allow", b"POST") in reply.headers


def test_cancel_has_no_limit(mock: Mock) -> None:
    """No limit is documented for cancel, so none is kept on any tier (schemas/clado/README.md#7)."""
    job = mock.play("clado", scenario("clado", "pending", switches={"tier": "free"}))
    assert {cancel(mock, job).status for _ in range(300)} == {200, 409}


@pytest.mark.parametrize(("path", "field"), ALIASES)
@pytest.mark.parametrize(
    ("left", "asked", "added"),
    [
        (40, 5, 5), (40, 1, 1), (40, None, 30), (40, 40, 40), (40, 41, 40), (7, None, 7),
        (7, 10**15, 7),
    ],
)
def test_how_many_more_adds(mock: Mock, path: str, field: str, left: int, asked: Any, added: int) -> None:
    """A call adds min(additional_limit, rest) people, 30 by default (schemas/clado/README.md#3.4)."""
    job = finished(mock, more={"count": left})
    body = {} if asked is None else {field: asked}
    assert more(mock, job, body, path).status == 200
    status(mock, job)
    assert len(status(mock, job)["results"]) == 3 + added


@pytest.mark.parametrize(("path", "other"), [("more", "additionalLimit"), ("continue", "additional_limit")])
def test_each_path_reads_its_own_field(mock: Mock, path: str, other: str) -> None:
    """`/more` reads additional_limit and `/continue` additionalLimit; the other's field is ignored.

    Source: schemas/clado/README.md#11.4,#11.26.
    """
    job = finished(mock)
    assert more(mock, job, {other: "x", "unknown": []}, path).status == 200
    status(mock, job)
    assert len(status(mock, job)["results"]) == 33


@pytest.mark.parametrize("path", ["more", "continue"])
def test_more_answers_for_the_same_job(mock: Mock, path: str) -> None:
    """The answer has exactly the start's three members, the same job id and `pending` (schemas/clado/README.md#4.8)."""
    job = finished(mock)
    reply = more(mock, job, b"", path)
    body = json_of(reply)
    assert reply.status == 200 and list(body) == PENDING and body["job_id"] == job and body["status"] == "pending"
    assert violations("clado/more-response.json", body) == []
    assert list(mock.namespace("clado").jobs) == [job]


def test_a_reopened_job_is_pending_with_three_members(mock: Mock) -> None:
    """The first poll after more is pending with exactly three members.

    Source: schemas/clado/README.md#4.2.
    """
    job = finished(mock)
    more(mock, job)
    body = status(mock, job)
    assert list(body) == PENDING and body["status"] == "pending" and body["job_id"] == job
    assert status(mock, job)["status"] == "completed"


def test_results_are_appended_in_a_fixed_order(mock: Mock) -> None:
    """Continuations append people at the end, without repeats, and earlier people stay in place.

    Source: schemas/clado/README.md#11.28.
    """
    job = finished(mock, people=2)
    shown = [ids(status(mock, job))]
    for asked in (3, 4, 31):
        more(mock, job, {"additional_limit": asked})
        status(mock, job)
        body = status(mock, job)
        shown.append(ids(body))
        assert body["final_results_count"] == body["total_filtered"] == len(body["results"])
    assert [len(people) for people in shown] == [2, 5, 9, 40]
    for before, after in pairwise(shown):
        assert after[: len(before)] == before
    assert len(set(shown[-1])) == 40
    assert shown[-1] == ids(status(mock, finished(mock, people=40)))


def test_created_at_stays(mock: Mock) -> None:
    """A continued job keeps the moment of its start."""
    job = finished(mock)
    before = status(mock, job)["created_at"]
    mock.advance(1000)
    more(mock, job)
    status(mock, job)
    assert status(mock, job)["created_at"] == before


PROGRESSION = [
    {"status": "pending", "after": {"seconds": 5}},
    {"status": "searching", "after": {"polls": 1}},
    {"status": "processing", "results": 4, "after": {"polls": 1}},
    {"status": "completed"},
]


def test_the_scenarios_own_progression(mock: Mock) -> None:
    """`more.progression` is played from the call on: chunk counters restart, and earlier people stay.

    Source: schemas/clado/README.md#11.29.
    """
    job = finished(mock, people=3, more={"count": 2, "progression": PROGRESSION})
    before = status(mock, job)
    mock.advance(100)
    more(mock, job)
    mock.advance(4.999999999)
    assert list(status(mock, job)) == PENDING
    mock.advance(0.000000001)
    searching, processing, completed = (status(mock, job) for _ in range(3))
    assert [body["status"] for body in (searching, processing, completed)] == ["searching", "processing", "completed"]
    assert [body["final_results_count"] for body in (before, searching, processing, completed)] == [3, 3, 4, 5]
    assert [body["search_chunk_done"] for body in (before, searching, processing, completed)] == [5, 2, 4, 5]
    assert {body["search_chunk_total"] for body in (before, searching, processing, completed)} == {5}
    assert ids(searching) == ids(before) == ids(completed)[:3]
    assert [len(body["results"]) for body in (searching, processing, completed)] == [3, 4, 5]
    for body in (searching, processing, completed):
        assert violations("clado/status.json", body) == []


def test_hits_never_shrink_after_more(mock: Mock) -> None:
    """`opensearch_results` is a counter that never goes back; only the chunk counters restart.

    Source: schemas/clado/README.md#11.29.
    """
    job = finished(mock, people=3, more={"count": 2, "progression": PROGRESSION})
    hits = [status(mock, job)["opensearch_results"]]
    more(mock, job)
    mock.advance(5)
    hits += [status(mock, job)["opensearch_results"] for _ in range(3)]
    assert hits == sorted(hits)


def test_more_again_after_more(mock: Mock) -> None:
    """Several continuations share the scenario's `more` count; after that the next is 409."""
    job = finished(mock, more={"count": 5})
    for asked, reached in ((2, 5), (9, 8)):
        assert more(mock, job, {"additional_limit": asked}).status == 200
        status(mock, job)
        assert status(mock, job)["final_results_count"] == reached
    reply = more(mock, job, {"additional_limit": 1})
    assert (reply.status, json_of(reply)) == (409, {"detail": "There are no more matches to add."})
    assert violations("clado/error.json", json_of(reply)) == []
    assert status(mock, job)["status"] == "completed"


@pytest.mark.parametrize("path", ["more", "continue"])
@pytest.mark.parametrize("key", ["no `more`", "count 0"])
def test_nothing_left_is_409(mock: Mock, path: str, key: str) -> None:
    """A scenario without `more`, or with a count of 0, has nothing to add."""
    keys: dict[str, Any] = {} if key == "no `more`" else {"more": {"count": 0}}
    job = mock.play("clado", scenario("clado", "completed", **keys))
    reply = more(mock, job, path=path)
    assert (reply.status, json_of(reply)) == (409, {"detail": "There are no more matches to add."})


@pytest.mark.parametrize("state", ["pending", "searching", "processing", "error", "cancelled"])
@pytest.mark.parametrize("path", ["more", "continue"])
def test_only_a_completed_job_can_be_continued(mock: Mock, state: str, path: str) -> None:
    """In any state but completed more is 409 and changes nothing (schemas/clado/README.md#3.4,#11.27)."""
    job = mock.play("clado", scenario("clado", state, **MORE))
    before = status(mock, job)
    reply = more(mock, job, path=path)
    assert (reply.status, json_of(reply)) == (409, {"detail": f"The job is {state}, not completed."})
    assert status(mock, job) == before


def test_a_reopened_job_can_not_be_continued_until_it_is_done(mock: Mock) -> None:
    """Right after more the job is pending, so a second more is 409 and adds nobody."""
    job = finished(mock)
    assert [more(mock, job, {"additional_limit": 1}).status for _ in range(2)] == [200, 409]
    status(mock, job)
    assert status(mock, job)["final_results_count"] == 4


@pytest.mark.parametrize(("polls", "people"), [(0, 3), (1, 4)])
def test_a_cancelled_continuation_keeps_what_it_had(mock: Mock, polls: int, people: int) -> None:
    """A job cancelled during a continuation keeps the visible people, and can't be continued."""
    job = finished(mock, people=3, more={"count": 2, "progression": PROGRESSION})
    more(mock, job)
    mock.advance(5)
    for _ in range(polls):
        status(mock, job)
    assert cancel(mock, job).status == 200
    body = status(mock, job)
    assert (body["status"], len(body["results"]), body["final_results_count"]) == ("cancelled", people, people)
    assert more(mock, job).status == 409


def test_a_continuation_cancelled_while_pending_keeps_what_it_had(mock: Mock) -> None:
    """People that a job had before it was reopened stay readable when it is cancelled while pending.

    Source: schemas/clado/README.md#5.
    """
    job = finished(mock, people=3)
    more(mock, job)
    cancel(mock, job)
    assert status(mock, job)["final_results_count"] == 3


def test_continue_alias_off(mock: Mock) -> None:
    """`continue_alias: false` takes the earlier path away with a 404; `/more` still works.

    Source: schemas/clado/README.md#11.26.
    """
    job = finished(mock, switches={"continue_alias": False})
    reply = more(mock, job, path="continue")
    assert (reply.status, json_of(reply)) == (404, {"detail": "There is no such route."})
    assert status(mock, job)["status"] == "completed" and more(mock, job).status == 200


@pytest.mark.parametrize(("path", "field"), ALIASES)
@pytest.mark.parametrize("value", [0, -1, 1.5, None, "3", "", True, [], {}])
def test_bad_limit_is_422(mock: Mock, path: str, field: str, value: Any) -> None:
    """An additional limit that is no whole number from 1 is 422 and adds nobody.

    Source: schemas/clado/README.md#11.2,#11.3.
    """
    job = finished(mock)
    reply = more(mock, job, {field: value}, path)
    (entry,) = json_of(reply)["detail"]
    assert reply.status == 422 and (entry["loc"], entry["type"]) == (["body", field], "int_type")
    assert violations("clado/error-validation.json", json_of(reply)) == []
    assert status(mock, job)["status"] == "completed"


@pytest.mark.parametrize("path", ["more", "continue"])
@pytest.mark.parametrize(
    ("body", "kind"), [(b"{", "json_invalid"), (b"[]", "dict_type"), (b"null", "dict_type"), (b"5", "dict_type")]
)
def test_bad_body_is_422(mock: Mock, path: str, body: bytes, kind: str) -> None:
    """A body that is no JSON object is 422, also where the job's state would refuse the call.

    Source: schemas/clado/README.md#11.2.
    """
    for job in (finished(mock), mock.play("clado", scenario("clado", "pending"))):
        reply = more(mock, job, body, path)
        assert reply.status == 422 and json_of(reply)["detail"][0]["type"] == kind
        assert violations("clado/error-validation.json", json_of(reply)) == []


@pytest.mark.parametrize(
    ("tier", "calls"), [(None, 100), ("free", 5), ("paid", 5), ("paid_50", 50), ("paid_250", 100)]
)
def test_tier_limits_more_apart_from_start(mock: Mock, tier: str | None, calls: int) -> None:
    """Each tier has a limit of continuations a minute, apart from starts, over both paths, in a fixed window.

    Source: schemas/clado/README.md#7,#11.22.
    """
    job = finished(mock, switches={"tier": tier} if tier else {})
    mock.namespace("clado").buckets.clear()
    replies = [more(mock, job, path=("more", "continue")[number % 2]) for number in range(calls + 1)]
    assert [reply.status for reply in replies] == [200] + [409] * (calls - 1) + [429]
    assert json_of(replies[-1]) == {"error": "Too many requests.", "retry_after": 60}
    assert (b"retry-after", b"60") in replies[-1].headers
    assert violations("clado/error-rate-limited.json", json_of(replies[-1])) == []
    starts = [mock.send("POST", PATH, key=KEY, body={"query": "x"}).status for _ in range(calls + 1)]
    assert starts == [200] * calls + [429]


def test_the_window_is_sixty_seconds_from_its_first_call(mock: Mock) -> None:
    """The window opens with its first call and lasts exactly 60 s; Retry-After is the rest, rounded up."""
    job = finished(mock, switches={"tier": "free"})
    mock.advance(1000)
    assert [more(mock, job).status for _ in range(4)] == [200, 409, 409, 409]
    for step, code, wait in [(59.5, 409, None), (0.0, 429, 1), (0.499999999, 429, 1), (0.000000001, 409, None)]:
        mock.advance(step)
        reply = more(mock, job)
        assert reply.status == code
        assert json_of(reply).get("retry_after") == wait
        assert dict(reply.headers).get(b"retry-after") == (None if wait is None else str(wait).encode())
    assert [more(mock, job).status for _ in range(5)] == [409] * 4 + [429]
    mock.advance(59)
    assert json_of(more(mock, job))["retry_after"] == 1


def test_limits_belong_to_a_key(mock: Mock) -> None:
    """The continuations of one key don't count for another (schemas/clado/README.md#7)."""
    plan = scenario("clado", "completed", switches={"tier": "free"}, **MORE)
    first, second = mock.play("clado", plan), mock.play("clado", plan, "lk_second")
    assert [more(mock, first).status for _ in range(6)][-1] == 429
    assert more(mock, second, key="lk_second").status == 200


def test_a_not_found_step_hides_the_job_from_cancel_too(mock: Mock) -> None:
    """While a step says that the job can't be found, cancel and more can't find it either."""
    job = mock.play("clado", scenario("clado", "not_found", **MORE))
    assert [cancel(mock, job).status, more(mock, job).status] == [404, 404]
