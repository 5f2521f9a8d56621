"""What the service keeps of each API's jobs, and what it says about those that it lost to make room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.every_api.traffic import CATALOGUE, usual
from tests.support import EPOCH, Mock, examples

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.coverage import cells_of, coverage_of
from jobmock.engine import job_index, job_room
from jobmock.engine.lost_jobs import CLOSED, DROPPED
from jobmock.engine.namespace import Namespaces
from jobmock.etiquette import judge
from jobmock.models import Reply
from jobmock.service.service import Service
from jobmock.strategies.vocabulary import terminal_statuses

Act = Callable[[Mock, str, str], object]
"""Something that is done to a mock, an API and a job."""


def manual_mock() -> Mock:
    return Mock(Service(CATALOGUE, Namespaces(clock=lambda: Clock("manual", start=EPOCH))))


def script(api: str, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"version": 1, "api": api, "results": {"count": 5, "seed": 3}, "progression": list(steps), **more}


def long_job(api: str) -> dict[str, Any]:
    """Return a scenario that is absent, then at work, then ended, with faults in between."""
    known = apis.load(api)
    begun = next(status for status in known.transitions if status not in known.terminal)
    refused, cut = {"respond": {"status": 503}}, {"corrupt": "truncated_json"}
    faults = [{"when": {"request": 3}, **refused}, {"when": {"request": 5}, **cut}]
    return script(
        api, {"status": "not_found", "after": {"polls": 1}}, {"status": begun, "after": {"polls": 2}},
        {"status": begun, "after": {"seconds": 5}}, {"status": terminal_statuses(known)[0]}, faults=faults,
    )  # fmt: skip


QUERIES = ("", "page=1&page_size=2", "page=2&page_size=2", "page=0", "limit=2", "unknown=1")
ACTS: st.SearchStrategy[Act] = st.one_of(
    st.sampled_from(QUERIES).map(lambda query: lambda mock, api, job: mock.poll(api, job, query=query)),
    st.just(lambda mock, api, job: mock.poll(api, job)),
    st.just(lambda mock, api, job: mock.advance(5, api)),
)


def seen(value: object) -> object:
    """Return the part of a reply that a client sees."""
    return (value.status, value.headers, value.body, value.due, value.fault) if isinstance(value, Reply) else None


@pytest.mark.parametrize("api", apis.names())
@given(acts=st.lists(ACTS, min_size=8, max_size=25))
@settings(max_examples=examples(60))
def test_an_answer_that_is_kept_is_the_one_that_would_be_told(api: str, acts: list[Act]) -> None:
    """A mock that caches no answers has the same replies and the same journal."""
    keeping, forgetting = manual_mock(), manual_mock()
    for mock in (keeping, forgetting):
        plan = CATALOGUE.resolve(long_job(api), api)
        mock.namespace(api).use(plan)
        mock.service.place(mock.namespace(api), plan, "same")
    for act in acts:
        forgetting.namespace(api).jobs["same"].last_answer = None
        assert seen(act(keeping, api, "same")) == seen(act(forgetting, api, "same"))
    journals = [[one._replace(arrived=0) for one in each.namespace(api).journal] for each in (keeping, forgetting)]
    assert journals[0] == journals[1]


@pytest.mark.parametrize("api", apis.names())
def test_an_answer_that_holds_is_the_same_bytes(api: str, mock: Mock) -> None:
    """All polls of a step are answered with the same bytes object."""
    job = mock.play(api, script(api, {"status": terminal_statuses(apis.load(api))[0]}))
    assert mock.poll(api, job).body is mock.poll(api, job).body


@pytest.mark.parametrize("api", apis.names())
def test_coverage_of_a_job(api: str, mock: Mock) -> None:
    """Whatever a client meets is one of the API's cells of coverage: the start, each status, the end."""
    job = mock.play(api, usual(api).scenario)
    for _ in range(60):
        mock.poll(api, job)
        mock.advance(5, api)
    met = {(cell.group, cell.name) for cell in coverage_of(mock.namespace(api).journal).counts}
    assert met <= {(cell.group, cell.name) for cell in cells_of(api)}
    assert {group for group, _ in met} >= {"start", "status", "endings"}
    last = usual(api).scenario.progression[-1].status
    assert last in {name.partition(" ")[2] for group, name in met if group == "status"}


def other_namespace(mock: Mock, api: str) -> None:
    """Open another namespace: of another key, or of another API if this one has no keys."""
    known = apis.load(api)
    if known.credential.header is not None:
        mock.namespace(api, known.key("other"))
    else:
        mock.namespace(next(name for name in apis.names() if name != api))


@pytest.fixture
def small(catalogue: Catalogue) -> Mock:
    """A mock that holds one namespace."""
    return Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH), most=1)))


@pytest.fixture
def narrow(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> Mock:
    """A mock whose namespaces hold one job."""
    monkeypatch.setattr(job_room, "MAX_JOBS", 1)
    return mock


def last_note(mock: Mock, api: str) -> str | None:
    return list(mock.namespace(api).journal)[-1].note


def blamed(mock: Mock, api: str, job: str, outcome: str | None) -> set[tuple[str, str | None]]:
    """Poll a job nine times, and return the rules that the client has broken, each with the job."""
    for _ in range(9):
        mock.poll(api, job)
        mock.advance(5, api)
    verdict = judge(mock.namespace(api).journal, apis.load(api), outcome=outcome, job=outcome and job)
    return {(finding.rule, finding.job) for finding in verdict.findings if finding.rule != "error-as-result"}


@pytest.mark.parametrize("api", apis.names())
def test_a_closed_job_is_an_unknown_one(small: Mock, api: str) -> None:
    """The answer about a job of a closed namespace is that about a job that never was. The journal says why."""
    job = small.start(api)
    other_namespace(small, api)
    gone, note = small.poll(api, job), last_note(small, api)
    never = small.poll(api, "0" * len(job))
    assert (gone.status, note, last_note(small, api)) == (never.status, CLOSED, None)
    assert gone.status == apis.load(api).errors[apis.load(api).not_found_error][0]


@pytest.mark.parametrize("outcome", [None, "raised", "returned"])
@pytest.mark.parametrize("api", apis.names())
def test_no_client_is_blamed_for_a_closed_job(small: Mock, api: str, outcome: str | None) -> None:
    """Whatever the client does with a job that the server closed, no rule is broken, unlike with an unknown job."""
    job = small.start(api)
    other_namespace(small, api)
    assert blamed(small, api, job, outcome) == set()
    assert "polls-after-refusal" in {rule for rule, _ in blamed(small, api, "unknown", outcome)}


@pytest.mark.parametrize("api", apis.names())
def test_a_journal_counts_what_went(small: Mock, api: str) -> None:
    """The new journal of a closed namespace goes on counting, and says how many exchanges went."""
    job = small.start(api)
    small.poll(api, job)
    other_namespace(small, api)
    small.poll(api, job)
    journal = small.namespace(api).journal
    assert (journal.dropped, [exchange.number for exchange in journal]) == (2, [3])


@pytest.mark.parametrize("api", apis.names())
def test_a_dropped_job_is_noted(narrow: Mock, api: str) -> None:
    """The answer about a job that its namespace dropped is that about an unknown one. The journal says why."""
    job = narrow.start(api)
    narrow.start(api)
    gone, note = narrow.poll(api, job), last_note(narrow, api)
    never = narrow.poll(api, "0" * len(job))
    assert (gone.status, note, last_note(narrow, api)) == (never.status, DROPPED, None)
    narrow.namespace(api).reset()
    narrow.poll(api, job)
    assert last_note(narrow, api) is None


@pytest.mark.parametrize("outcome", [None, "raised", "returned"])
@pytest.mark.parametrize("api", apis.names())
def test_no_client_is_blamed_for_a_dropped_job(narrow: Mock, api: str, outcome: str | None) -> None:
    """Whatever the client does with a job that its namespace dropped, no rule is broken."""
    job = narrow.start(api)
    narrow.start(api)
    assert job not in {about for _, about in blamed(narrow, api, job, outcome)}


@pytest.mark.parametrize("api", apis.names())
def test_memory_of_dropped_jobs_is_bounded(narrow: Mock, monkeypatch: pytest.MonkeyPatch, api: str) -> None:
    """The newest dropped jobs are remembered, up to a bound."""
    monkeypatch.setattr(job_index, "MAX_DROPPED", 3)
    jobs = [narrow.start(api) for _ in range(6)]
    lost = [narrow.namespace(api).why_lost(job) for job in jobs]
    assert lost == [None, None, DROPPED, DROPPED, DROPPED, None]
