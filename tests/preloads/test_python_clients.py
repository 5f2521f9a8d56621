"""Clients in Python that poll over real sockets under the preload: how often, and what their clocks show."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from tests.preloads.python_process import KEY, end, environment, run, run_text, start
from tests.server.shared_time.client_process import ClientProcess
from tests.support import EPOCH, Mock, scenario

from jobmock.clock import SECOND

LIBRARIES = {
    "httpx": "httpx", "requests": "requests", "urllib": "urllib", "asyncio": "httpx", "aiohttp": "aiohttp",
    "trio": "trio",
}  # fmt: skip
"""The module that each way to poll needs."""
HANGING = scenario("clado", "pending", "completed", faults=[{"when": {"request": 2}, "hang": True}])


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> str:
    """Each way to poll whose library is installed."""
    name = str(request.param)
    pytest.importorskip(LIBRARIES[name], reason=f"{LIBRARIES[name]} isn't installed")
    return name


def polls_of(mock: Mock, job: str) -> list[float]:
    """Return when each poll of a job came, in seconds of the mock's clock."""
    exchanges = [exchange for exchange in mock.namespace("clado").journal if exchange.job == job]
    return [(exchange.at - EPOCH) / SECOND for exchange in exchanges if exchange.method == "GET"]


def test_a_poller_has_the_polls_and_the_time_of_the_scenario(mock: Mock, server: str, library: str) -> None:
    """A client that polls each five seconds takes 181 polls and exactly 900 s, by all of its clocks."""
    job = mock.play("clado", "clado/slow")
    counted = run("poller.py", library, job, 5, 30, env=environment(server)).value
    assert counted == {"polls": 181, "failed": [], "spans": [900, 900, 900, 900]}
    assert polls_of(mock, job) == [*range(0, 901, 5)]


def test_a_client_ends_a_request_without_an_answer_at_its_limit(mock: Mock, server: str, library: str) -> None:
    """A request that is never answered fails at the client's own limit of 30 s, and its next one is answered."""
    job = mock.play("clado", HANGING)
    counted = run("poller.py", library, job, 5, 30, env=environment(server)).value
    assert counted == {"polls": 3, "failed": [30], "spans": [40, 40, 40, 40]}


@pytest.mark.usefixtures("quick_limits")
def test_a_client_without_a_limit_is_reported(mock: Mock, server: str) -> None:
    """A request without a limit that is never answered ends with an error that says so."""
    job = mock.play("clado", scenario("clado", "pending", faults=[{"when": {"request": 1}, "hang": True}]))
    program = "import os, sys, httpx; httpx.get(sys.argv[1], headers={'authorization': sys.argv[2]}, timeout=None)"
    place = f"{server}/api/search/deep_research/{job}"
    ended = run_text(program, place, f"Bearer {KEY}", env=environment(server))
    assert ended.code == 1 and "NeverAnswered: The client waits without a timeout" in ended.err


def test_two_processes_share_one_clock(mock: Mock, server: str) -> None:
    """Pollers of five and of seven seconds in two processes both poll exactly at their own intervals."""
    jobs = [mock.play("clado", "clado/slow") for _ in range(2)]
    env = environment(server)
    holder = ClientProcess(server)  # takes part and is at work, so the clock stands until both have begun
    holder.join()
    both = [start("poller.py", "httpx", job, pause, 30, env=env) for job, pause in zip(jobs, (5, 7), strict=True)]
    while not all(polls_of(mock, job) for job in jobs):
        time.sleep(0.01)
    holder.close()
    for process, job, pause in zip(both, jobs, (5, 7), strict=True):
        counted, polls = end(process).value, polls_of(mock, job)
        assert counted["spans"][1] == polls[-1] - polls[0]
        assert {later - earlier for earlier, later in pairwise(polls)} == {pause}
        assert 900 <= polls[-1] < 900 + pause


def test_retry_after_is_waited_exactly(mock: Mock, server: str) -> None:
    """A client that sleeps for Retry-After sends its next request at the very instant that the mock allows."""
    wait = {"when": {"request": 1}, "respond": "rate_limited", "retry_after": 7}
    job = mock.play("clado", scenario("clado", "pending", faults=[wait]))
    seen = run("laps.py", job, 2, env=environment(server)).value
    assert [lap["status"] for lap in seen] == [429, 200]
    assert polls_of(mock, job) == [0, 7]


def test_slow_answers_take_what_the_mock_holds_them(mock: Mock, server: str) -> None:
    """The client's clock counts the delays and drips of the mock's answers exactly, and a held error as well."""
    faults = [
        {"when": {"request": 1}, "delay": "3s"}, {"when": {"request": 2}, "delay": "1500ms"},
        {"when": {"request": 3}, "delay": "2s", "disconnect": "reset"},
    ]  # fmt: skip
    job = mock.play("clado", scenario("clado", "pending", faults=faults))
    seen = run("laps.py", job, 4, env=environment(server)).value
    assert [(lap["status"], lap["took"]) for lap in seen] == [(200, 3), (200, 1.5), (0, 2), (200, 0)]


def test_time_before_the_first_request_is_exact(mock: Mock, server: str) -> None:
    """Work before the first request takes no time, and a sleep takes exactly as long as it says."""
    job = mock.play("clado", "clado/slow")
    program = (
        "import json, sys, time; t = time.time(); m = time.monotonic(); sum(range(3_000_000)); time.sleep(0.25)\n"
        "import httpx; httpx.get(sys.argv[1], headers={'authorization': sys.argv[2]}); time.sleep(60)\n"
        "print(json.dumps([t, time.time() - t, time.monotonic() - m]))"
    )
    seen = run_text(program, f"{server}/api/search/deep_research/{job}", f"Bearer {KEY}", env=environment(server)).value
    assert seen == [EPOCH / SECOND, 60.25, 60.25]
    assert polls_of(mock, job) == [0.25]
