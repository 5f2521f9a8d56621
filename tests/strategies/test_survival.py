"""A client is driven through scenarios; the smallest that it fails on is saved, and run first from then on."""

from __future__ import annotations

import errno
import signal
import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from tests.etiquette.planted import AbortsAtOneError
from tests.strategies.etiquette_clients import in_process

from jobmock.errors import ScenarioError, UsageError, VirtualTimeError
from jobmock.models import Scenario, Step
from jobmock.strategies import assert_client_survives, regressions
from jobmock.strategies.regressions import load_saved
from jobmock.strategies.scripts import script_scenario, scripts

from .clado_clients import asked, endless, hasty, patient, patient_async

SCRIPTS = st.sampled_from(
    [script_scenario("clado", script) for script in scripts("clado", ("pending", "429", "503"), 2)]
)


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBMOCK_SAVE", "always")


def survives(client: Any, folder: Path, **more: Any) -> None:
    """Drive a client through a few short scenarios."""
    assert_client_survives(client, **{"api": "clado", "scenarios": SCRIPTS, "seed": 1, "folder": folder, **more})


def test_a_correct_client_survives(tmp_path: Path) -> None:
    """A client that breaks no rule passes, and nothing is written."""
    survives(patient, tmp_path, max_examples=40)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_doesnt_hide_the_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the smallest scenario can't be saved, the message has the bug and the scenario first, then the reason."""

    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(regressions, "write_file", full)
    bug_first = r"(?s)^retry-after-ignored .*\nprogression:.*\nIt was not saved\. "
    with pytest.raises(AssertionError, match=bug_first) as told:
        survives(hasty, tmp_path, max_examples=100)
    assert str(told.value).endswith(".yaml can't be written: No space left on device.")


def test_a_coroutine_survives_on_real_sockets(tmp_path: Path) -> None:
    """A coroutine function is run too, on real sockets, in virtual time."""
    survives(patient_async, tmp_path, max_examples=5)


def test_without_scenarios_a_client_meets_server_behaviours(tmp_path: Path) -> None:
    """Without `scenarios`, a client meets `behaviours`: one that gives up at the first error answer fails, for that."""
    client = in_process(AbortsAtOneError, "clado")
    with pytest.raises(AssertionError, match=r"gave-up-early \(error\)"):
        survives(client, tmp_path, scenarios=None, max_examples=150)
    ((_, scenario),) = load_saved("clado", "AbortsAtOneError", tmp_path)
    (fault,) = scenario.faults
    assert fault.respond is not None


def test_a_bug_is_found_and_saved_small(tmp_path: Path) -> None:
    """A bug's smallest scenario is in the message and in a file; the file is run first by the next run."""
    with pytest.raises(AssertionError, match="retry-after-ignored") as first:
        survives(hasty, tmp_path, max_examples=100)
    ((path, scenario),) = load_saved("clado", "hasty", tmp_path)
    assert (len(scenario.progression), len(scenario.faults)) == (1, 1)
    assert str(path) in str(first.value)
    assert path.read_text().startswith("# Found by hasty.")
    with pytest.raises(AssertionError, match="retry-after-ignored") as again:
        survives(hasty, tmp_path, scenarios=st.nothing())
    assert str(path) in str(again.value)


def test_each_kind_of_failure_is_reported(tmp_path: Path) -> None:
    """A client with two bugs gets two scenarios, each the smallest of its own rule."""

    def both(url: str, api_key: str, job_id: str, transport: Any) -> Any:
        while (answer := asked(url, api_key, job_id, transport)).status_code == 429:
            time.sleep(0.01)
        time.sleep(5)
        return answer.json() if answer.status_code == 503 else patient(url, api_key, job_id, transport)

    with pytest.raises(AssertionError) as failed:
        survives(both, tmp_path, max_examples=200, rules={"polled-after-end": "off"})
    name = "test_each_kind_of_failure_is_reported.both"
    found = [scenario.faults[0].respond for _, scenario in load_saved("clado", name, tmp_path)]
    assert {respond and respond.status for respond in found} == {429, 503}
    assert "error-as-result" in str(failed.value)
    assert "retry-after-ignored" in str(failed.value)


def test_a_run_has_a_budget(tmp_path: Path) -> None:
    """A client that goes on and on is stopped in its own call, over real sockets too."""
    with pytest.raises(AssertionError, match=r"budget \(error\): the client sent more than 20 requests"):
        survives(endless, tmp_path, max_examples=2, requests=20)


def test_a_client_that_is_not_the_same_twice(tmp_path: Path) -> None:
    """A failure that doesn't come again is said to be one, and isn't saved."""
    tries = count()

    def moody(url: str, api_key: str, job_id: str, transport: Any) -> Any:
        if next(tries) == 3:
            raise RuntimeError("not today")
        return patient(url, api_key, job_id, transport)

    with pytest.raises(AssertionError, match=r"the client isn't deterministic\.\n.*gave-up-early|nothing-asked"):
        survives(moody, tmp_path, max_examples=20)
    assert list(tmp_path.iterdir()) == []


def test_what_virtual_time_cannot_reach_is_no_finding(tmp_path: Path) -> None:
    """A wait in an unknown call is an error of the set-up, and not a failure of the client."""

    def waiter(url: str, api_key: str, job_id: str, transport: Any) -> Any:
        while asked(url, api_key, job_id, transport).json().get("status") != "completed":
            signal.sigtimedwait([signal.SIGUSR2], 60)

    with pytest.raises(VirtualTimeError, match=r"the call in which the thread 'MainThread' at test_survival\.py"):
        survives(waiter, tmp_path, max_examples=20)


def test_a_scenario_that_may_not_be_played(tmp_path: Path) -> None:
    """A scenario that breaks the rules of the language is a mistake of the set-up, and no bug of the client."""
    wrong = Scenario(name="x", api="clado", summary="", progression=(Step(status="completed", omit=("job_id",)),))
    with pytest.raises(ScenarioError, match="job_id"):
        survives(endless, tmp_path, scenarios=st.just(wrong), requests=3)


def test_a_client_that_ends_the_process_has_failed(tmp_path: Path) -> None:
    """sys.exit() in the client's call is an exception like others: the run is judged, and the search goes on."""

    def leaves(url: str, api_key: str, job_id: str, transport: Any) -> Any:
        if asked(url, api_key, job_id, transport).status_code != 200:
            raise SystemExit(0)
        return patient(url, api_key, job_id, transport)

    with pytest.raises(AssertionError, match=r"gave-up-early.*\n.*raised SystemExit\(0\)"):
        survives(leaves, tmp_path, rules={"polled-too-fast": "off", "polled-after-end": "off"})


def test_whatever_returns_a_coroutine_is_awaited(tmp_path: Path) -> None:
    """An object with an async `__call__`, or a lambda that calls a coroutine function, is a client too."""

    class Client:
        async def __call__(self, url: str, api_key: str, job_id: str) -> Any:
            return await patient_async(url, api_key, job_id)

    survives(Client(), tmp_path, max_examples=3)
    survives(lambda url, api_key, job_id: patient_async(url, api_key, job_id), tmp_path, max_examples=3, name="it")


def test_another_job_is_not_its_own(tmp_path: Path) -> None:
    """A client that sends requests, but none about its job, has failed."""

    def elsewhere(url: str, api_key: str, job_id: str, transport: Any) -> Any:
        return asked(url, api_key, "nobodys", transport).json()

    with pytest.raises(AssertionError, match=r"nothing-asked \(error\): the client sent no request about its job"):
        survives(elsewhere, tmp_path, max_examples=3)


@pytest.mark.parametrize(
    ("client", "more", "text"),
    [
        (7, {}, r"and 7 can't be called\."),
        (lambda url: None, {"name": "it"}, r"takes \(url\): too many positional arguments\."),
        (lambda url, api_key, job_id: None, {}, "A lambda has no name under which its counterexamples could be saved"),
        (patient, {"max_examples": 0}, "'max_examples' is a whole number from 1 to 1000000, not 0"),
        (patient, {"scenarios": ["clado/usual"]}, r"'scenarios' is a strategy .*, not \['clado/usual'\]\."),
        (patient, {"scenarios": st.just("clado/usual")}, r"and it drew 'clado/usual'\."),
        (patient, {"min_interval": -0.5}, r"'min_interval' is a number of seconds, 0 or more, not -0\.5\."),
        (patient, {"min_interval": float("nan")}, r"'min_interval' is a number of seconds, 0 or more, not nan\."),
        (patient, {"api": "orbit"}, "The client is one of orbit, and the scenario belongs to clado."),
    ],
)
def test_what_cannot_be_driven(tmp_path: Path, client: Any, more: dict[str, Any], text: str) -> None:
    """What is no client, has no name, or belongs to another API than its scenarios is a mistake of the set-up."""
    with pytest.raises(UsageError, match=text):
        survives(client, tmp_path, **{"max_examples": 3, **more})


def test_unknown_api() -> None:
    """An API that there isn't is named, with those that there are."""
    with pytest.raises(UsageError, match="clado, orbit"):
        assert_client_survives(patient, api="clodo")
