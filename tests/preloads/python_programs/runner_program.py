"""Tests that a runner in virtual time runs: with the run's mock, and with the plugin's own mock."""

from __future__ import annotations

import os
import time
from typing import Any

import httpx


def ask(url: str) -> None:
    httpx.get(f"{url}/api/credits", headers={"Authorization": f"Bearer {os.environ['CLADO_API_KEY']}"})


def test_sleeps_beside_the_mock() -> None:
    ask(os.environ["CLADO_BASE_URL"])
    before = time.monotonic()
    time.sleep(1000)
    assert time.monotonic() - before == 1000


def test_uses_a_mock_of_its_own(clado_mock: Any) -> None:
    assert clado_mock.url != os.environ["CLADO_BASE_URL"]
    ask(clado_mock.url)
    before = time.monotonic()
    time.sleep(500)
    assert time.monotonic() - before == 500


def test_goes_on_in_the_time_of_the_run() -> None:
    before = time.monotonic()
    time.sleep(1000)
    ask(os.environ["CLADO_BASE_URL"])
    assert time.monotonic() - before == 1000


def test_has_the_fixture_of_time_machine(time_machine: Any) -> None:
    time_machine.move_to(86_400)
    assert 86_400 <= time.time() < 86_401
