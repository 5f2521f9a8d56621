"""What the server has counted until now, for `GET metrics`.

All of it is kept or read anyway: requests only add to counters. No label has a key or a job.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from ...clock import SECOND
from ...engine.jobs import Job
from ...engine.namespace import Namespace
from ...service.request_counts import CountedRequests
from ...service.service import Service
from ..handling_times import HandlingTimes
from ..held_answers import HeldAnswers
from .fields import Body, Problem, fields
from .long_calls import LongCall

_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was counted at one moment. The numbers are by the name of their metric."""

    requests: list[CountedRequests]
    faults: Mapping[tuple[str, str], int]
    jobs: list[tuple[Namespace, Job]]
    dropped_exchanges: Mapping[str, int]
    """By what was full: the journal of a namespace, or the room of all journals."""
    numbers: Mapping[str, int]
    buckets: list[tuple[float, int]]
    seconds: float
    """The sum of all handling times."""

    def statuses(self) -> Counter[tuple[str, str]]:
        """Return how many jobs have each status, by API."""
        return Counter((namespace.api, job.stage(namespace.clock.now()).status) for namespace, job in self.jobs)


def of(
    service: Service, held_answers: HeldAnswers, times: HandlingTimes, namespace: Namespace | None, body: Body
) -> LongCall:
    """Return the metrics of the whole server. Raises Problem for a call with a key."""
    if namespace is not None:
        raise Problem(400, "Metrics are of the whole server: send no key.")
    fields(body, {}, {})
    namespaces = service.namespaces
    reading = Reading(
        requests=service.counts.requests(),
        faults=dict(service.counts.faults),
        jobs=[(one, job) for one in namespaces for job in one.jobs.values()],
        dropped_exchanges={"namespace": namespaces.room.dropped_by_owners, "server": namespaces.room.dropped},
        numbers={
            "namespaces": len(namespaces), "namespaces_evicted": namespaces.evicted,
            "jobs_dropped": namespaces.jobs.dropped, "answers_dropped": namespaces.answers.dropped,
            "held_answers": held_answers.held, "broken_scenarios": len(service.catalogue.problems),
        },
        buckets=list(times.buckets()),
        seconds=times.nanoseconds / SECOND,
    )  # fmt: skip
    return LongCall(lambda: _response(reading))


def _response(reading: Reading) -> Response:
    from .prometheus import text_of  # imported in the thread of the call, as it takes long

    return Response(text_of(reading), media_type=_TYPE)
