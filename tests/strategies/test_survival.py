"""A client is driven through scenarios; the smallest that it fails on is saved, and run first from then on."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import strategies as st

from jobmock import scenario as language
from jobmock.errors import UsageError
from jobmock.models import Scenario
from jobmock.strategies.regressions import replaying, save, saved
from jobmock.strategies.scripts import alphabet, scenario_of, scripts
from jobmock.strategies.survival import assert_client_survives

JOBS = "/api/search/deep_research"
ENDS = ("completed", "error", "cancelled")
SCRIPTS = st.sampled_from([scenario_of("clado", script) for script in scripts("clado", ("pending", "429", "503"), 2)])


def asked(url: str, api_key: str, job_id: str, transport: Any) -> httpx.Response:
    request = httpx.Request("GET", f"{url}{JOBS}/{job_id}", headers={"Authorization": f"Bearer {api_key}"})
    answer: httpx.Response = transport.handle_request(request)
    answer.read()
    return answer


def patient(url: str, api_key: str, job_id: str, transport: Any) -> Any:
    """A client that does what it is told."""
    while (answer := asked(url, api_key, job_id, transport)).status_code != 200 or answer.json()["status"] not in ENDS:
        time.sleep(int(answer.headers.get("retry-after", 5)))
    return answer.json()


def hasty(url: str, api_key: str, job_id: str, transport: Any) -> Any:
    """A client that takes Retry-After for milliseconds."""
    while (answer := asked(url, api_key, job_id, transport)).status_code != 200 or answer.json()["status"] not in ENDS:
        time.sleep(int(answer.headers.get("retry-after", 5000)) / 1000)
    return answer.json()


def endless(url: str, api_key: str, job_id: str) -> Any:
    """A client that never looks at what it is answered."""
    while True:
        httpx.get(f"{url}{JOBS}/{job_id}", headers={"Authorization": f"Bearer {api_key}"}, trust_env=False)
        time.sleep(60)


@pytest.fixture(autouse=True)
def not_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "JOBMOCK_SAVE", "JOBMOCK_SCENARIOS"):
        monkeypatch.delenv(name, raising=False)


def test_a_correct_client_survives(tmp_path: Path) -> None:
    """A client that breaks no rule passes, and nothing is written."""
    assert_client_survives(patient, api="clado", scenarios=SCRIPTS, max_examples=40, seed=1, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_bug_is_found_and_saved_small(tmp_path: Path) -> None:
    """A bug's smallest scenario is in the message and in a file; the file is run first by the next run."""
    with pytest.raises(AssertionError, match="retry-after-ignored") as first:
        assert_client_survives(hasty, api="clado", scenarios=SCRIPTS, max_examples=100, seed=1, folder=tmp_path)
    ((path, scenario),) = saved("clado", "hasty", tmp_path)
    assert (len(scenario.progression), len(scenario.faults)) == (1, 1)
    assert str(path) in str(first.value) and path.read_text().startswith("# Found by hasty.")
    with pytest.raises(AssertionError, match="retry-after-ignored"):
        assert_client_survives(hasty, api="clado", scenarios=st.nothing(), seed=1, folder=tmp_path)


def test_a_run_has_a_budget(tmp_path: Path) -> None:
    """A client that goes on and on is stopped in its own call, over real sockets too."""
    with pytest.raises(AssertionError, match=r"budget \(error\): The client sent more than 20 requests"):
        assert_client_survives(endless, api="clado", scenarios=SCRIPTS, max_examples=2, requests=20, folder=tmp_path)


def test_nothing_is_written_in_ci_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment has `CI` no file is written, unless JOBMOCK_SAVE asks for it; none is overwritten."""
    scenario = scenario_of("clado", ("429",))
    monkeypatch.setenv("CI", "true")
    assert save(scenario, "it", "Why.", tmp_path) is None
    monkeypatch.setenv("JOBMOCK_SAVE", "1")
    path = save(scenario, "it", "Why.", tmp_path)
    assert path is not None and language.from_file(path, "x") == replace(scenario, name="x")
    path.write_text("mine")
    assert save(scenario, "it", "Another reason.", tmp_path) == path
    assert path.read_text() == "mine"


def test_saved_scenarios_are_examples_of_a_property(tmp_path: Path) -> None:
    """`replaying` hands a @given test its saved scenarios, and stands above nothing else."""
    from hypothesis import Phase, given, settings

    save(scenario_of("clado", ("503",)), "one", "Why.", tmp_path)
    seen: list[Scenario] = []

    @replaying("clado", folder=tmp_path)
    @settings(phases=[Phase.explicit])
    @given(scenario=SCRIPTS)
    def one(scenario: Scenario) -> None:
        seen.append(scenario)

    one()
    assert [scenario.faults[0].respond and scenario.faults[0].respond.status for scenario in seen] == [503]
    with pytest.raises(UsageError, match="above @given"):
        replaying("clado", folder=tmp_path)(json.dumps)


@pytest.mark.parametrize("api", ["clado", "orbit"])
def test_every_script_may_be_played(api: str) -> None:
    """Each script of the usual alphabet makes a scenario that its API accepts, and no two make the same."""
    from jobmock.catalogue import compiled

    found = [scenario_of(api, script) for script in scripts(api, alphabet(api), 2)]
    assert len({compiled(scenario).name for scenario in found}) == len(found) > 20


def test_unknown_symbol() -> None:
    """A symbol that there isn't is named, with the nearest one."""
    with pytest.raises(UsageError, match=r"There is no symbol 'pendign'.*Did you mean 'pending'"):
        alphabet("clado", ["pendign"])


def test_a_script_is_told_symbol_by_symbol() -> None:
    """Each symbol meets one request, also behind an answer that got lost."""
    from jobmock.strategies.arena import Arena
    from jobmock.strategies.scripts import plan_of

    def thrice(url: str, api_key: str, job_id: str, transport: Any) -> list[str]:
        told = []
        for _ in range(5):
            try:
                answer = asked(url, api_key, job_id, transport)
                told.append(answer.json()["status"] if answer.status_code == 200 else str(answer.status_code))
            except (httpx.TransportError, ValueError):
                told.append("lost")
            time.sleep(60)
        return told

    with Arena(thrice, "clado").open() as arena:
        run = arena.play(plan_of("clado", ("pending", "reset", "503", "searching")))
    assert run.returned == ["pending", "lost", "503", "searching", "completed"]
