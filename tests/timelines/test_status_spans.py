"""The statuses of a job over time are those that it really had."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from tests.etiquette.journals import journal as journal_by_hand
from tests.etiquette.journals import poll, start
from tests.support import EPOCH, JOBS, KEYS, Mock, part

from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND
from jobmock.engine.jobs import StatusSpan
from jobmock.timelines.status_spans import exchanges_by_job, status_spans

MORE = {
    "version": 1, "api": "clado", "results": {"count": 2},
    "progression": [
        {"status": "pending", "after": {"polls": 2}}, {"status": "searching", "after": {"seconds": 1}},
        {"status": "processing", "after": {"seconds": 2}}, {"status": "completed"},
    ],
    "more": {"count": 60, "progression": [
        {"status": "processing", "after": {"seconds": 3}}, {"status": "completed"},
    ]},
    "faults": [{"when": {"every": 4}, "respond": "rate_limited"}],
}  # fmt: skip
PAUSES = (0, 0.25, 1, 2.5, 7)
SCENARIOS = [
    *(("clado", name) for name in ("clado/usual", "clado/flaky", "clado/slow", "clado/cancel-says-no")),
    *(("orbit", name) for name in ("orbit/usual", "orbit/not-found-as-run", "orbit/unknown-status")),
    ("clado", MORE),
]


def play(mock: Mock, api: str, job: str, random: Random, steps: int = 25) -> dict[int, str]:
    """Send requests at random moments. Returns the true status of the job at each of them."""
    namespace = mock.namespace(api)
    true: dict[int, str] = {}
    for _ in range(steps):
        mock.advance(random.choice(PAUSES), api)
        action = random.choices(("poll", "wait", "more", "cancel"), (8, 3, 2, 1))[0]
        if action == "poll":
            mock.poll(api, job)
        elif action != "wait" and api == "clado":
            mock.send("POST", f"{JOBS[api]}/{job}/{action}", key=KEYS[api], body={})
        now = namespace.clock.now()
        true[now] = namespace.jobs[job].stage(now).status
    return true


def spans_of(mock: Mock, api: str, job: str) -> tuple[StatusSpan, ...]:
    namespace = mock.namespace(api)
    exchanges = exchanges_by_job(namespace.journal).get(job, [])
    return status_spans(namespace.jobs[job], exchanges, namespace.clock.now())


def status_at(spans: tuple[StatusSpan, ...], moment: int) -> str | None:
    return next((span.status for span in reversed(spans) if span.begin <= moment), None)


def seconds(spans: tuple[StatusSpan, ...], begin: int = EPOCH) -> list[tuple[Any, ...]]:
    """Return spans with times in seconds since a moment."""
    return [
        (status, (since - begin) / SECOND, None if until is None else (until - begin) / SECOND)
        for status, since, until in spans
    ]


@pytest.mark.parametrize(("api", "scenario"), SCENARIOS)
@pytest.mark.parametrize("seed", part(range(40), 8))
def test_spans_are_the_true_statuses(mock: Mock, api: str, scenario: Any, seed: int) -> None:
    """At each moment the spans have the status that the job had then, whatever the client sent."""
    job = mock.play(api, scenario)
    true = play(mock, api, job, Random(seed))
    spans = spans_of(mock, api, job)
    assert {moment: status_at(spans, moment) for moment in true} == true
    assert [span.end for span in spans] == [*(span.begin for span in spans[1:]), None]
    assert spans[0].begin == EPOCH


def test_a_status_begins_when_it_is_entered_not_when_it_is_shown(mock: Mock) -> None:
    """Steps that count time begin at their exact moment, also if no request came then."""
    job = mock.play("clado", MORE)
    for pause in (1, 1, 20):
        mock.advance(pause)
        mock.poll("clado", job)
    assert seconds(spans_of(mock, "clado", job)) == [
        ("pending", 0, 2), ("searching", 2, 3), ("processing", 3, 5), ("completed", 5, None),
    ]  # fmt: skip


def test_statuses_go_on_to_the_present(mock: Mock) -> None:
    """Steps that ended by time after the last request have spans as well."""
    job = mock.play("clado", "clado/slow")
    mock.advance(900)
    assert len(spans_of(mock, "clado", job)) > 1
    assert spans_of(mock, "clado", job)[-1].status == "completed"


@pytest.mark.parametrize("is_polled", [True, False])
def test_a_job_whose_polls_the_journal_has_lost(mock: Mock, is_polled: bool) -> None:
    """A status begins with the answer that shows it, and the present one at its true entry."""
    job = mock.play("clado", MORE)
    for _ in range(2):
        mock.advance(1)
        mock.poll("clado", job)
    mock.namespace("clado").journal.clear()
    if is_polled:
        mock.advance(0.5)
        mock.poll("clado", job)
    mock.advance(1)
    assert seconds(spans_of(mock, "clado", job)) == [("searching", 2, 3), ("processing", 3, None)]


def test_a_cancel_that_the_journal_has_lost(mock: Mock) -> None:
    """A cancelled job isn't shown as cancelled from its beginning on."""
    job = mock.play("clado", MORE)
    mock.advance(5)
    mock.send("POST", f"{JOBS['clado']}/{job}/cancel", key=KEYS["clado"])
    mock.namespace("clado").journal.clear()
    mock.advance(1)
    mock.poll("clado", job)
    assert seconds(spans_of(mock, "clado", job)) == [("cancelled", 5, None)]


def test_without_a_plan() -> None:
    """Of exchanges alone, a status begins with the first answer that shows it, and errors show none."""
    rows = [start(0), poll(1, "pending"), poll(2, 503), poll(3, "pending"), poll(4, "completed")]
    exchanges = list(journal_by_hand(*rows))
    assert seconds(status_spans(None, exchanges, 9 * SECOND), 0) == [("pending", 1, 4), ("completed", 4, None)]
    assert status_spans(None, [], 0) == ()


def test_every_bundled_scenario_has_spans(mock: Mock, catalogue: Catalogue) -> None:
    """Each bundled scenario has spans from the start of its job."""
    for name in catalogue.names():
        api = name.partition("/")[0]
        plan = catalogue.plan(name)
        job = mock.service.place(mock.namespace(api), plan)
        spans = status_spans(job, (), mock.namespace(api).clock.now())
        assert spans == (StatusSpan(plan.stages[0].status, EPOCH, None),)
