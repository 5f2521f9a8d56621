"""Tests in which each client polls a job of 15 minutes every 5 s, in virtual time or back to back."""

from __future__ import annotations

from typing import Any

import pytest
from tests.benchmarks.pollers import INTERVAL, POLLERS, Poller

_SECONDS = 900
TESTS = {f"{'TCP' if one.tcp else 'in process'} {one.name}": one for one in POLLERS}


def check_polls(poller: Poller, mock: Any, *, virtual: bool) -> None:
    """Poll a job to its end, and check the number of polls and the clock."""
    assert poller.poll(mock, virtual) == _SECONDS // INTERVAL + 1
    assert mock.clock.elapsed == _SECONDS


@pytest.mark.jobmock("clado/slow", time="virtual")
@pytest.mark.parametrize("name", TESTS)
def test_polls(name: str, clado_mock: Any) -> None:
    check_polls(TESTS[name], clado_mock, virtual=True)


@pytest.mark.jobmock("clado/slow", time="manual")
@pytest.mark.parametrize("name", TESTS)
def test_back_to_back(name: str, clado_mock: Any) -> None:
    check_polls(TESTS[name], clado_mock, virtual=False)
