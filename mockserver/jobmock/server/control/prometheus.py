"""Metrics in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from ...version import __version__
from ..handling_times import EVERY
from .metrics import Reading

_NO_OPERATION = "unknown"
"""The label of requests to an unknown route, or with a wrong method."""
_COUNTERS = {
    "namespaces_evicted": "Namespaces that the server closed to make room.",
    "jobs_dropped": "Jobs that went because their namespace had too many, or too large ones.",
    "answers_dropped": "Stored answers that went because all together were too large.",
}
_GAUGES = {
    "namespaces": "Open namespaces.",
    "held_answers": "Answers that wait now: delayed ones, and those that hang.",
    "broken_scenarios": "Scenario files with errors.",
}


def text_of(reading: Reading) -> bytes:
    """Return a reading in the text format."""
    registry = CollectorRegistry()
    registry.register(_ReadingCollector(reading))
    return generate_latest(registry)


class _ReadingCollector(Collector):
    """Gives the metrics of one reading to the library."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def describe(self) -> list[Metric]:
        """Return nothing, so that the library doesn't collect everything only to learn the names."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield each metric."""
        yield from self._labelled()
        for name, text in _COUNTERS.items():
            yield CounterMetricFamily(f"jobmock_{name}", text, value=self._reading.numbers[name])
        for name, text in _GAUGES.items():
            yield GaugeMetricFamily(f"jobmock_{name}", text, value=self._reading.numbers[name])
        buckets = [("+Inf" if bound == float("inf") else repr(bound), count) for bound, count in self._reading.buckets]
        text = f"How long answers took to make, without the delays of a scenario. One of {EVERY} requests is timed."
        yield HistogramMetricFamily("jobmock_handling_seconds", text, buckets=buckets, sum_value=self._reading.seconds)

    def _labelled(self) -> Iterator[Metric]:
        """Yield the metrics with labels."""
        info = GaugeMetricFamily("jobmock_info", "The version of jobmock, as a label.", labels=["version"])
        info.add_metric([__version__], 1)
        labels = ["api", "operation", "status"]
        requests = CounterMetricFamily("jobmock_requests", "Requests to the APIs that were answered.", labels=labels)
        for api, operation, status, count in self._reading.requests:
            requests.add_metric([api, operation or _NO_OPERATION, str(status)], count)
        faults = CounterMetricFamily("jobmock_faults", "Requests that met a fault.", labels=["api", "fault"])
        for fault, count in self._reading.faults.items():
            faults.add_metric(fault, count)
        jobs = GaugeMetricFamily("jobmock_jobs", "Jobs by what a poll would show now.", labels=["api", "status"])
        for status_of_api, count in self._reading.statuses().items():
            jobs.add_metric(status_of_api, count)
        text = "Exchanges that went because the journal of a namespace, or the room of all journals, was full."
        dropped = CounterMetricFamily("jobmock_exchanges_dropped", text, labels=["full"])
        for full, count in self._reading.dropped_exchanges.items():
            dropped.add_metric([full], count)
        yield from (info, requests, faults, jobs, dropped)
