"""What the page shows of all namespaces, and which of them have changed since the last look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson

from ... import apis
from ...engine.journal import Journal
from ...engine.namespace import Namespace
from ...service.service import Service
from ...version import __version__
from ..control.clocks import next_in, reading
from ..control.selection import WITHOUT_KEY
from .api_facts import api_facts

MOST_SHOWN = 1_000
"""So many namespaces are shown, the last used ones."""
Signature = tuple[Any, ...]
"""A value that changes when what is shown of a namespace changes."""


class Changes:
    """Looks at the namespaces of one server, and makes events of what has changed."""

    def __init__(self, service: Service) -> None:
        self._namespaces, self._defaults = service.namespaces, service.defaults
        self.apis_port: int | None = None
        """The port of the APIs; None if it is that of the control API."""
        self._seen: dict[str, Signature] = {}

    def everything(self) -> bytes:
        """Return the event with all namespaces, and with the facts of the APIs."""
        return self._event([self._row(*shown) for shown in self._shown()], complete=True, apis=api_facts())

    def since_last(self) -> bytes | None:
        """Return the event with the namespaces that have changed since the last one; None without any."""
        seen, rows = dict[str, Signature](), list[dict[str, Any]]()
        for shown in self._shown():
            name, journal, namespace = shown
            signature = seen[name] = self._signature(journal, namespace)
            if self._seen.get(name) != signature:
                rows.append(self._row(*shown))
        closed = [name for name in self._seen if name not in seen]
        self._seen = seen
        return self._event(rows, closed) if rows or closed else None

    def _shown(self) -> Iterator[tuple[str, Journal, Namespace | None]]:
        """Yield the namespaces that are shown, the last used one first, and the requests without a key."""
        yield WITHOUT_KEY, self._namespaces.outside, None
        for namespace in islice(reversed(tuple(self._namespaces)), MOST_SHOWN):
            yield namespace.name, namespace.journal, namespace

    def _event(
        self, rows: Iterable[dict[str, Any]], closed: Iterable[str] = (), *, complete: bool = False, **more_of_it: Any
    ) -> bytes:
        more = max(0, len(self._namespaces) - MOST_SHOWN)
        state = {
            "complete": complete, "version": __version__, "apis_port": self.apis_port, "more": more,
            "namespaces": list(rows), "closed": list(closed), **more_of_it,
        }  # fmt: skip
        return b"event: state\ndata: " + orjson.dumps(state) + b"\n\n"

    def _signature(self, journal: Journal, namespace: Namespace | None) -> Signature:
        counts = journal.count, journal.times_cleared
        if namespace is None:
            return counts
        clock = namespace.clock
        return *counts, len(namespace.jobs), clock.setting, clock.next_due(), self._scenario(namespace)

    def _row(self, name: str, journal: Journal, namespace: Namespace | None) -> dict[str, Any]:
        row = {
            "name": name, "api": None, "scenario": None, "requests": journal.count, "dropped": journal.dropped,
            "cleared": journal.times_cleared, "jobs": 0, "clock": None,
        }  # fmt: skip
        if namespace is None:
            return row
        clock = {**reading(namespace.clock), "next_in": next_in(namespace)}
        scenario, jobs = self._scenario(namespace), len(namespace.jobs)
        return {**row, "api": namespace.api, "scenario": scenario, "jobs": jobs, "clock": clock}

    def _scenario(self, namespace: Namespace) -> str:
        """Return the name of what a job plays that is started now."""
        plan = namespace.key_plan or namespace.plan or self._defaults.plans.get(namespace.api)
        return plan.name if plan else next(iter(apis.load(namespace.api).default_scenarios.values()))
