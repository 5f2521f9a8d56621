"""The API itself gives the answers: each obeys its document, and every possible one is reached."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api_facts import ALLOWED, OWN
from tests.strategies.drawing import draws, reached, simplest, some

from jobmock import apis
from jobmock.contract import body_validation
from jobmock.errors import UsageError
from jobmock.strategies import Response, error_responses, people, profiles, responses
from jobmock.strategies.vocabulary import operations_named

APIS = OWN
SHAPES = ("person", "person-legacy", "person-modern")


def obeys(api: str, operation: str, response: Response) -> bool:
    """Say whether a body obeys the document of its operation and HTTP status; a switch may add members to it."""
    document = operations_named(apis.load(api), operation)[0].replies[response.status]
    return all(found.kind == "additive" for found in body_validation.violations(f"{api}/{document}", response.json()))


def test_queries_are_drawn() -> None:
    """An answer may be a page: of one person, and past the end."""
    pages = responses("clado", status="completed")
    reached(pages, lambda response: "pagination" not in response.json() and len(response.json()["results"]) > 1)
    reached(pages, lambda response: response.json().get("pagination", {}).get("has_next"))
    reached(pages, lambda response: response.json().get("pagination", {}).get("page", 0) > 1)


@pytest.mark.parametrize("shape", SHAPES)
def test_people_of_a_shape(shape: str) -> None:
    """Each shape of record is reached, `shape` selects it alone, and it obeys its document."""
    for record in some(people("clado", shape=shape), 20):
        violations = body_validation.violations(f"clado/{shape}.json", record)
        assert [each for each in violations if each.kind == "breaking"] == []
    members = people("clado").map(lambda record: record["profile"].keys())
    for member in ("linkedin_flagship_url", "full_name", "connections_count"):
        reached(members, {member}.issubset)


def test_profiles_as_far_as_they_have_come() -> None:
    """A profile has some sections or all of them."""
    every = profiles("orbit")
    assert all(body_validation.violations("orbit/profile.json", body) == [] for body in some(every, 30))
    reached(every, lambda body: body["payload"]["sections"]["families"] is None)
    reached(every, lambda body: body["payload"]["sections"]["families"] is not None)


@pytest.mark.parametrize("api", APIS)
def test_shrinking(api: str) -> None:
    """The simplest answer is the ordinary end with nobody."""
    body = simplest(responses(api)).json()
    assert body["status"] == "completed"
    assert not body.get("results")


def test_the_same_seed_draws_the_same() -> None:
    """Ids, dates and people are decided by Hypothesis' seed alone."""
    assert draws(responses("orbit"), 20, by=3) == draws(responses("orbit"), 20, by=3)
    assert draws(profiles("orbit"), 10, by=3) == draws(profiles("orbit"), 10, by=3)


def test_headers_fit_the_body() -> None:
    """A response can be handed to any HTTP library's stand-in: bytes, and the headers that go with them."""
    for response in draws(responses("clado"), 10):
        assert response.headers["content-length"] == str(len(response.body))
        assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("draw", "arguments", "message"),
    [
        (responses, {"api": "x"}, f"Unknown api 'x'. {ALLOWED}."),
        (responses, {"api": "clado", "status": "complete"}, "Unknown status 'complete'. Allowed: completed, error"),
        (responses, {"api": "clado", "status": "not_found"}, "Unknown status 'not_found'."),
        (responses, {"api": "clado", "operation": "profile"}, "Unknown operation 'profile'."),
        (responses, {"api": "clado", "operation": "cancel", "status": "completed"}, "Allowed: pending, searching"),
        (responses, {"api": "orbit", "operation": "events"}, "'events' of 'orbit' answers with errors only"),
        (responses, {"api": "orbit", "max_results": 1}, "'max_results' is a whole number from 2 to 1000, not 1."),
        (error_responses, {"api": "orbit", "names": ["conflict"]}, "Unknown name in 'names': 'conflict'."),
        (error_responses, {"api": "orbit", "max_wait": -1}, "'max_wait' is a whole number from 0"),
        (people, {"api": "orbit"}, "The status answers of 'orbit' hold no records of people."),
        (people, {"api": "clado", "shape": "modern"}, "Unknown shape 'modern'. Allowed: person, person-modern"),
        (profiles, {"api": "clado"}, "'clado' has no operation that reads a profile."),
    ],
)
def test_wrong_arguments(draw: Any, arguments: dict[str, Any], message: str) -> None:
    """A wrong argument is named at once, with what is allowed."""
    with pytest.raises(UsageError) as caught:
        draw(**arguments)
    assert message in str(caught.value)
