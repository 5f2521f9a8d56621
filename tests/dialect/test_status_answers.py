"""A cached answer equals a newly rendered one, whatever happens to its job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import EPOCH, JOBS, KEYS, Mock, examples, json_of

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.models import Reply
from jobmock.service.service import Service

Act = Callable[[Mock, str, str], object]
"""Something that is done to a mock, an API and a job."""

_QUERIES = ("", "page=1&page_size=2", "page=2&page_size=2", "page=0", "page=1&page_size=2&legacy=false", "legacy=maybe")
_STEPS: dict[str, list[dict[str, Any]]] = {
    "clado": [
        {"status": "not_found", "after": {"polls": 1}},
        {"status": "processing", "results": 2, "after": {"polls": 2}},
        {"status": "processing", "results": 3, "after": {"seconds": 5}},
        {"status": "completed"},
    ],
    "orbit": [
        {"status": "running", "after": {"polls": 1}},
        {"status": "generating_sections", "after": {"polls": 2}},
        {"status": "generating_sections", "after": {"seconds": 5}},
        {"status": "completed"},
    ],
}
_FAULTS = [{"when": {"request": 3}, "respond": {"status": 503}}, {"when": {"request": 5}, "corrupt": "truncated_json"}]
_SWITCHES: dict[str, list[dict[str, Any]]] = {
    "clado": [{"legacy_default": False}, {"after_removal": True}, {"search_incomplete": True}],
    "orbit": [{"section_status": True}, {"not_found_body": "run"}],
}


def _script(api: str, **more: Any) -> dict[str, Any]:
    added = {"more": {"count": 2}} if api == "clado" else {}
    return {"version": 1, "api": api, "results": {"count": 5, "seed": 3}, "progression": _STEPS[api], **added, **more}


_CATALOGUE = Catalogue()


def _mock() -> Mock:
    return Mock(Service(_CATALOGUE, Namespaces(clock=lambda: Clock("manual", start=EPOCH))))


def _polls(query: str) -> Act:
    return lambda mock, api, job: mock.poll(api, job, query=query)


def _chooses(number: int) -> Act:
    def use(mock: Mock, api: str, job: str) -> None:
        chosen = _SWITCHES[api][number % len(_SWITCHES[api])]
        mock.namespace(api).use(mock.service.catalogue.resolve(_script(api, switches=chosen), api))

    return use


def _posts(path: str) -> Act:
    return lambda mock, api, job: mock.send("POST", f"{JOBS[api]}/{job}/{path}", key=KEYS[api], body={})


_ACTS = st.one_of(
    st.sampled_from(_QUERIES).map(_polls),
    st.just(_polls("")),
    st.just(lambda mock, api, job: mock.advance(5, api)),
    st.integers(0, 2).map(_chooses),
    st.sampled_from(("cancel", "more")).map(_posts),
)


def _seen(value: object) -> object:
    """Return the part of a reply that a client sees."""
    return (value.status, value.headers, value.body, value.due, value.fault) if isinstance(value, Reply) else None


@pytest.mark.parametrize("api", _STEPS)
@given(acts=st.lists(_ACTS, min_size=8, max_size=25))
@settings(max_examples=examples(60))
def test_an_answer_that_is_kept_is_the_one_that_would_be_told(api: str, acts: list[Act]) -> None:
    """A mock that caches no answers has the same replies and the same journal."""
    keeping, forgetting = _mock(), _mock()
    jobs = [mock.play(api, _script(api, faults=_FAULTS)) for mock in (keeping, forgetting)]
    assert jobs[0] == jobs[1]
    for act in acts:
        forgetting.namespace(api).jobs[jobs[0]].last_answer = None
        assert _seen(act(keeping, api, jobs[0])) == _seen(act(forgetting, api, jobs[0]))
    journals = [[one._replace(arrived=0) for one in each.namespace(api).journal] for each in (keeping, forgetting)]
    assert journals[0] == journals[1]


def test_a_poll_that_is_refused_moves_nothing() -> None:
    """A poll with a bad query doesn't count for its step; the next good one is the step's first."""
    mock = _mock()
    job = mock.play("clado", _script("clado"))
    assert [mock.poll("clado", job, query="page=0").status for _ in range(3)] == [400] * 3
    assert mock.poll("clado", job).status == 404
    assert json_of(mock.poll("clado", job))["status"] == "processing"


def test_both_keys_of_a_path_have_their_own_exchange() -> None:
    """The journal has each request's own path and query, although their answers are the same."""
    mock = _mock()
    job = mock.play("clado", _script("clado", progression=[{"status": "completed"}]))
    paths = [f"{JOBS['clado']}/{job}", f"{JOBS['clado']}/%{ord(job[0]):02x}{job[1:]}"]
    for path in paths * 2:
        assert mock.send("GET", path, key=KEYS["clado"]).status == 200
    assert [one.path for one in mock.namespace("clado").journal if one.operation == "status"] == paths * 2
