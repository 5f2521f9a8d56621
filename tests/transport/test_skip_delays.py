"""With a clock that skips delays, a client that waits as it should gets to the end of every bundled scenario."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.support import EPOCH, Mock

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.cli import demo
from jobmock.clock import SECOND, Clock
from jobmock.engine.namespace import Namespaces
from jobmock.engine.progression import Plan
from jobmock.service.service import Service
from jobmock.transport import in_process

SLACK = 60
"""Seconds that a client may sleep longer than the steps of a job take: for steps that end by polls, and Retry-After."""


class RealTime:
    """Real time that passes while the client sleeps, so that no test waits."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now

    def sleep(self, client: Any, seconds: float) -> None:
        self.now += round(seconds * SECOND)

    def elapsed(self, client: Any) -> float:
        return self.now / SECOND


class Wire(httpx.BaseTransport):
    """The service in process, with the only control call that the demo's client makes besides those of the clock."""

    def __init__(self, service: Service, plan: Plan) -> None:
        self._service, self._plan, self._answers = service, plan, in_process(service)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/__jobmock/jobs":
            answer: httpx.Response = self._answers.handle_request(request)
            return answer
        key = request.headers["authorization"].removeprefix("Bearer ")
        namespace = Mock(self._service).namespace(self._plan.scenario.api, key)
        job = self._service.place(namespace, self._plan, None)
        return httpx.Response(201, json={"id": job.id}, request=request)


def longest(plan: Plan) -> float:
    """Return the seconds of real time in which a client must have reached the end of a scenario."""
    last = plan.stages[-1].status
    if last not in (*apis.load(plan.scenario.api).terminal, "not_found"):
        return demo.PATIENCE + demo.INTERVAL
    return sum(stage.after.time or 0 for stage in plan.stages if stage.after) / SECOND + SLACK


@pytest.mark.parametrize("name", Catalogue().names())
def test_every_scenario_ends(catalogue: Catalogue, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client sees the status with which the scenario ends, and delays take none of its real time."""
    real, plan = RealTime(), catalogue.plan(name)
    monkeypatch.setattr(demo, "_sleep", real.sleep)
    monkeypatch.setattr(demo, "_elapsed", real.elapsed)
    service = Service(catalogue, Namespaces(clock=lambda: Clock("skip-delays", start=EPOCH, source=real)))
    with httpx.Client(transport=Wire(service, plan), base_url="http://demo", timeout=30) as client:
        outcome = demo.play(client, plan)
    assert outcome.status == plan.stages[-1].status
    assert outcome.seconds <= longest(plan)
