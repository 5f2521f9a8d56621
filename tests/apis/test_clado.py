"""Clado: the fields of a start, the answers of the status route, and the refusals.

Source: schemas/clado/README.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from tests.support import EPOCH, JOBS, KEYS, Mock, json_of, scenario

from jobmock import apis
from jobmock.apis.clado import API, ERRORS
from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND
from jobmock.contract.body_validation import violations
from jobmock.dialect.request_context import new_job
from jobmock.engine.progression import ALL, State, plan
from jobmock.models import Reply

PATH = JOBS["clado"]
KEY = KEYS["clado"]
COMPLETED = (
    "job_id", "status", "message", "created_at", "opensearch_results", "final_results_count", "total_filtered",
    "search_chunk_done", "search_chunk_total", "results",
)  # fmt: skip
COUNTERS = ("opensearch_results", "final_results_count", "total_filtered", "search_chunk_done")
SCENARIOS = [name for name in Catalogue().names() if name.startswith("clado/")]


def start(mock: Mock, body: Any) -> Reply:
    return mock.send("POST", PATH, key=KEY, body=body)


def use(mock: Mock, wanted: Any) -> None:
    mock.namespace("clado").use(mock.service.catalogue.resolve(wanted, "clado"))


def completed(mock: Mock, count: int, **more: Any) -> str:
    return mock.play("clado", scenario("clado", "completed", results={"count": count}, **more))


def shape_of(person: Any) -> str:
    profile = person["profile"]
    return "modern" if "full_name" in profile else "b" if "linkedin_profile_url" in profile else "a"


def test_start_answers_200_with_job_id_status_and_message(mock: Mock) -> None:
    """A start is answered with exactly job_id, which is a UUID, the status pending, and a message.

    Source: schemas/clado/README.md#4.1.
    """
    reply = start(mock, {"query": "chemists"})
    body = json_of(reply)
    assert reply.status == 200 and list(body) == ["job_id", "status", "message"]
    assert str(UUID(body["job_id"])) == body["job_id"] and body["status"] == "pending"
    assert violations("clado/start-response.json", body) == []


@pytest.mark.parametrize(
    ("body", "place", "kind"),
    [
        (b"", ["body", 0], "json_invalid"),
        (b"{", ["body", 1], "json_invalid"),
        (b'{"query": "x",}', ["body", 14], "json_invalid"),
        (b'{"query": NaN}', ["body", 10], "json_invalid"),
        (b"null", ["body"], "dict_type"),
        ([], ["body"], "dict_type"),
        ("query", ["body"], "dict_type"),
        ({}, ["body", "query"], "missing"),
        ({"Query": "x"}, ["body", "query"], "missing"),
        ({"query": None}, ["body", "query"], "string_type"),
        ({"query": ""}, ["body", "query"], "string_type"),
        ({"query": 5}, ["body", "query"], "string_type"),
        ({"query": ["x"]}, ["body", "query"], "string_type"),
        ({"query": "x", "limit": 0}, ["body", "limit"], "int_type"),
        ({"query": "x", "limit": -1}, ["body", "limit"], "int_type"),
        ({"query": "x", "limit": None}, ["body", "limit"], "int_type"),
        ({"query": "x", "limit": "3"}, ["body", "limit"], "int_type"),
        ({"query": "x", "limit": True}, ["body", "limit"], "int_type"),
        ({"query": "x", "hard_filter_company_urls": "u"}, ["body", "hard_filter_company_urls"], "list_type"),
        ({"query": "x", "hard_filter_company_urls": {}}, ["body", "hard_filter_company_urls"], "list_type"),
        ({"query": "x", "hard_filter_company_urls": ["u", None]}, ["body", "hard_filter_company_urls"], "list_type"),
    ],
)
def test_bad_start_body_is_422_and_makes_no_job(mock: Mock, body: Any, place: list[Any], kind: str) -> None:
    """A malformed start is 422 with one entry of loc, msg and type, and leaves no job behind.

    Source: schemas/clado/README.md#11.2,#11.3,#11.5.
    """
    reply = start(mock, body)
    answer = json_of(reply)
    (entry,) = answer["detail"]
    assert reply.status == 422 and list(entry) == ["loc", "msg", "type"]
    assert entry["type"] == kind and entry["msg"]
    assert entry["loc"] == place if kind != "json_invalid" else entry["loc"][0] == place[0]
    assert violations("clado/error-validation.json", answer) == []
    assert mock.namespace("clado").jobs == {}


def test_every_fault_of_a_start_body_is_listed(mock: Mock) -> None:
    """The 422 names each wrong field once, in the order of the documents (schemas/clado/README.md#11.2)."""
    body = json_of(start(mock, {"hard_filter_company_urls": 1, "limit": 0}))
    assert [entry["loc"][-1] for entry in body["detail"]] == ["query", "limit", "hard_filter_company_urls"]


@pytest.mark.parametrize(
    "more",
    [
        {"limit": 5.0, "hard_filter_company_urls": []},
        {"limit": 1},
        {"limit": 10_000},
        {"hard_filter_company_urls": []},
        {"hard_filter_company_urls": ["not a url"]},
        {"email": 5, "companies": {}, "schools": None, "enrich_emails": "yes", "acceptance_threshold": []},
    ],
)
def test_start_ignores_fields_it_does_not_know(mock: Mock, more: dict[str, Any]) -> None:
    """Unknown fields of any type, whole numbers in any form and any list of text are accepted.

    Source: schemas/clado/README.md#11.3-#11.5.
    """
    assert start(mock, {"query": "x", **more}).status == 200


@pytest.mark.parametrize(("limit", "people"), [(None, 47), (5, 5), (47, 47), (100, 47)])
def test_limit_caps_the_people_of_a_job(mock: Mock, limit: int | None, people: int) -> None:
    """A job ends with min(count, limit) people, and never shows more before.

    Source: schemas/clado/README.md#3.1.
    """
    steps = ({"status": "processing", "results": 20}, "completed")
    use(mock, scenario("clado", *steps, results={"count": 47}))
    job = mock.start("clado", body={"query": "x"} | ({} if limit is None else {"limit": limit}))
    assert len(json_of(mock.poll("clado", job))["results"]) == min(20, people)
    body = json_of(mock.poll("clado", job))
    assert len(body["results"]) == body["final_results_count"] == people


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"query": "x", "limit": 100}, None),
        ({"query": "x"}, None),
        ({"query": "x", "limit": 101}, "less_than_equal"),
        ({"limit": 101}, "missing"),
        ({"query": "x", "limit": "y"}, "int_type"),
    ],
)
def test_limit_maximum_switch(mock: Mock, body: Any, kind: str | None) -> None:
    """`limit_maximum` refuses a larger `limit` with 422; without the switch any limit is accepted.

    Source: schemas/clado/README.md#11.3.
    """
    use(mock, scenario("clado", "pending", switches={"limit_maximum": 100}))
    reply = start(mock, body)
    assert [entry["type"] for entry in json_of(reply).get("detail", [])] == ([kind] if kind else [])
    assert reply.status == (422 if kind else 200)


def test_start_is_not_idempotent(mock: Mock) -> None:
    """Each POST makes a new job, even with an equal body (schemas/clado/README.md#11.25)."""
    assert mock.start("clado") != mock.start("clado")


@pytest.mark.parametrize(
    ("steps", "keys"),
    [
        (["pending"], ("job_id", "status", "message")),
        (["searching"], COMPLETED),
        (["processing"], COMPLETED),
        (["completed"], COMPLETED),
        (["cancelled"], COMPLETED[:-1]),
        (["processing", "cancelled"], COMPLETED),
        (["error"], (*COMPLETED[:-1], "error")),
        (["processing", "error"], (*COMPLETED[:-1], "error")),
    ],
)
def test_members_of_each_status(mock: Mock, steps: list[str], keys: tuple[str, ...]) -> None:
    """Each status has exactly its members, in the order seen live, and obeys its document.

    Source: schemas/clado/README.md#4.2-#4.4,#11.6-#11.9.
    """
    job = mock.play("clado", scenario("clado", *steps))
    for _ in steps:
        body = json_of(mock.poll("clado", job))
    assert tuple(body) == keys and body["job_id"] == job and body["status"] == steps[-1] and body["message"]
    assert violations("clado/status.json", body) == []


@pytest.mark.parametrize(
    ("steps", "hits", "final", "done"),
    [
        (["searching"], 15, 0, 2),
        (["processing"], 31, 0, 4),
        ([{"status": "processing", "results": 4}], 31, 4, 4),
        (["completed"], 39, 10, 5),
        (["error"], 0, 0, 0),
        (["searching", "cancelled"], 15, 0, 2),
        ([{"status": "processing", "results": 4}, "cancelled"], 31, 4, 4),
        ([{"status": "searching", "results": 10}], 15, 10, 2),
        ([{"status": "pending", "results": 0}, "searching"], 15, 0, 2),
    ],
)
def test_counters_of_each_status(mock: Mock, steps: list[Any], hits: int, final: int, done: int) -> None:
    """Hits and chunks follow the status, and the other counters count the people shown.

    Source: schemas/clado/README.md#4.3,#11.6,#11.7.
    """
    job = mock.play("clado", scenario("clado", *steps, results={"count": 10}))
    for _ in steps:
        body = json_of(mock.poll("clado", job))
    assert [body[name] for name in COUNTERS] == [hits, final, final, done] and body["search_chunk_total"] == 5
    assert len(body.get("results", [])) == final


def test_hits_are_never_fewer_than_people(mock: Mock) -> None:
    """`opensearch_results` is at least `final_results_count`, also where a step shows many people early.

    Source: schemas/clado/README.md#4.3.
    """
    step = {"status": "searching", "results": 90}
    job = mock.play("clado", scenario("clado", step, results={"count": 90}))
    body = json_of(mock.poll("clado", job))
    assert body["opensearch_results"] == 111 >= body["final_results_count"] == 90


def test_created_at_is_the_whole_second_of_the_start(mock: Mock) -> None:
    """`created_at` is an integer of Unix seconds, taken at start, and doesn't change with time.

    Source: schemas/clado/README.md#4.3,#12.
    """
    mock.advance(7.9)
    job = completed(mock, 1)
    mock.advance(1000)
    created = json_of(mock.poll("clado", job))["created_at"]
    assert type(created) is int and created == EPOCH // SECOND + 7


@pytest.mark.parametrize("name", SCENARIOS)
def test_counters_and_results_never_shrink(mock: Mock, name: str) -> None:
    """In every bundled scenario counters and people only grow, step by step, unless the step says otherwise.

    Source: schemas/clado/README.md#5.
    """
    bare = replace(mock.service.catalogue.plan(name).scenario, faults=(), limits={"status": None})
    job = new_job("job", plan(bare, API.shows), EPOCH, bare.results.count, {})
    mock.namespace("clado").add(job)
    highest = dict.fromkeys(COUNTERS, 0)
    people: list[str] = []
    for stage in job.plan.stages:
        job.state = State(stage.number, job.created)
        body = json_of(mock.poll("clado", job.id))
        if "pagination" in stage.step.violates or stage.status in ("pending", "not_found"):
            continue
        for counter in COUNTERS:
            value = body.get(counter, highest[counter])
            assert value >= highest[counter], (stage.number, counter)
            highest[counter] = value
        ids = [person["profile"]["id"] for person in body.get("results", [])]
        assert ids[: len(people)] == people and len(ids) == (job.count if stage.visible == ALL else stage.visible or 0)
        people = ids


def page_body(page: int, size: int, total: int) -> dict[str, Any]:
    pages = -(-total // size)
    return {
        "page": page, "page_size": size, "total_pages": pages, "total_results": total, "has_next": page < pages,
        "has_previous": page > 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("count", "query", "page", "size", "shown"),
    [
        (47, "page=1", 1, 25, range(25)),
        (47, "page=2", 2, 25, range(25, 47)),
        (47, "page=3", 3, 25, range(0)),
        (47, "page=999999999999999999", 999_999_999_999_999_999, 25, range(0)),
        (47, "page=1&page_size=1", 1, 1, range(1)),
        (47, "page_size=1&page=47", 47, 1, range(46, 47)),
        (47, "page=1&page_size=100", 1, 100, range(47)),
        (47, "page=0001&page_size=010", 1, 10, range(10)),
        (25, "page=1", 1, 25, range(25)),
        (26, "page=2", 2, 25, range(25, 26)),
        (0, "page=1", 1, 25, range(0)),
        (0, "page=2", 2, 25, range(0)),
        (47, "page=9&page=2", 2, 25, range(25, 47)),
        (47, "page=abc&page=2", 2, 25, range(25, 47)),
        (47, "page=1&page_size=abc&page_size=10", 1, 10, range(10)),
        (47, "page=1&x=y&utf8=%ff&=&", 1, 25, range(25)),
        (47, "page=1&page_size=25&LIMIT=3", 1, 25, range(25)),
    ],
)
def test_pages(mock: Mock, count: int, query: str, page: int, size: int, shown: range) -> None:
    """A page is exactly its slice of all results, and every page has the totals.

    Source: schemas/clado/README.md#4.5,#11.10-#11.14.
    """
    job = completed(mock, count)
    whole = json_of(mock.poll("clado", job))
    paged = json_of(mock.poll("clado", job, query=query))
    assert "pagination" not in whole and paged["pagination"] == page_body(page, size, count)
    assert list(paged["pagination"]) == list(page_body(1, 1, 1))
    assert paged["results"] == [whole["results"][number] for number in shown]
    assert {**paged, "results": 0} == {**whole, "results": 0, "pagination": paged["pagination"]}
    assert violations("clado/status-page.json", paged) == []


def test_all_pages_together_are_the_whole(mock: Mock) -> None:
    """All pages together have the people of the unpaged answer, in the same order."""
    job = completed(mock, 1000)
    whole = json_of(mock.poll("clado", job))["results"]
    pages = [json_of(mock.poll("clado", job, query=f"page={page}&page_size=100")) for page in range(1, 11)]
    assert [person for page in pages for person in page["results"]] == whole
    assert [page["pagination"]["has_next"] for page in pages] == [True] * 9 + [False]


@pytest.mark.parametrize("query", ["page_size=1", "page_size=abc", "page_size=0", "page_size=999", "", "PAGE=2", "x=%"])
def test_page_size_without_page_is_not_even_read(mock: Mock, query: str) -> None:
    """Without `page` there is no paging, whatever `page_size` says (schemas/clado/README.md#11.13)."""
    body = json_of(mock.poll("clado", completed(mock, 30), query=query))
    assert len(body["results"]) == 30 and "pagination" not in body


@pytest.mark.parametrize(
    ("query", "status", "place"),
    [
        ("page=abc", 422, "page"),
        ("page=", 422, "page"),
        ("page", 422, "page"),
        ("page=1.0", 422, "page"),
        ("page=1e3", 422, "page"),
        ("page=+1", 422, "page"),
        ("page=%2B1", 422, "page"),
        ("page=1%20", 422, "page"),
        ("page=1_0", 422, "page"),
        ("page=0x1", 422, "page"),
        ("page=%D9%A1", 422, "page"),
        ("page=1%0A", 422, "page"),
        ("page=1000000000000000000", 422, "page"),
        ("page=--1", 422, "page"),
        ("page=2&page=abc", 422, "page"),
        ("page=abc&page_size=0", 422, "page"),
        ("page=1&page_size=abc", 422, "page_size"),
        ("page=1&page_size=", 422, "page_size"),
        ("page=0&page_size=abc", 422, "page_size"),
        ("legacy=maybe", 422, "legacy"),
        ("legacy=", 422, "legacy"),
        ("page=1&legacy=2", 422, "legacy"),
        ("page=0", 400, "page must be at least 1, not 0."),
        ("page=-0", 400, "page must be at least 1, not 0."),
        ("page=-3", 400, "page must be at least 1, not -3."),
        ("page=-999999999999999999", 400, "page must be at least 1, not -999999999999999999."),
        ("page=1&page=0", 400, "page must be at least 1, not 0."),
        ("page=1&page_size=0", 400, "page_size must be from 1 to 100, not 0."),
        ("page=1&page_size=101", 400, "page_size must be from 1 to 100, not 101."),
        ("page=1&page_size=-1", 400, "page_size must be from 1 to 100, not -1."),
        ("page=0&page_size=0", 400, "page must be at least 1, not 0."),
    ],
)
def test_bad_query_is_refused_and_moves_nothing(mock: Mock, query: str, status: int, place: str) -> None:
    """A value that isn't `-?[0-9]{1,18}` is 422, a number out of range 400; the last of repeated parameters counts.

    Source: schemas/clado/README.md#11.
    """
    job = mock.start("clado")
    reply = mock.poll("clado", job, query=query)
    detail = json_of(reply)["detail"]
    assert reply.status == status
    assert detail == place if status == 400 else [entry["loc"] for entry in detail] == [["query", place]]
    document = "clado/error.json" if status == 400 else "clado/error-validation.json"
    assert violations(document, json_of(reply)) == []
    assert mock.namespace("clado").jobs[job].polls == 0


@pytest.mark.parametrize(
    ("step", "total"),
    [("pending", None), ("searching", 0), ({"status": "processing", "results": 20}, 20), ("error", None)],
)
def test_pages_of_an_unfinished_job(mock: Mock, step: Any, total: int | None) -> None:
    """An answer to `page` always has `pagination` for the existing people, also without `results`.

    Source: schemas/clado/README.md#11.9,#11.10.
    """
    job = mock.play("clado", scenario("clado", step, results={"count": 47}))
    body = json_of(mock.poll("clado", job, query="page=1&page_size=10"))
    assert body["pagination"] == page_body(1, 10, total or 0)
    assert len(body["results"]) == min(10, total) if total is not None else "results" not in body


def test_hostile_pages(mock: Mock) -> None:
    """`pages` empties, repeats and swaps items as the step says, and the counts stay honest."""
    honest = json_of(mock.poll("clado", completed(mock, 70), query="page=1&page_size=100"))["results"]
    pages = {"empty": [2], "repeat": {"3": 1}, "swap": [[1, 26]]}
    step = {"status": "completed", "pages": pages, "violates": ["pagination"]}
    job = mock.play("clado", scenario("clado", step, results={"count": 70}))
    first, second, third = (json_of(mock.poll("clado", job, query=f"page={page}")) for page in (1, 2, 3))
    assert first["results"] == [honest[25], *honest[1:25]] == third["results"] and second["results"] == []
    assert [body["pagination"]["has_next"] for body in (first, second, third)] == [True, True, False]
    assert json_of(mock.poll("clado", job))["results"][25] == honest[0]


def test_hostile_total(mock: Mock) -> None:
    """`pages.total` is the total of the pagination; the people stay those that exist."""
    step = {"status": "completed", "pages": {"total": 60}, "violates": ["pagination"]}
    job = mock.play("clado", scenario("clado", step, results={"count": 30}))
    body = json_of(mock.poll("clado", job, query="page=2"))
    assert body["pagination"] == page_body(2, 25, 60) and len(body["results"]) == 5


@pytest.mark.parametrize(
    ("switches", "query", "shape"),
    [
        ({}, "", "a"),
        ({}, "legacy=true", "a"),
        ({}, "legacy=TRUE", "a"),
        ({}, "legacy=1", "a"),
        ({}, "legacy=false", "modern"),
        ({}, "legacy=False", "modern"),
        ({}, "legacy=0", "modern"),
        ({}, "legacy=false&legacy=true", "a"),
        ({"legacy_default": False}, "", "modern"),
        ({"legacy_default": False}, "legacy=true", "a"),
        ({"legacy_shape": "b"}, "", "b"),
        ({"legacy_shape": "b"}, "legacy=true", "b"),
        ({"legacy_shape": "b"}, "legacy=false", "modern"),
        ({"after_removal": True}, "", "modern"),
        ({"after_removal": True, "legacy_shape": "b"}, "legacy=true", "modern"),
    ],
)
def test_record_shapes(mock: Mock, switches: dict[str, Any], query: str, shape: str) -> None:
    """`legacy` and its switches choose the record shape; the people are the same in each.

    Source: schemas/clado/README.md#10.1,#11.15.
    """
    people = json_of(mock.poll("clado", completed(mock, 3)))["results"]
    shown = json_of(mock.poll("clado", completed(mock, 3, switches=switches), query=query))["results"]
    assert {shape_of(person) for person in shown} == {shape}
    assert [person["profile"]["id"] for person in shown] == [person["profile"]["id"] for person in people]
    document = {"a": "person", "b": "person-legacy", "modern": "person-modern"}[shape]
    assert violations(f"clado/{document}.json", shown[0]) == []


@pytest.mark.parametrize(
    ("switches", "member", "value"),
    [
        ({}, "error", "The search failed."),
        ({"error_as": "object"}, "error", {"message": "The search failed."}),
        ({}, "search_incomplete", None),
        ({"search_incomplete": True}, "search_incomplete", False),
    ],
)
def test_switches_of_the_status_body(mock: Mock, switches: dict[str, Any], member: str, value: Any) -> None:
    """`error_as` chooses the type of `error`, `search_incomplete` adds a member seen live alone.

    Source: schemas/clado/README.md#11.8,#12.
    """
    job = mock.play("clado", scenario("clado", "error", switches=switches))
    assert json_of(mock.poll("clado", job)).get(member) == value


def test_pending_has_no_search_incomplete(mock: Mock) -> None:
    """A pending answer has its three members whatever the switches say (schemas/clado/README.md#4.2)."""
    job = mock.play("clado", scenario("clado", "pending", switches={"search_incomplete": True}))
    assert list(json_of(mock.poll("clado", job))) == ["job_id", "status", "message"]


def test_unknown_status_has_a_message_of_its_own(mock: Mock) -> None:
    """A status that no document knows is named in its message."""
    job = mock.play("clado", scenario("clado", {"status": "reranking", "violates": ["schema"]}))
    assert json_of(mock.poll("clado", job))["message"] == "The job is reranking."


@pytest.mark.parametrize(
    ("tier", "starts"), [(None, 100), ("free", 5), ("paid", 5), ("paid_50", 50), ("paid_250", 100)]
)
def test_tier_limits_starts_in_a_fixed_minute(mock: Mock, tier: str | None, starts: int) -> None:
    """Each tier has its starts a minute in a fixed window; Retry-After equals `retry_after`.

    Source: schemas/clado/README.md#7,#11.22.
    """
    use(mock, scenario("clado", "pending", switches={"tier": tier} if tier else {}))
    replies = [start(mock, {"query": "x"}) for _ in range(starts + 1)]
    assert [reply.status for reply in replies] == [200] * starts + [429]
    assert json_of(replies[-1]) == {"error": "Too many requests.", "retry_after": 60}
    assert dict(replies[-1].headers)[b"retry-after"] == b"60"
    mock.advance(59.999)
    late = start(mock, {"query": "x"})
    assert late.status == 429 and json_of(late)["retry_after"] == 1
    mock.advance(0.001)
    assert start(mock, {"query": "x"}).status == 200


def test_status_has_no_limit(mock: Mock) -> None:
    """No limit is documented for the status route, so it has none (schemas/clado/README.md#7,#11.21)."""
    job = mock.start("clado")
    assert {mock.poll("clado", job).status for _ in range(400)} == {200}


MISSING, INVALID = "The API key is missing.", "The API key is invalid."
PREFIX, LENGTH = f"{INVALID} One begins with lk_.", f"{INVALID} After lk_ it has 1 to 500 visible ASCII characters."
HEADER = "There is no header Authorization: Bearer lk_…"
SCHEME = "The API key isn't sent as a bearer token: Authorization: Bearer lk_…"


@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("GET", PATH + "/x")])
@pytest.mark.parametrize(
    ("header", "text"),
    [
        (None, HEADER),
        (b"", HEADER),
        (b"  ", HEADER),
        (b"Bearer", MISSING),
        (b"Bearer   ", MISSING),
        (b"Basic bGs6eA==", SCHEME),
        (b"lk_test", SCHEME),
        (b"Bearer x", PREFIX),
        (b"Bearer LK_test", PREFIX),
        (b"Bearer sk_orb_test", PREFIX),
        (b"Bearer lk_revoked", INVALID),
        (b"Bearer lk_", LENGTH),
        (b"Bearer lk_a b", LENGTH),
        (b"Bearer lk_\xff", LENGTH),
        (b"Bearer lk_" + b"a" * 501, LENGTH),
    ],
)
def test_bad_key_is_401_and_opens_nothing(mock: Mock, method: str, path: str, header: bytes | None, text: str) -> None:
    """A missing and a wrong key have the same code and a text that fits, with a challenge. No Clado namespace opens.

    Source: schemas/clado/README.md#2,#11.18.
    """
    headers = ((b"x-api-key", b"lk_test"),) if header is None else ((b"authorization", header),)
    reply = mock.send(method, path, headers=headers, body={"query": "x"})
    assert reply.status == 401 and json_of(reply) == {"detail": text}
    assert (b"www-authenticate", b"Bearer") in reply.headers
    assert not [namespace for namespace in mock.service.namespaces if namespace.api == "clado"]


@pytest.mark.parametrize("header", [b"bearer lk_x", b"BEARER lk_x", b" Bearer  lk_x ", b"Bearer lk_" + b"a" * 500])
def test_good_keys(mock: Mock, header: bytes) -> None:
    """The scheme's case and blanks around the key don't matter, and a key may have 500 characters."""
    assert mock.send("POST", PATH, headers=((b"authorization", header),), body={"query": "x"}).status == 200


def test_job_of_another_key_is_403(mock: Mock) -> None:
    """A job of another account is 403 while it exists there, and that is no poll (schemas/clado/README.md#2,#8)."""
    job = mock.start("clado")
    reply = mock.poll("clado", job, key="lk_other")
    assert reply.status == 403 and json_of(reply) == {"detail": "This job belongs to another account."}
    assert mock.namespace("clado").jobs[job].polls == 0


@pytest.mark.parametrize("job", ["not-a-uuid", "6b1f0d52-3c8e-4a57-9e0b-2f7c41d8a903", "%ff", "a%2Fb", "%00"])
def test_unknown_job_is_404(mock: Mock, job: str) -> None:
    """An unknown id is 404, whether it is a UUID or not (schemas/clado/README.md#8,#11.16)."""
    reply = mock.poll("clado", job)
    assert reply.status == 404 and json_of(reply) == {"detail": "There is no such job."}


def test_not_found_step_is_404_and_a_poll(mock: Mock) -> None:
    """A `not_found` step answers 404 and counts as a poll, so the job goes on after it."""
    job = mock.play("clado", scenario("clado", "not_found", "not_found", "searching"))
    assert [mock.poll("clado", job).status for _ in range(3)] == [404, 404, 200]
    assert mock.namespace("clado").jobs[job].polls == 3


@pytest.mark.parametrize("name", ERRORS)
def test_each_error_of_the_catalogue(mock: Mock, name: str) -> None:
    """Each error name gives its status and the body of that status: `detail`, or the 429's own.

    Source: schemas/clado/README.md#7,#8,#11.1.
    """
    faults = [{"when": {"every": 1}, "respond": name}]
    reply = mock.poll("clado", mock.play("clado", scenario("clado", "pending", faults=faults)))
    body, (status, text) = json_of(reply), ERRORS[name]
    assert reply.status == status
    shapes: dict[int, Any] = {
        422: {"detail": [{"loc": ["body"], "msg": text, "type": "value_error"}]},
        429: {"error": text, "retry_after": 60},
    }
    assert body == shapes.get(status, {"detail": text})
    replies = {**apis.load("clado").operations[0].replies, **apis.load("clado").operations[1].replies}
    assert violations(f"clado/{replies.get(status, 'error.json')}", body) == []
    assert ((b"www-authenticate", b"Bearer") in reply.headers) == (status == 401)
    assert dict(reply.headers).get(b"retry-after") == (b"60" if status == 429 else None)


@pytest.mark.parametrize(
    ("retry_after", "header", "member"),
    [(7, b"7", 7), (0, b"0", 0), ({"date": 15}, b"Thu, 01 Jan 2026 00:00:15 GMT", 15), ("absent", None, 60)],
)
def test_retry_after_sets_header_and_body(mock: Mock, retry_after: Any, header: bytes | None, member: int) -> None:
    """A scripted `retry_after` sets the header's form and the body's whole seconds."""
    faults = [{"when": {"every": 1}, "respond": "rate_limited", "retry_after": retry_after}]
    reply = mock.poll("clado", mock.play("clado", scenario("clado", "pending", faults=faults)))
    assert dict(reply.headers).get(b"retry-after") == header and json_of(reply)["retry_after"] == member
