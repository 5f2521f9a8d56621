"""What a client did is drawn in a lane for each job, apart for each key."""

from __future__ import annotations

from tests.support import EPOCH, Mock
from tests.timelines.clients import activity_of, impatient, poll_every, timeline_of

from jobmock.clock import SECOND
from jobmock.timelines.client_timeline import MOST_LANES, timelines_of


def test_lanes(mock: Mock) -> None:
    """Each job has a lane with its requests, and the requests about no job have one."""
    job = impatient(mock)
    mock.send("GET", "/api/no/such/route", key="lk_test")
    timeline = timeline_of(mock)
    of_job, others = timeline.lanes
    assert (of_job.job, others.job) == (job, None)
    assert [span.status for span in of_job.spans] == ["pending", "searching", "completed"]
    assert [one.operation for one in others.exchanges] == ["credits", None]
    assert len(of_job.exchanges) + 2 == len(timeline.exchanges)
    assert (timeline.zero, timeline.begin) == (EPOCH, EPOCH)
    assert timeline.exchanges[-1].at < timeline.end < EPOCH + 60 * SECOND


def test_findings_name_the_exchanges_of_their_key(mock: Mock) -> None:
    """Each key has its own numbers, lost answers and findings."""
    impatient(mock)
    mock.play("clado", "clado/at-once", "lk_other")
    first, second = timelines_of(activity_of(mock))
    rules = [[finding.rule for finding in one.findings] for one in (first, second)]
    assert rules[0] and rules[1] == []
    assert first.name != second.name and first.name.startswith("clado, clado-")
    numbers = {one.number for one in first.exchanges}
    assert first.evidence.keys() <= numbers
    assert first.lost == {6}


def test_outcomes_of_a_client(mock: Mock) -> None:
    """The outcome of a request is the one that its client saw."""
    impatient(mock)
    timeline = timeline_of(mock)
    found = {one.number: timeline.outcome(one) for one in timeline.exchanges}
    assert {number: outcome for number, outcome in found.items() if outcome != "answered"} == {
        4: "refused", 6: "broken",
    }  # fmt: skip


def test_many_jobs(mock: Mock) -> None:
    """Of very many jobs a bounded number has lanes, first those in findings, and the others are counted."""
    for _ in range(MOST_LANES + 8):
        mock.poll("clado", mock.play("clado", "clado/slow"))
    mock.advance(5)
    guilty = mock.play("clado", "clado/at-once")
    poll_every(mock, guilty, 5, 5)
    timeline = timeline_of(mock)
    lanes = [lane.job for lane in timeline.lanes]
    assert guilty in lanes
    assert (len(lanes), timeline.lanes_left_out) == (MOST_LANES, 9)


def test_a_client_without_requests(mock: Mock) -> None:
    """A client that sent nothing has no timeline."""
    mock.namespace("clado")
    assert list(timelines_of(activity_of(mock))) == []
