"""`GET coverage`: what the client of one key has met, or all clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.server.test_control import Control
from tests.support import EPOCH, JOBS, KEYS, Mock

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.coverage import Coverage, CoverageCounter
from jobmock.engine.namespace import Namespaces
from jobmock.service.service import Service


@pytest.fixture
def control() -> Control:
    namespaces = Namespaces(clock=lambda: Clock("manual", start=EPOCH), leaving=CoverageCounter())
    return Control(Mock(Service(Catalogue(), namespaces)))


def counted(control: Control, key: str | None = None) -> Mapping[Any, int]:
    """Return how often each cell was met."""
    return Coverage.from_json(control("GET", "coverage", key=key).body).counts


def test_coverage_of_one_key_and_of_all(control: Control) -> None:
    """A key gets what its own client met; without a key it is all, also requests without a key."""
    for api in ("clado", "orbit"):
        control.mock.poll(api, control.mock.play(api, f"{api}/stuck" if api == "clado" else "orbit/slow"))
    control.mock.send("GET", f"{JOBS['clado']}/x")
    clado = {("clado", "start", "200"): 1, ("clado", "status", "200 pending"): 1}
    orbit = {("orbit", "start", "202"): 1, ("orbit", "status", "200 running"): 1}
    assert counted(control, KEYS["clado"]) == clado
    assert counted(control, KEYS["orbit"]) == orbit
    assert counted(control) == {**clado, **orbit, ("clado", "status", "401 unauthorized"): 1}


def test_coverage_outlives_a_reset(control: Control) -> None:
    """What was met before a reset, or before the journal was cleared, still counts."""
    control.mock.start("clado")
    control("POST", "reset", key=KEYS["clado"])
    control.mock.start("clado")
    control("DELETE", "journal")
    assert counted(control, KEYS["clado"]) == {("clado", "start", "200"): 2}
    assert counted(control) == {("clado", "start", "200"): 2}


def test_a_server_that_counts_nothing(mock: Mock) -> None:
    """Without --coverage the call is refused, with the remedy."""
    said = "This server doesn't count coverage. Start it with --coverage."
    assert Control(mock).problem("GET", "coverage") == (409, said)


def test_unknown_field(control: Control) -> None:
    """The call takes no fields."""
    assert control.problem("GET", "coverage?api=clado")[0] == 400
