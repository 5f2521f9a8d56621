"""`jobmock serve --control-port`: the control API has a port of its own, and the APIs' port has none."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest
from tests.support import HANGS, JOBS, STARTS, Served, served

HELD = """
version: 1
api: clado
summary: Each poll is answered late.
progression: [{status: completed}]
faults: [{operation: status, when: {every: 1}, delay: 60s}]
"""
KEY = {"authorization": "Bearer lk_port"}
TOKEN = {"X-Jobmock-Token": "t0ken"}


class Site(NamedTuple):
    """A server, and a client for each of its ports."""

    server: Served
    apis: httpx.Client
    control: httpx.Client


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with a control port, whose answers to polls are held for a minute of a manual clock."""
    held = tmp_path_factory.mktemp("port") / "held.yaml"
    held.write_text(HELD)
    with (
        served("--control-port", "0", "--time", "manual", "--scenario", held) as server,
        _client(server, "url") as apis, _client(server, "control_url") as control,
    ):  # fmt: skip
        yield Site(server, apis, control)


def _client(server: Served, name: str) -> httpx.Client:
    return httpx.Client(base_url=server.ready[name], headers=KEY, timeout=HANGS)


class _Poll(threading.Thread):
    """One poll from a thread of its own."""

    def __init__(self, client: httpx.Client, path: str) -> None:
        super().__init__(daemon=True)
        self._client, self._path, self.status = client, path, 0
        self.start()

    def run(self) -> None:
        self.status = self._client.get(self._path).status_code


def test_ready_line_names_both_addresses(site: Site) -> None:
    """`control_url` in the line `ready` is another port of the same address."""
    url, control_url = site.server.ready["url"], site.server.ready["control_url"]
    assert url.rpartition(":")[0] == control_url.rpartition(":")[0] == "http://127.0.0.1"
    assert url != control_url and url.endswith(f":{site.server.ready['port']}")


def test_ready_line_without_a_control_port() -> None:
    """Without the option `control_url` is the address of the APIs."""
    with served() as server:
        assert server.ready["control_url"] == server.ready["url"]


@pytest.mark.parametrize("path", ["health", "ready", "journal", "reset", "nothing", ""])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_no_control_call_is_on_the_apis_port(site: Site, method: str, path: str) -> None:
    """Each control path is 404 there, in the form of control calls, and says where to look."""
    answer = site.apis.request(method, f"/__jobmock/{path}", json={"start": "2026-03-29"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "control_url in its line 'ready'" in answer.json()["detail"]


@pytest.mark.parametrize("path", [*JOBS.values(), "/", "/__jobmock", "/__jobmoc/ready", "//__jobmock/ready"])
def test_no_api_is_on_the_control_port(site: Site, path: str) -> None:
    """Any other path is 404 there, never a redirect, and opens no job."""
    answer = site.control.post(path, json=STARTS["clado"])
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["detail"] == "This port has only control calls. Their paths begin with /__jobmock/."


def test_control_port_moves_the_clock_of_the_apis(site: Site) -> None:
    """An answer that is held on the one port is seen on the other, and goes out when the clock is moved there."""
    job = site.apis.post(JOBS["clado"], json=STARTS["clado"]).raise_for_status().json()["job_id"]
    poll = _Poll(site.apis, f"{JOBS['clado']}/{job}")
    while site.control.get("/__jobmock/clock").raise_for_status().json()["due_in"] is None:
        assert poll.is_alive()
    site.control.post("/__jobmock/clock/advance", json={"seconds": 60}).raise_for_status()
    poll.join(HANGS)
    assert poll.status == 200
    assert [row["id"] for row in site.control.get("/__jobmock/jobs").json()["jobs"]] == [job]


def test_host_and_type_are_checked_there_too(site: Site) -> None:
    """The control port has the same rule for the Host and the type of a body."""
    assert site.control.get("/__jobmock/journal", headers={"host": "evil.example"}).status_code == 403
    assert site.control.post("/__jobmock/reset", content=b"{}").status_code == 415


def test_token_on_loopback() -> None:
    """`--control-token` counts on loopback and on a control port; then a name of any kind is answered."""
    with served("--control-port", "0", "--control-token", "t0ken") as server, _client(server, "control_url") as control:
        assert control.get("/__jobmock/journal").status_code == 403
        assert control.get("/__jobmock/journal", headers={**TOKEN, "host": "mock.internal"}).status_code == 200
        assert control.get("/__jobmock/health", headers={"host": "mock.internal"}).status_code == 200


def test_given_name_is_answered() -> None:
    """`--control-host` adds a name to the allowed ones; other names stay refused."""
    with served("--control-host", "mock.internal", "--control-host", "mock") as server:
        for host, status in (("mock.internal:80", 200), ("mock", 200), ("localhost", 200), ("evil.example", 403)):
            assert httpx.get(f"{server.url}/__jobmock/journal", headers={"host": host}).status_code == status


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_signal_ends_both_ports(number: int, code: int) -> None:
    """A signal ends the server soon, beside connections that both ports keep alive, and both ports are closed."""
    with served("--control-port", "0") as server:
        urls = [server.ready["url"], server.ready["control_url"]]
        with httpx.Client(timeout=HANGS) as client:
            for url in urls:
                client.get(url)
            assert server.end(number) == code
            for url in urls:
                with pytest.raises(httpx.ConnectError):
                    httpx.get(url)
        assert not any("Traceback" in line for line in server.err.until_end())


def test_events_name_the_port_of_the_apis(site: Site) -> None:
    """The page's stream says where the APIs are, for the commands that the page shows."""
    with site.control.stream("GET", "/__jobmock/events") as answer:
        event = next(line for line in answer.iter_lines() if line.startswith("data: "))
    assert json.loads(event.removeprefix("data: "))["apis_port"] == site.server.ready["port"]
