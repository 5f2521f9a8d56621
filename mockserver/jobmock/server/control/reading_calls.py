"""The control calls that read: about one namespace, or about all of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from ... import apis
from ...dialect import openapi_documents
from ...engine.namespace import Namespace
from ...service.service import Service
from ...version import __version__
from ..handling_times import HandlingTimes
from ..held_answers import HeldAnswers
from . import balances, clocks, jobs, journals, scenarios
from .fields import Body, CallTable, fields
from .selection import is_text, is_without_key

READS_WITHOUT_KEY = ("findings", "har", "journal", "timeline")
"""The calls that take `without-key` for a namespace."""


class ReadingCalls:
    """The calls that read from one service. `table` has each by its name."""

    def __init__(self, service: Service, held_answers: HeldAnswers, handling_times: HandlingTimes) -> None:
        self._service, self._held_answers, self._handling_times = service, held_answers, handling_times
        self.table: CallTable = {
            "health": {"GET": self._health},
            "ready": {"GET": self._health},
            "scenarios": {"GET": partial(scenarios.listed, service.catalogue)},
            "scenario": {"GET": partial(scenarios.shown, service.catalogue)},
            "jobs": {"GET": lambda namespace, body: jobs.of(self._targets(namespace), body)},
            "clock": {"GET": partial(clocks.of, service.namespaces, held_answers)},
            "credits": {"GET": partial(balances.of, service.namespaces)},
            "journal": {"GET": self._journal},
            "timeline": {"GET": self._timeline},
            "har": {"GET": self._har},
            "findings": {"GET": self._findings},
            "coverage": {"GET": self._coverage},
            "metrics": {"GET": self._metrics},
            **{f"openapi/{api}.json": {"GET": partial(_openapi, api)} for api in apis.names()},
        }

    def _health(self, namespace: Namespace | None, body: Body) -> Any:
        fields(body, {}, {})
        namespaces = self._service.namespaces
        return {
            "status": "ok", "version": __version__, "namespaces": len(namespaces), "evicted": namespaces.evicted,
            "jobs_dropped": namespaces.jobs.dropped, "exchanges_dropped": namespaces.room.dropped,
            "answers_dropped": namespaces.answers.dropped, "broken_scenarios": len(self._service.catalogue.problems),
        }  # fmt: skip

    def _journal(self, namespace: Namespace | None, body: Body) -> Any:
        if is_text(body):
            from . import clients  # imported late, so that a server starts quickly

            targets, outside = self._sources(namespace, body)
            return clients.stories_of_journals(targets, self._service.namespaces if outside else None, body)
        sources = self._journals(namespace, body)
        is_one = namespace is not None or is_without_key(body)
        return journals.whole(sources[0], body) if is_one and "after" not in body else journals.pages(sources, body)

    def _timeline(self, namespace: Namespace | None, body: Body) -> Any:
        from . import timelines  # imported late, so that a server starts quickly

        return timelines.of(namespace, body)

    def _har(self, namespace: Namespace | None, body: Body) -> Any:
        from . import har  # imported late, so that a server starts quickly

        return har.of(self._journals(namespace, body), body)

    def _findings(self, namespace: Namespace | None, body: Body) -> Any:
        from . import findings  # imported late, so that a server starts quickly

        if namespace is not None:
            return findings.of_one(namespace, body)
        targets, _ = self._sources(namespace, body)
        return findings.of_several(targets, self._service.namespaces, body)

    def _coverage(self, namespace: Namespace | None, body: Body) -> Any:
        from . import coverage  # imported late, so that a server starts quickly

        return coverage.of(self._service.namespaces, namespace, body)

    def _metrics(self, namespace: Namespace | None, body: Body) -> Any:
        from . import metrics  # imported late, so that a server starts quickly

        return metrics.of(self._service, self._held_answers, self._handling_times, namespace, body)

    def _targets(self, namespace: Namespace | None) -> Iterable[Namespace]:
        return [namespace] if namespace else list(self._service.namespaces)

    def _journals(self, namespace: Namespace | None, body: Body) -> list[journals.Source]:
        targets, outside = self._sources(namespace, body)
        return journals.sources(targets, self._service.namespaces.outside if outside else None)

    def _sources(self, namespace: Namespace | None, body: Body) -> tuple[list[Namespace], bool]:
        """Return the namespaces that a call reads, and whether it reads the requests without a key too."""
        if is_without_key(body):
            return [], True
        return list(self._targets(namespace)), namespace is None


def _openapi(api: str, namespace: Namespace | None, body: Body) -> Any:
    fields(body, {}, {})
    return {**openapi_documents.bundled(apis.load(api)), "servers": [{"url": "/", "description": "This mock."}]}
