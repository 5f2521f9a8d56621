"""The price and the charging of Clado's jobs, and refusals for lack of credits (schemas/clado/README.md#6,#11.23)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support import JOBS, KEYS, Mock, json_of, scenario

from jobmock import apis
from jobmock.contract.body_validation import violations
from jobmock.dialect.request_context import new_job
from jobmock.models import Reply

PATH, KEY = JOBS["clado"], KEYS["clado"]
TIMED: list[Any] = [{"status": "processing", "results": 2, "after": {"seconds": 10}}, "completed"]


def credits_of(mock: Mock, key: str = KEY) -> int:
    """Read the balance as a client does."""
    reply = mock.send("GET", "/api/credits", key=key)
    body = json_of(reply)
    assert reply.status == 200 and list(body) == ["credits", "last_topup_at"] and body["last_topup_at"] is None
    assert violations("clado/credits.json", body) == []
    return int(body["credits"])


def own(mock: Mock, balance: int) -> None:
    mock.namespace("clado").credits.balance = balance


def use(mock: Mock, plan: Any) -> None:
    mock.namespace("clado").use(mock.service.catalogue.resolve(plan, "clado"))


def start(mock: Mock, **body: Any) -> Reply:
    return mock.send("POST", PATH, key=KEY, body={"query": "x", **body})


def post(mock: Mock, job: str, path: str, body: Any = None) -> Reply:
    return mock.send("POST", f"{PATH}/{job}/{path}", key=KEY, body=body)


def made_by_control(mock: Mock, plan: Any) -> str:
    """Make a job as `POST jobs` does: without a start call."""
    namespace = mock.namespace("clado")
    resolved = mock.service.catalogue.resolve(plan, "clado")
    count = resolved.scenario.results.count
    namespace.add(new_job("made", resolved, namespace.clock.now(), count, apis.load("clado").facts(namespace, None)))
    return "made"


def test_a_key_begins_with_ten_thousand(mock: Mock) -> None:
    """A new key has 10,000 credits, and reading them costs nothing (schemas/clado/README.md#1)."""
    assert [credits_of(mock) for _ in range(3)] == [10_000] * 3


@pytest.mark.parametrize(
    ("balance", "limit", "status"),
    [(30, None, 200), (29, None, 402), (5, 5, 200), (4, 5, 402), (0, 1, 402), (1, 1, 200), (10_000, 10_001, 402)],
)
def test_start_needs_the_price_of_its_limit(mock: Mock, balance: int, limit: int | None, status: int) -> None:
    """A start is 402 below its `limit`, 30 by default; nothing is charged and no job is made.

    Source: schemas/clado/README.md#8,#11.23,#11.24.
    """
    own(mock, balance)
    reply = start(mock, **({} if limit is None else {"limit": limit}))
    assert reply.status == status and credits_of(mock) == balance
    assert len(mock.namespace("clado").jobs) == (1 if status == 200 else 0)
    if status == 402:
        assert json_of(reply) == {"detail": f"This needs {limit or 30} credits, and {balance} are left."}
        assert violations("clado/error.json", json_of(reply)) == []


@pytest.mark.parametrize(("balance", "status"), [(0, 402), (1, 200)])
def test_credit_check_one(mock: Mock, balance: int, status: int) -> None:
    """With `credit_check: one` a single credit is enough for start and more.

    Source: schemas/clado/README.md#11.23.
    """
    use(mock, scenario("clado", "completed", more={"count": 9}, switches={"credit_check": "one"}))
    job = mock.start("clado")
    credits_of(mock)
    own(mock, balance)
    assert post(mock, job, "more", {"additional_limit": 9}).status == status
    own(mock, balance)
    assert start(mock, limit=1000).status == status


def test_a_refused_body_is_not_asked_for_credits(mock: Mock) -> None:
    """A 422 comes before a 402."""
    own(mock, 0)
    assert [start(mock, limit="x").status, start(mock, limit=1).status] == [422, 402]


@pytest.mark.parametrize(("limit", "people"), [(None, 3), (2, 2), (3, 3), (100, 3)])
def test_a_job_costs_its_people(mock: Mock, limit: int | None, people: int) -> None:
    """A completed job costs one credit for each person in its results, not its `limit` (schemas/clado/README.md#6)."""
    use(mock, scenario("clado", "completed"))
    job = json_of(start(mock, **({} if limit is None else {"limit": limit})))["job_id"]
    body = json_of(mock.poll("clado", job))
    assert len(body["results"]) == people and credits_of(mock) == 10_000 - people


def test_nothing_is_charged_before_completion(mock: Mock) -> None:
    """Partial results cost nothing while the job runs; polls and pages are free.

    Source: schemas/clado/README.md#1,#6.
    """
    job = mock.play("clado", scenario("clado", "pending", {"status": "processing", "results": 2}, "completed"))
    seen = []
    for _ in range(2):
        mock.poll("clado", job)
        seen.append(credits_of(mock))
    for _ in range(3):
        mock.poll("clado", job, query="page=1")
        seen.append(credits_of(mock))
    assert seen == [10_000, 9_997, 9_997, 9_997, 9_997]


def test_a_job_is_charged_once(mock: Mock) -> None:
    """A job is charged once, even if the balance is read several times."""
    mock.play("clado", scenario("clado", *TIMED))
    mock.advance(10)
    assert [credits_of(mock) for _ in range(3)] == [9_997] * 3


def test_a_job_is_charged_though_nobody_looks(mock: Mock) -> None:
    """A job that completes by time is charged at that moment, to the nanosecond, without any poll.

    Source: schemas/clado/README.md#6.
    """
    mock.play("clado", scenario("clado", *TIMED))
    mock.advance(9.999999999)
    assert credits_of(mock) == 10_000
    mock.advance(0.000000001)
    assert credits_of(mock) == 9_997


def test_a_finished_job_counts_for_the_next_start(mock: Mock) -> None:
    """Completed jobs are charged before the balance of a start is checked."""
    mock.play("clado", scenario("clado", *TIMED))
    own(mock, 5)
    mock.advance(10)
    assert [start(mock, limit=3).status, start(mock, limit=2).status] == [402, 200]


def test_several_jobs_are_each_charged(mock: Mock) -> None:
    """Each job is charged for its own people, in any order of completion."""
    for count in (1, 2, 4):
        mock.play("clado", scenario("clado", *TIMED, results={"count": count}))
    mock.advance(10)
    assert credits_of(mock) == 9_993


def test_the_balance_never_falls_below_zero(mock: Mock) -> None:
    """A job that costs more than the balance takes the whole balance."""
    mock.play("clado", scenario("clado", *TIMED, results={"count": 8}))
    own(mock, 5)
    mock.advance(10)
    assert credits_of(mock) == 0


@pytest.mark.parametrize(("had", "charged"), [(5, 5), (0, 0), (8, 8), (9, 8)])
def test_a_charge_counts_what_was_taken(mock: Mock, had: int, charged: int) -> None:
    """A job counts as charged only for the credits that it took."""
    job = mock.play("clado", scenario("clado", *TIMED, results={"count": 8}))
    own(mock, had)
    mock.advance(10)
    assert credits_of(mock) == had - charged
    assert mock.namespace("clado").jobs[job].charged == charged and mock.namespace("clado").open_charges == {}


@pytest.mark.parametrize(
    ("step", "charged"),
    [
        ("pending", 0),
        ("searching", 0),
        ({"status": "searching", "results": 1}, 1),
        ("processing", 0),
        ({"status": "processing", "results": 2}, 2),
    ],
)
def test_cancel_charges_what_was_found(mock: Mock, step: Any, charged: int) -> None:
    """A cancelled job is charged once for its partial results.

    Source: schemas/clado/README.md#6,#10.8.
    """
    job = mock.play("clado", scenario("clado", step, "completed"))
    post(mock, job, "cancel")
    assert credits_of(mock) == 10_000 - charged
    post(mock, job, "cancel")
    mock.advance(1000)
    assert len(json_of(mock.poll("clado", job)).get("results", [])) == charged
    assert credits_of(mock) == 10_000 - charged


@pytest.mark.parametrize(
    ("before", "end"),
    [
        ("pending", {"status": "error"}),
        ({"status": "processing", "results": 2}, {"status": "error", "violates": ["pagination"]}),
        ({"status": "processing", "results": 2}, {"status": "error", "results": 2}),
    ],
)
def test_a_failed_job_is_free(mock: Mock, before: Any, end: Any) -> None:
    """A job that ends in error costs nothing, also with partial results (schemas/clado/README.md#6)."""
    job = mock.play("clado", scenario("clado", before, end))
    for _ in range(3):
        mock.poll("clado", job)
    assert json_of(mock.poll("clado", job))["status"] == "error" and credits_of(mock) == 10_000


def test_a_job_cancelled_elsewhere_costs_what_it_had(mock: Mock) -> None:
    """A scenario's own `cancelled` step is charged like a cancel call (schemas/clado/README.md#6)."""
    steps: list[Any] = [{"status": "processing", "results": 2, "after": {"seconds": 5}}, "cancelled"]
    mock.play("clado", scenario("clado", *steps))
    mock.advance(5)
    assert credits_of(mock) == 9_998


def test_more_is_charged_when_it_completes(mock: Mock) -> None:
    """A continuation costs one credit for each person it added, once it completes (schemas/clado/README.md#1,#6)."""
    job = mock.play("clado", scenario("clado", "completed", more={"count": 10}))
    assert credits_of(mock) == 9_997
    seen = []
    for asked in (4, 100):
        post(mock, job, "more", {"additional_limit": asked})
        seen.append(credits_of(mock))
        mock.poll("clado", job)
        seen.append(credits_of(mock))
    assert seen == [9_997, 9_993, 9_993, 9_987]


def test_more_charges_the_job_before_it_asks(mock: Mock) -> None:
    """A completed job is charged when it is continued, if it wasn't before.

    Source: schemas/clado/README.md#6.
    """
    job = mock.play("clado", scenario("clado", "completed", more={"count": 10}))
    post(mock, job, "more", {"additional_limit": 1})
    assert mock.namespace("clado").credits.balance == 9_997
    post(mock, job, "cancel")
    assert credits_of(mock) == 9_997


def test_a_cancelled_continuation_costs_what_it_added(mock: Mock) -> None:
    """A cancelled continuation costs the people that it had added (schemas/clado/README.md#6)."""
    steps = [{"status": "processing", "results": 5, "after": {"polls": 2}}, {"status": "completed"}]
    job = mock.play("clado", scenario("clado", "completed", more={"count": 10, "progression": steps}))
    post(mock, job, "more")
    mock.poll("clado", job)
    post(mock, job, "cancel")
    assert credits_of(mock) == 9_995


@pytest.mark.parametrize("path", ["more", "continue"])
@pytest.mark.parametrize(("asked", "left", "needed"), [(5, 9, 5), (50, 9, 9), (None, 40, 30)])
def test_more_needs_the_price_of_what_it_adds(mock: Mock, path: str, asked: Any, left: int, needed: int) -> None:
    """A continuation is 402 below the people it would add, and leaves the job completed and all that is left.

    Source: schemas/clado/README.md#8.
    """
    job = mock.play("clado", scenario("clado", "completed", more={"count": left}))
    body = {} if asked is None else {"additional_limit": asked, "additionalLimit": asked}
    credits_of(mock)
    own(mock, needed - 1)
    reply = post(mock, job, path, body)
    assert (reply.status, json_of(reply)) == (
        402, {"detail": f"This needs {needed} credits, and {needed - 1} are left."},
    )  # fmt: skip
    assert json_of(mock.poll("clado", job))["status"] == "completed" and credits_of(mock) == needed - 1
    own(mock, needed)
    assert post(mock, job, path, body).status == 200
    mock.poll("clado", job)
    assert len(json_of(mock.poll("clado", job))["results"]) == 3 + needed and credits_of(mock) == 0


def test_a_job_in_the_wrong_state_is_not_asked_for_credits(mock: Mock) -> None:
    """A 409 comes before a 402: a job that can't be continued has no price."""
    job = mock.play("clado", scenario("clado", "pending", more={"count": 9}))
    own(mock, 0)
    assert post(mock, job, "more").status == 409


@pytest.mark.parametrize("end", ["completed", "cancel"])
def test_jobs_made_by_control_are_free(mock: Mock, end: str) -> None:
    """A job that no start call made costs nothing: not completed, not cancelled, not continued."""
    step = "completed" if end == "completed" else {"status": "processing", "results": 2}
    job = made_by_control(mock, scenario("clado", step, more={"count": 2}))
    if end == "cancel":
        assert post(mock, job, "cancel").status == 200
    else:
        assert post(mock, job, "more").status == 200
        mock.poll("clado", job)
    assert len(json_of(mock.poll("clado", job))["results"]) == (5 if end == "completed" else 2)
    assert credits_of(mock) == 10_000


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("lk_revoked", 401), ("sk_orb_test", 401)])
def test_the_balance_needs_a_key(mock: Mock, key: str | None, status: int) -> None:
    """`/api/credits` is refused like any call without a good key (schemas/clado/README.md#2)."""
    assert mock.send("GET", "/api/credits", key=key).status == status


def test_each_key_pays_for_itself(mock: Mock) -> None:
    """A key pays only for its own jobs."""
    mock.play("clado", scenario("clado", "completed"))
    assert (credits_of(mock), credits_of(mock, "lk_other")) == (9_997, 10_000)


def test_scripted_402_on_credits_and_start(mock: Mock) -> None:
    """`respond: credits_insufficient` is the 402 of an account that has credits all the same."""
    faults = [{"operation": "start", "when": {"request": 1}, "respond": "credits_insufficient"}]
    use(mock, scenario("clado", "completed", faults=faults))
    assert [start(mock).status, start(mock).status] == [402, 200]
