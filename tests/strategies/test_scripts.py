"""Each script can be played, and a client meets it symbol by symbol."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from jobmock.catalogue import compile_scenario
from jobmock.errors import UsageError
from jobmock.strategies.runner import ClientRunner
from jobmock.strategies.scripts import alphabet, script_plan, script_scenario, scripts

from .clado_clients import asked


@pytest.mark.parametrize("api", ["clado", "orbit"])
def test_every_script_may_be_played(api: str) -> None:
    """Each script of the usual alphabet makes a scenario that its API accepts, and no two make the same."""
    found = [script_scenario(api, script) for script in scripts(api, alphabet(api), 2)]
    assert len({compile_scenario(scenario).name for scenario in found}) == len(found) > 20


def test_unknown_symbol() -> None:
    """A symbol that there isn't is named, with the nearest one."""
    with pytest.raises(UsageError, match=r"There is no symbol 'pendign'.*Did you mean 'pending'"):
        alphabet("clado", ["pendign"])


def test_what_cannot_follow_is_left_out() -> None:
    """Nothing follows an end, and no status goes back; a fault may stand anywhere before an end."""
    every = set(scripts("clado", ("pending", "processing", "completed", "429"), 3))
    assert ("processing", "429", "completed") in every
    assert not every & {("processing", "pending"), ("completed", "429"), ("completed", "completed")}


def test_a_client_meets_a_script_symbol_by_symbol() -> None:
    """Each symbol meets one request, also behind an answer that got lost."""

    def five_times(url: str, api_key: str, job_id: str, transport: Any) -> list[str]:
        answers = []
        for _ in range(5):
            try:
                answer = asked(url, api_key, job_id, transport)
                answers.append(answer.json()["status"] if answer.status_code == 200 else str(answer.status_code))
            except (httpx.TransportError, ValueError):
                answers.append("lost")
            time.sleep(60)
        return answers

    with ClientRunner(five_times, "clado").open() as runner:
        run = runner.run(script_plan("clado", ("pending", "reset", "503", "searching")))
    assert run.returned == ["pending", "lost", "503", "searching", "completed"]
