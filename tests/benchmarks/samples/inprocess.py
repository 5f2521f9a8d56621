"""A test in which `httpx.Client` polls a pending job in process."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

_POLLS = 500
_SCENARIO = {
    "version": 1, "api": "clado", "results": {"count": 3, "seed": 1}, "progression": [{"status": "pending"}],
    "limits": {"status": {"requests": 1_000_000_000, "seconds": 1}},
}  # fmt: skip


@pytest.mark.jobmock(time="manual")
def test_polls(clado_mock: Any) -> None:
    job = clado_mock.play(_SCENARIO)
    headers = {"Authorization": f"Bearer {clado_mock.api_key}"}
    with httpx.Client(transport=clado_mock.transport, headers=headers) as client:
        for _ in range(_POLLS):
            assert client.get(f"http://jobmock/api/search/deep_research/{job.id}").status_code == 200


def test_other() -> None:
    """Do nothing; pytest gets this test as the next one."""
