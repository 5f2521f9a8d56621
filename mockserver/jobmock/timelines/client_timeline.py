"""What a client did with one key over the mock's time: a lane for each job, and one for all other requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from ..client_reports.activity import ClientActivity, KeyActivity
from ..client_reports.titles import scenario_title
from ..clock import SECOND
from ..engine.jobs import StatusSpan
from ..etiquette import Finding
from ..models import Exchange
from .outcomes import Outcome, outcome_of
from .status_spans import exchanges_by_job, status_spans

MOST_LANES = 30
_ROOM_AT_END = 25
"""One part in so many of the whole time is added at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A job with its statuses, and the requests about it. `job` is None for the requests about no job."""

    job: str | None
    title: str
    spans: Sequence[StatusSpan]
    exchanges: Sequence[Exchange]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTimeline:
    """The lanes of one key, from `begin` to `end`, and all its exchanges and findings.

    Times are shown relative to `zero`. `lanes_left_out` are how many jobs have no lane, and `dropped` how many older
    requests the journal no longer has.
    """

    api: str
    name: str
    zero: int
    begin: int
    end: int
    lanes: Sequence[Lane]
    exchanges: Sequence[Exchange]
    lost: frozenset[int]
    findings: Sequence[Finding]
    dropped: int = 0
    lanes_left_out: int = 0

    def outcome(self, exchange: Exchange) -> Outcome:
        """Return how a request ended."""
        return outcome_of(exchange, exchange.number in self.lost)

    @property
    def evidence(self) -> dict[int, list[int]]:
        """The numbers of exchanges that findings name, each with the places of these findings in the list."""
        found: dict[int, list[int]] = {}
        for place, finding in enumerate(self.findings):
            for number in finding.exchanges:
                found.setdefault(number, []).append(place)
        return found


def timelines_of(activity: ClientActivity) -> Iterator[ClientTimeline]:
    """Yield what a client did with each key of one API."""
    several = len(activity.keys) > 1
    for key in activity.keys:
        name = f"{activity.name or activity.api}, {key.name or 'without a key'}" if several else ""
        yield key_timeline(activity.api, name or activity.name or activity.api, key, activity.started_at)


def key_timeline(api: str, name: str, key: KeyActivity, zero: int) -> ClientTimeline:
    """Return what a client did with one key. Jobs without any request are left out."""
    of_jobs = exchanges_by_job(key.journal)
    named = {number for finding in key.findings for number in finding.exchanges}
    first = sorted(of_jobs, key=lambda job: named.isdisjoint(one.number for one in of_jobs[job]))[:MOST_LANES]
    lanes = [_job_lane(job, key, of_jobs[job]) for job in of_jobs if job in set(first)]
    others = [exchange for exchange in key.journal if exchange.job is None]
    if others:
        lanes.append(Lane(job=None, title="requests about no job", spans=(), exchanges=others))
    return ClientTimeline(
        api=api, name=name, zero=zero, **_bounds(key, lanes), lanes=lanes, exchanges=key.journal, lost=key.lost,
        findings=key.findings, dropped=key.dropped, lanes_left_out=len(of_jobs) - len(first),
    )  # fmt: skip


def _job_lane(shown: str, key: KeyActivity, exchanges: Sequence[Exchange]) -> Lane:
    if (known := key.known_jobs.get(shown)) is not None:
        return Lane(job=shown, title=known.scenario, spans=known.spans, exchanges=exchanges)
    job = key.jobs.get(shown)
    title = "" if job is None else scenario_title(job.plan.scenario)
    return Lane(job=shown, title=title, spans=status_spans(job, exchanges, key.now), exchanges=exchanges)


def _bounds(key: KeyActivity, lanes: Sequence[Lane]) -> dict[str, int]:
    """Return begin and end of the time in which anything happened."""
    began = (span.begin for lane in lanes for span in lane.spans[:1])
    held = (one.held for one in key.journal if one.held is not None and one.number not in key.lost)
    moments = list(chain((exchange.at for exchange in key.journal), began, held))
    begin, end = min(moments, default=0), max(moments, default=0)
    return {"begin": begin, "end": end + ((end - begin) // _ROOM_AT_END or SECOND)}
