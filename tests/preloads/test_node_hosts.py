"""Where the connections of a Node process go under the preload."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.preloads.node_process import HOST, environment, needs_node, packages, project, run
from tests.support import KEYS, Mock

pytestmark = needs_node
KEY = KEYS["clado"]
JOBS = "/api/search/deep_research"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("client", ["fetch", "node:http"])
def test_the_real_host_leads_to_the_mock(mock: Mock, server: str, client: str, scheme: str) -> None:
    """A call of the real host comes to the mock, with its own Host header, over http and https."""
    answer = run("host.mjs", client, f"{scheme}://{HOST}{JOBS}/none", env=environment(server, KEY)).value
    assert answer["status"] == 404
    (exchange,) = mock.namespace("clado").journal
    assert exchange.path == f"{JOBS}/none"


@pytest.mark.parametrize("client", ["undici", "axios", "got", "ky"])
def test_the_real_host_leads_there_from_npm(mock: Mock, server: str, client: str, tmp_path: Path) -> None:
    """The same holds for libraries from npm, over https."""
    place = project(tmp_path, packages(client))
    job = mock.play("clado", "clado/at-once")
    counted = run(place / "poller.mjs", client, job, 5, f"https://{HOST}", env=environment(server, KEY)).value
    assert counted["failed"] == []


@pytest.mark.parametrize("url", ["https://example.invalid/x", "http://192.0.2.1:81/x"])
@pytest.mark.parametrize("client", ["fetch", "node:http"])
def test_another_host_is_refused_without_a_network(server: str, client: str, url: str) -> None:
    """Without a network, a connection to another host fails with an error that names it, before any look-up."""
    answer = run("host.mjs", client, url, env=environment(server, KEY, JOBMOCK_NO_NETWORK="1")).value
    place = "example.invalid:443" if "example" in url else "192.0.2.1:81"
    assert answer == {"error": f"jobmock: no network: a connection to {place} was refused"}


def test_another_host_goes_where_it_wants_otherwise(server: str) -> None:
    """With a network, the connection to another host is the system's affair."""
    answer = run("host.mjs", "fetch", "https://example.invalid/x", env=environment(server, KEY)).value
    assert "example.invalid" in answer["error"] and "jobmock" not in answer["error"]


def test_hosts_are_redirected_without_virtual_time_too(mock: Mock, server: str) -> None:
    """The real host leads to the mock also where the process's time is real."""
    timeless = {name: value for name, value in environment(server, KEY).items() if "_TIME_" not in name}
    assert run("host.mjs", "fetch", f"https://{HOST}{JOBS}/none", env=timeless).value["status"] == 404


def test_another_server_holds_the_clock(server: str) -> None:
    """While another server answers, in real time, a sleep of a minute doesn't end."""
    order = run("other_server.mjs", server, env=environment(server, KEY)).value
    assert order == ["the other server", "a minute"]


def test_an_unrefd_connection_does_not_hold_the_clock(server: str) -> None:
    """An unref'd connection on which no answer comes, as tsx has one to its parent, doesn't make an hour real."""
    assert run("unref_server.mjs", server, env=environment(server, KEY)).value == 3_600_000
