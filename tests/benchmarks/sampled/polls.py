"""Each client polls a job of 15 minutes every 5 s to its end: in virtual time, and back to back without it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.benchmarks.pollers import INTERVAL, POLLERS, Poller

_SECONDS = 900
TESTS = {f"{'TCP' if one.wire else 'in process'} {one.name}": one for one in POLLERS}


def polled(poller: Poller, mock: Any, *, virtual: bool) -> None:
    assert poller.poll(mock, virtual) == _SECONDS // INTERVAL + 1
    assert mock.clock.elapsed == _SECONDS


@pytest.mark.jobmock("clado/slow", time="virtual")
@pytest.mark.parametrize("name", TESTS)
def test_polls(name: str, clado_mock: Any) -> None:
    polled(TESTS[name], clado_mock, virtual=True)


@pytest.mark.jobmock("clado/slow", time="jumping")
@pytest.mark.parametrize("name", TESTS)
def test_back_to_back(name: str, clado_mock: Any) -> None:
    polled(TESTS[name], clado_mock, virtual=False)
