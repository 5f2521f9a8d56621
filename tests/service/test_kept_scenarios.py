"""What a server keeps of scenarios that it no longer plays."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from tests.support import KEYS, Mock, scenario

RESULT: dict[str, Any] = {"body": {"result": {"id": "one"}}, "violates": ["schema"]}
STEPS: dict[str, dict[str, Any]] = {"clado": {"status": "completed"}, "orbit": {"status": "completed", **RESULT}}


@pytest.mark.parametrize("api", STEPS)
def test_a_scenario_goes_with_its_jobs(mock: Mock, api: str) -> None:
    """No cache keeps a scenario that was played and polled, because it may take many megabytes."""
    namespace = mock.namespace(api)
    job = mock.service.place(namespace, mock.service.catalogue.resolve(scenario(api, STEPS[api]), api)).id
    assert mock.poll(api, job).status == 200
    if api == "orbit":
        mock.send("GET", "/v2/developer/profiles/one", key=KEYS[api])
    played = weakref.ref(namespace.jobs[job].plan)
    namespace.reset()
    gc.collect()
    assert played() is None
