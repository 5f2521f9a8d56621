"""What an API has that doesn't say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.support import EPOCH, Mock

from jobmock import apis, in_process
from jobmock.dialect.answers import Refused
from jobmock.dialect.api import DEFAULT, Api, Operation
from jobmock.dialect.request_context import RequestContext
from jobmock.dialect.settings import ServerDefaults
from jobmock.engine.pagination import Paging
from jobmock.models import Request, RetryAfter

ERRORS = {
    "forbidden": (403, "Not yours."), "no_key": (401, "Send a key."), "wrong_key": (401, "Another key."),
    "gone": (404, "There is no such job."), "busy": (429, "Too many."),
}  # fmt: skip
LEAST: dict[str, Any] = {
    "name": "deep_fryer", "operations": (), "transitions": {"frying": frozenset({"fried"}), "fried": frozenset()},
    "shows": {"fried": "all"}, "errors": ERRORS,
}  # fmt: skip
FRYER = Api(**LEAST)
NOTHING: Any = None


def call(api: Api) -> RequestContext:
    """Return a request of an API, at a known time."""
    made = RequestContext(Request("GET", b"/"), api, ServerDefaults({}, {}, {}, NOTHING, NOTHING), None, {})
    made.now = EPOCH
    return made


def test_names_come_from_the_name() -> None:
    """Host, prefix of keys and default scenario come from the API's name; there is one kind of job without pages."""
    assert (FRYER.host, FRYER.prefix) == ("deep-fryer.invalid", "sk_deep_fryer_")
    assert FRYER.default_scenarios == {FRYER.kind(None): "deep_fryer/usual"} and FRYER.paging is None
    assert FRYER.terminal == {"fried"} and FRYER.is_success("fried")


def test_errors_are_chosen_by_their_statuses() -> None:
    """The first error with a status is what is answered for it, and for what usually has that status."""
    assert FRYER.by_status == {403: "forbidden", 401: "no_key", 404: "gone", 429: "busy"}
    chosen = FRYER.unknown_key_error, FRYER.foreign_job_error, FRYER.not_found_error, FRYER.rate_limit_error
    assert chosen == ("no_key", "gone", "gone", "busy")
    assert replace(FRYER, foreign_job_error="forbidden").foreign_job_error == "forbidden"


@pytest.mark.parametrize(("status", "words"), [(401, "401 or 403"), (404, "404 or 403"), (429, "429 or 503")])
def test_an_error_that_is_needed(status: int, words: str) -> None:
    """An API without an error that it needs, and without another one in its place, is refused by its name."""
    errors = {name: error for name, error in ERRORS.items() if error[0] not in (status, 403)}
    with pytest.raises(ValueError, match=rf"^The API 'deep_fryer' has no error with {words}, and names no other\.$"):
        Api(**{**LEAST, "errors": errors})


def test_refusals() -> None:
    """An error has its code, its text and Retry-After; one that no document lists has its status as its code."""
    answer = FRYER.refusal(Refused("busy", retry=RetryAfter(seconds=7)), call(FRYER))
    assert (answer.status, answer.headers) == (429, ((b"retry-after", b"7"),))
    assert answer.body == {"error": {"code": "busy", "message": "Too many."}}
    more = FRYER.refusal(Refused("gone", "No job 7.", job="7"), call(FRYER)).body
    assert more == {"error": {"code": "gone", "message": "No job 7.", "job": "7"}}
    other = FRYER.other_error(418, "Tea.", call(FRYER))
    assert (other.status, other.body) == (418, {"error": {"code": "http_418", "message": "Tea."}})


def test_an_envelope_is_that_of_all_errors() -> None:
    """An API that says what its errors look like has its codes, members and Retry-After in that form."""

    def envelope(code: str, text: str, members: Mapping[str, Any], call: RequestContext) -> dict[str, Any]:
        return {"fault": [code, text, dict(members), call.now]}

    api = Api(**LEAST, envelope=envelope, error_codes={"busy": "E7"})
    answer = api.refusal(Refused("busy", retry=RetryAfter(seconds=7), job="7"), call(api))
    assert answer.body == {"fault": ["E7", "Too many.", {"job": "7"}, EPOCH]}
    assert answer.headers == ((b"retry-after", b"7"),)
    assert api.other_error(418, "Tea.", call(api)).body == {"fault": ["http_418", "Tea.", {}, EPOCH]}


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (None, "There is no header Authorization: Bearer sk_deep_fryer_…"),
        (b"Basic x", "The API key isn't sent as a bearer token: Authorization: Bearer sk_deep_fryer_…"),
        (b"Bearer lk_x", "The API key is invalid. One begins with sk_deep_fryer_."),
        (b"Bearer sk_deep_fryer_revoked", None),
    ],
)
def test_keys_that_are_refused(header: bytes | None, problem: str | None) -> None:
    """A key is sent as a bearer token and has the prefix. A reserved one is always refused."""
    api = replace(FRYER, reserved={"sk_deep_fryer_revoked": "401 no_key"}, authorize=DEFAULT)
    with pytest.raises(Refused) as refused:
        api.authorize(header, None)
    assert (refused.value.name, refused.value.text) == ("no_key", problem)
    assert api.authorize(b"Bearer sk_deep_fryer_1", None) == "sk_deep_fryer_1"


PEOPLE = [{"profile": {"id": "a"}}, {"profile": {"id": "b"}}, {}]
PAGE: dict[str, Any] = {
    "page": 2, "page_size": 3, "total_results": 9, "total_pages": 3, "has_next": True, "has_previous": True,
}  # fmt: skip
IDS = "a", "b", None
ROWS: list[tuple[dict[str, Any], tuple[Any, ...]]] = [
    ({}, (None, (), 0, 0, ())),
    ({"results": None}, (None, (), 0, 0, ())),
    ({"results": []}, (0, (), 0, 0, ())),
    ({"results": PEOPLE}, (3, tuple(PEOPLE), 0, 0, IDS)),
    ({"results": [7, "x"]}, (2, (7, "x"), 0, 0, (None, None))),
    ({"results": PEOPLE, "pagination": PAGE}, (9, tuple(PEOPLE), 2, 3, IDS)),
    ({"results": PEOPLE, "pagination": {**PAGE, "page": 0}}, (3, tuple(PEOPLE), 0, 0, IDS)),
    ({"results": PEOPLE, "pagination": {**PAGE, "total_results": "9"}}, (0, tuple(PEOPLE), 2, 3, IDS)),
    ({"results": PEOPLE, "pagination": [1]}, (3, tuple(PEOPLE), 0, 0, IDS)),
]


@pytest.mark.parametrize(("body", "read"), ROWS)
def test_pages_are_read_where_the_api_says_that_they_are(body: dict[str, Any], read: tuple[Any, ...]) -> None:
    """A body with the number and the size of its page is a page; any other list is the whole one."""
    assert apis.load("clado").observation().people(body) == read


def test_results_without_pages() -> None:
    """Without pages the results are the list at the path, with their ids."""
    people = replace(FRYER, results=("output", "chips"), observation=DEFAULT).observation().people
    assert people({"output": {"chips": [{"id": 4}, "x"]}}) == (2, ({"id": 4}, "x"), 0, 0, (4, None))
    body: Any
    for body in ({}, {"output": []}, {"output": {"chips": 3}}):
        assert people(body).visible is None


@pytest.mark.parametrize(
    ("scenario", "collected"),
    [("clado/two-pages", (2, 47)), ("clado/nobody", (0, 0)), ("clado/one-person", (1, 1)), ("clado/job-error", (0, 0))],
)
def test_the_client_reads_all_pages(scenario: str, collected: tuple[int, int], mock: Mock) -> None:
    """The default client of an API with pages collects as many pages and results as Clado's own."""
    own = apis.load("clado")
    job = mock.play("clado", scenario)
    with httpx.Client(transport=in_process(mock.service), base_url="http://mock") as client:
        client.headers["authorization"] = "Bearer lk_test"
        for _ in range(9):
            client.get(f"/api/search/deep_research/{job}")
            mock.advance(60)
        read = [
            api.reference_client().collect(client, job) for api in (own, replace(own, reference_client=DEFAULT))
        ]
    assert read[0] == read[1] == collected


def test_a_start_has_the_first_example_of_its_schema() -> None:
    """A job is started with the first example of the start's body, or with an empty body where there is none."""
    assert FRYER.reference_client().start(None) == {}
    orbit = replace(apis.load("orbit"), reference_client=DEFAULT).reference_client()
    assert isinstance(orbit.start(None), dict)


def test_a_host_that_ignores_the_page_is_not_read_for_ever() -> None:
    """Reading pages ends, also if each request gets the same full page."""
    operation = Operation(name="status", method="GET", path="/fryers/{job}", answer=NOTHING, replies={})
    api = replace(FRYER, operations=(operation,), paging=Paging(default_size=2), reference_client=DEFAULT)
    same = httpx.MockTransport(lambda request: httpx.Response(200, json={"results": [{"id": 1}, {"id": 2}]}))
    with httpx.Client(transport=same, base_url="http://host.invalid") as client:
        assert api.reference_client().collect(client, "a") == (1_000, 2_000)
