"""What the page shows of the APIs: keys, and requests to copy."""

from __future__ import annotations

import json

import pytest
from tests.support import JOBS, Mock

from jobmock import apis
from jobmock.server.page.api_facts import api_facts


def test_the_facts_of_an_api() -> None:
    """They say what a key begins with, how it is sent, and which bodies operations take."""
    assert api_facts()["clado"] == {
        "prefix": "lk_", "header": "Authorization: Bearer ", "variable": "CLADO_API_KEY", "start": JOBS["clado"],
        "bodies": {"start": {"query": "chemists in Graz"}, "more": {}},
    }  # fmt: skip


@pytest.mark.parametrize("api", apis.names())
def test_the_bodies_are_accepted(api: str, mock: Mock) -> None:
    """A body starts a job, or is at least no reason for a refusal."""
    facts = api_facts()[api]
    job = mock.play(api, next(iter(apis.load(api).default_scenarios.values())))
    assert "start" in facts["bodies"]
    for operation in apis.load(api).operations:
        if operation.name in facts["bodies"] and "continue" not in operation.path:
            body = json.dumps(facts["bodies"][operation.name]).encode()
            reply = mock.send("POST", operation.path.replace("{job}", job), key=f"{facts['prefix']}test", body=body)
            assert reply.status in (200, 202, 409), reply.body
