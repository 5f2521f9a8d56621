"""Clients in Node that poll over real sockets under the preload: how often, and what their clocks show."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.preloads.node_process import HOST, end, environment, needs_node, packages, project, run, start
from tests.support import EPOCH, KEYS, Mock, scenario

pytestmark = needs_node
KEY = KEYS["clado"]
BUILT_IN = ["fetch", "node:http"]
FROM_NPM = ["undici", "undici.request", "axios", "got", "ky"]


def same_clocks(counted: dict[str, Any]) -> float:
    """Return the milliseconds that all clocks of a program have counted."""
    assert counted["date"] == counted["performance"] == counted["hrtime"]
    return float(counted["date"])


@pytest.mark.parametrize("client", BUILT_IN)
def test_a_poller_has_the_polls_and_the_time_of_the_scenario(mock: Mock, server: str, client: str) -> None:
    """A client that polls each five seconds takes 181 polls and exactly 900 s, by all of its clocks."""
    job = mock.play("clado", "clado/slow")
    counted = run("poller.mjs", client, job, env=environment(server, KEY)).value
    assert (counted["polls"], same_clocks(counted), counted["failed"]) == (181, 900_000, [])
    assert mock.namespace("clado").clock.elapsed == 900 * 10**9


@pytest.mark.parametrize("client", FROM_NPM)
def test_a_poller_from_npm_has_them_too(mock: Mock, server: str, client: str, tmp_path: Path) -> None:
    """The same holds for libraries from npm."""
    place = project(tmp_path, packages(client.split(".")[0]))
    job = mock.play("clado", "clado/slow")
    counted = run(place / "poller.mjs", client, job, env=environment(server, KEY)).value
    assert (counted["polls"], same_clocks(counted), counted["failed"]) == (181, 900_000, [])


HANGING = scenario("clado", "pending", "completed", faults=[{"when": {"request": 2}, "hang": True}])


@pytest.mark.parametrize("client", BUILT_IN)
def test_a_client_ends_a_request_without_an_answer_at_its_limit(mock: Mock, server: str, client: str) -> None:
    """A request that is never answered fails at the client's own limit of 30 s, and its next one is answered."""
    job = mock.play("clado", HANGING)
    counted = run("poller.mjs", client, job, env=environment(server, KEY)).value
    assert [failure["after"] for failure in counted["failed"]] == [30_000]
    assert (counted["polls"], same_clocks(counted)) == (3, 40_000)


@pytest.mark.parametrize("client", FROM_NPM)
def test_a_client_from_npm_ends_it_too(mock: Mock, server: str, client: str, tmp_path: Path) -> None:
    """The same holds for libraries from npm. got adds a millisecond of its own, and undici counts in half seconds."""
    place = project(tmp_path, packages(client.split(".")[0]))
    job = mock.play("clado", HANGING)
    counted = run(place / "poller.mjs", client, job, env=environment(server, KEY)).value
    assert [failure["after"] for failure in counted["failed"]] == [pytest.approx(30_200, abs=500)]


def test_a_request_without_any_limit_ends_when_undici_ends_it(mock: Mock, server: str) -> None:
    """Where nothing else ends a request, undici's own limit of 300 s does."""
    job = mock.play("clado", scenario("clado", "pending", faults=[{"when": {"request": 1}, "hang": True}]))
    failure = run("unlimited.mjs", job, env=environment(server, KEY)).value
    assert failure["code"] == "UND_ERR_HEADERS_TIMEOUT"
    assert failure["after"] == pytest.approx(300_500, abs=1000)


def polls_of(mock: Mock, job: str) -> list[int]:
    """Return when each poll of a job came, in milliseconds of the mock's clock."""
    exchanges = [exchange for exchange in mock.namespace("clado").journal if exchange.job == job]
    return [(exchange.at - EPOCH) // 10**6 for exchange in exchanges if exchange.method == "GET"]


def test_two_processes_share_one_clock(mock: Mock, server: str) -> None:
    """Pollers of five and of seven seconds in two processes both poll exactly at their own intervals."""
    jobs = [mock.play("clado", "clado/slow") for _ in range(2)]
    env = environment(server, KEY)
    both = [start("poller.mjs", "fetch", job, seconds, env=env) for job, seconds in zip(jobs, (5, 7), strict=True)]
    assert all(end(process).code == 0 for process in both)
    for job, seconds in zip(jobs, (5, 7), strict=True):
        polls = polls_of(mock, job)
        assert {later - earlier for earlier, later in pairwise(polls)} == {seconds * 1000}
        assert 900_000 <= polls[-1] < 900_000 + seconds * 1000


def test_slow_answers_take_what_the_mock_holds_them(mock: Mock, server: str) -> None:
    """The client's clocks count the delays and drips of the mock's answers exactly, and those before errors as well."""
    delays = [("delay", "3s"), ("delay", "1500ms")]
    faults = [{"when": {"request": number}, key: value} for number, (key, value) in enumerate(delays, 1)]
    faults += [
        {"when": {"request": 3}, "drip": {"bytes": 20, "every": "1s"}},
        {"when": {"request": 4}, "delay": "2s", "disconnect": "reset"},
        {"when": {"request": 5}, "delay": "2s", "corrupt": "short_body"},
    ]
    job = mock.play("clado", scenario("clado", "pending", faults=faults))
    seen = run("laps.mjs", job, 6, env=environment(server, KEY)).value
    drip = seen[2]["took"]
    assert drip > 3000 and drip % 1000 == 0
    assert [lap["took"] for lap in seen] == [3000, 1500, drip, 2000, 2000, 0]
    assert [lap["status"] for lap in seen] == [200, 200, 200, None, None, 200]


def test_a_sockets_timeout_begins_again_with_each_piece(mock: Mock, server: str) -> None:
    """node:http's timeout of 30 s doesn't end an answer that comes in pieces, 20 s apart; a signal's does."""
    drip = {"when": {"request": 1}, "drip": {"bytes": 80, "every": "20s"}}
    for client, failed in [("node:http", 0), ("fetch", 1)]:
        job = mock.play("clado", scenario("clado", "pending", "completed", faults=[drip]))
        counted = run("poller.mjs", client, job, env=environment(server, KEY)).value
        assert len(counted["failed"]) == failed


def test_retry_after_is_waited_exactly(mock: Mock, server: str) -> None:
    """A client that sleeps for Retry-After sends its next request at the very instant that the mock allows."""
    wait = {"when": {"request": 1}, "respond": "rate_limited", "retry_after": 7}
    job = mock.play("clado", scenario("clado", "pending", faults=[wait]))
    seen = run("laps.mjs", job, 2, env=environment(server, KEY)).value
    assert [lap["status"] for lap in seen] == [429, 200]
    assert polls_of(mock, job) == [0, 7000]


def test_p_retry_waits_as_it_says(server: str, tmp_path: Path) -> None:
    """p-retry's pauses of 1, 2 and 4 s take 7 s."""
    place = project(tmp_path, packages("p-retry"))
    assert run(place / "retry.mjs", server, env=environment(server, KEY)).value == {"tries": 4, "took": 7000}


def test_a_client_with_the_host_written_in_reaches_the_mock(mock: Mock, server: str) -> None:
    """A call of https://search.clado.ai goes to the mock, by fetch and by node:https."""
    job = mock.play("clado", "clado/slow")
    counted = run("poller.mjs", "fetch", job, 5, f"https://{HOST}", env=environment(server, KEY)).value
    assert (counted["polls"], same_clocks(counted)) == (181, 900_000)
