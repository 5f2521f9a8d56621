"""What clients have met of the APIs, as JSON."""

from __future__ import annotations

from ...coverage import counter_of
from ...coverage.reports.json import report
from ...engine.namespace import Namespace, Namespaces
from .fields import Body, Problem, fields
from .long_calls import LongCall


def of(namespaces: Namespaces, namespace: Namespace | None, body: Body) -> LongCall:
    """Return what the client of a key has met, or what all clients have. Raises Problem if that isn't counted."""
    fields(body, {}, {})
    counter = counter_of(namespaces)
    if counter is None:
        raise Problem(409, "This server doesn't count coverage. Start it with --coverage.")
    count = counter.snapshot(namespaces, namespace)
    return LongCall(lambda: report(count()))
