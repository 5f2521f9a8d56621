"""The job of an answer to a start: by a member of its body, or by the URL in a header."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.dialect.test_defaults import FRYER

from jobmock.dialect import Answer, Operation
from jobmock.dialect.api import Api

NOTHING: Any = None


def api_with(**members: Any) -> Api:
    """Return an API whose jobs are polled at `/fryers/{job}/state`."""
    paths = {"start": "/fryers", "status": "/fryers/{job}/state"}
    operations = tuple(
        Operation(name=name, method="GET", path=path, answer=lambda call: Answer(200, {}), replies={})
        for name, path in paths.items()
    )
    return replace(FRYER, operations=operations, **members)


@pytest.mark.parametrize(
    ("body", "job"),
    [({"id": "a"}, "a"), ({"id": 7}, None), ({}, None), ([], None), (None, None)],
)
def test_by_a_member(body: Any, job: str | None) -> None:
    """The id is the text at the path; a header doesn't matter if the API names none."""
    assert api_with().job_id_in(body, {"location": "/fryers/b/state"}) == job
    assert api_with(id_path=("job", "name")).job_id_in({"job": {"name": "c"}}, {}) == "c"


@pytest.mark.parametrize(
    ("url", "job"),
    [
        ("http://one.invalid:8080/fryers/a%2Fb/state?version=1", "a/b"),
        ("/fryers/a/state", "a"),
        ("https://one.invalid/base/path/fryers/a/state", "a"),
        ("/state", None),
        ("/fryers//state", None),
        ("", None),
    ],
)
def test_by_a_url(url: str, job: str | None) -> None:
    """Without a member the id is that in the URL of the status, whatever host and path are before it."""
    api = api_with(id_header="operation-location")
    assert api.job_id_in(None, {"operation-location": url}) == job
    assert api.job_id_in({"id": "own"}, {"operation-location": url}) == "own"
    assert api.job_id_in(None, {}) is None


def test_where_results_are_read() -> None:
    """They are in the status, unless the API has an operation for them."""
    results = Operation(name="results", method="GET", path="/fryers/{job}/chips", answer=NOTHING, replies={})
    assert (api_with().reads, api_with().results_operation) == (("status",), "status")
    parted = replace(api_with(), operations=(*api_with().operations, results))
    assert (parted.reads, parted.results_operation) == (("status", "results"), "results")
    assert parted.path_of("results", "a/b") == "/fryers/a%2Fb/chips"
