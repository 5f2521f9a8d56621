"""The bundled scenario that brings each cell of coverage about, found by playing all of them to a client."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.api_facts import OWN

from jobmock import Catalogue, apis
from jobmock.clock import EPOCH, SECOND, Clock
from jobmock.coverage import Cell, Coverage, CoverageCounter, cells_of
from jobmock.coverage.bundled_scenarios import file_of
from jobmock.dialect.api import Operation
from jobmock.engine.namespace import Namespaces
from jobmock.engine.progression import Plan
from jobmock.models import Reply, Request
from jobmock.service.service import Service

_INTERVAL, _PATIENCE = 5 * SECOND, 1800 * SECOND
_STARTS = 4
_GONE_AFTER = 3


def pages() -> dict[Path, str]:
    """Return the file of each API with its text: a line for each cell, with its scenario."""
    rows = [(cell, "\t".join((*cell[1:], scenario)) + "\n") for cell, scenario in scenarios().items()]
    return {file_of(api): "".join(row for cell, row in rows if cell.api == api) for api in OWN}


def scenarios() -> dict[Cell, str]:
    """Return the scenario of each cell.

    What a client meets that only polls counts first. Of several, it is a default one, else that with the fewest cells.
    """
    catalogue, found = Catalogue(), dict[Cell, str]()
    for plays in (Explorer.poll, Explorer.poll_and_call_others):
        met = {name: coverage_of_play(catalogue, catalogue.plan(name), plays).counts for name in catalogue.names()}
        for api in map(apis.load, OWN):
            defaults = [*api.default_scenarios.values()]
            random = {name for name in met if any(fault.when.chance for fault in catalogue.plan(name).scenario.faults)}
            for name in sorted(met, key=lambda name: (name not in defaults, name in random, len(met[name]), name)):
                for cell in met[name]:
                    found.setdefault(cell, name)
    return {cell: found[cell] for api in OWN for cell in cells_of(api) if cell in found}


def coverage_of_play(catalogue: Catalogue, plan: Plan, plays: Callable[[Explorer], object]) -> Coverage:
    """Play a scenario to a client, and return what it met."""
    counter, clock = CoverageCounter(), Clock("manual", start=EPOCH, source=lambda: 0)
    namespaces = Namespaces(clock=lambda: clock, leaving=counter)
    plays(Explorer(Service(catalogue, namespaces, plans={plan.scenario.api: plan}), plan))
    return counter.of(namespaces)


class Explorer:
    """A client that starts a job, polls it, and reads its first page. It can call all other operations too."""

    def __init__(self, service: Service, plan: Plan) -> None:
        self._service, self._plan, self._api = service, plan, apis.load(plan.scenario.api)
        self._key = f"{self._api.prefix}explorer"
        self._namespace = service.namespace(self._api, self._key)
        self._operations = {one.name: one for one in reversed(self._api.operations)}

    def poll(self) -> str:
        """Follow a job to its end, and return its id."""
        job = self._start()
        self._follow(job)
        return job

    def poll_and_call_others(self) -> None:
        """Call all other operations for that job, and for one that has just begun."""
        job = self.poll()
        self._call_others(job)
        self._follow(job)
        early = self._service.place(self._namespace, self._plan).id
        self._call_others(early)
        self._follow(early)

    def _start(self) -> str:
        """Start a job, again after each refusal and each lost answer, and return its id."""
        client = self._api.reference_client()
        for _ in range(_STARTS):
            body = self._send(self._operations["start"], body=client.start(self._plan.scenario.run_shape))
            if job := self._api.job_id_in(body, {}):
                return job
            self._namespace.clock.advance(_INTERVAL)
        return self._service.place(self._namespace, self._plan).id

    def _follow(self, job: str) -> None:
        """Poll a job until it ends, can't be found, or _PATIENCE has passed."""
        until, gone = self._namespace.clock.now() + _PATIENCE, 0
        while self._namespace.clock.now() < until and gone < _GONE_AFTER:
            body = self._send(self._operations["status"], job)
            if self._api.paging:
                self._send(self._operations["status"], job, query=f"{self._api.paging.page}=1")
            if body.get("status") in self._api.terminal:
                return
            gone = gone + 1 if not body else 0
            self._namespace.clock.advance(_INTERVAL)

    def _call_others(self, job: str) -> None:
        for operation in self._operations.values():
            if operation.name not in ("start", "status"):
                for found in self._results(job) if "{job}" not in operation.path and "{" in operation.path else [job]:
                    self._send(operation, found)
                    self._send(operation, found)

    def _results(self, job: str) -> Iterator[str]:
        """Yield the id of a job's first result."""
        people = self._api.observation().people(self._send(self._operations["status"], job)).shown
        yield from people[:1]

    def _send(self, operation: Operation, found: str = "", *, query: str = "", body: Any = None) -> dict[str, Any]:
        """Send a request, wait for its answer, and return the body of a success that can be read; else an empty one."""
        path = operation.path.partition("{")
        target = path[0] + found + path[2].partition("}")[2] if path[1] else path[0]
        raw = b"" if body is None else json.dumps(body).encode()
        headers = ((b"authorization", f"Bearer {self._key}".encode()),)
        reply = self._service.handle(Request(operation.method, target.encode(), query.encode(), headers, raw))
        self._namespace.clock.advance(max(0, reply.due - self._namespace.clock.now()))
        return _success(reply)


def _success(reply: Reply) -> dict[str, Any]:
    try:
        body = json.loads(reply.body) if reply.status < 300 and reply.fault is None else {}
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}

