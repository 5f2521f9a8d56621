"""Several servers behind HAProxy and nginx: each key has one server, and a client sees what it sees of one server."""

from __future__ import annotations

import itertools
import json
import signal
import socket
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from tests.deploy.balancers import BALANCERS, Balanced, balanced, missing
from tests.documents.reading import tables
from tests.support import HANGS, JOBS, STARTS, scenario

KEYS = [f"lk_balanced{number}" for number in range(16)]
numbers = itertools.count()
FAULTS: dict[str, dict[str, Any]] = {
    "disconnect: reset": {"disconnect": "reset"},
    "disconnect: before_response": {"disconnect": "before_response"},
    "disconnect: mid_body": {"disconnect": "mid_body"},
    "corrupt: short_body": {"corrupt": "short_body"},
    "corrupt: garbage": {"corrupt": "garbage"},
    "corrupt: truncated_json": {"corrupt": "truncated_json"},
    "corrupt: empty_body": {"corrupt": "empty_body"},
    "hang: true": {"hang": True},
}


@pytest.fixture(scope="module", params=BALANCERS)
def program(request: pytest.FixtureRequest) -> str:
    """The name of a balancer that is installed."""
    if reason := missing(request.param):
        pytest.skip(reason)
    return str(request.param)


@pytest.fixture(scope="module")
def site(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Balanced]:
    """Four servers behind a balancer, with manual clocks."""
    with balanced(program, tmp_path_factory.mktemp(program), "--time", "manual") as found:
        yield found


@pytest.fixture
def http(site: Balanced) -> Iterator[httpx.Client]:
    """A client of the balancer."""
    with httpx.Client(base_url=site.url, trust_env=False, timeout=HANGS) as client:
        yield client


def of(key: str) -> dict[str, str]:
    """Return the header of a key."""
    return {"Authorization": f"Bearer {key}"}


def start(http: httpx.Client, key: str) -> str:
    """Start a job of Clado and return its id."""
    return str(http.post(JOBS["clado"], headers=of(key), json=STARTS["clado"]).raise_for_status().json()["job_id"])


def namespaces(site: Balanced) -> list[int]:
    """Return how many namespaces each server has."""
    return [httpx.get(f"{one.url}/__jobmock/health", trust_env=False).json()["namespaces"] for one in site.servers]


def test_each_key_stays_at_one_server(site: Balanced, http: httpx.Client) -> None:
    """All requests of a key reach one namespace, in any spelling of the header. Keys are at several servers."""
    before, jobs = sum(namespaces(site)), {key: start(http, key) for key in KEYS}
    for key, job in jobs.items():
        for sent in (f"Bearer {key}", f"bearer  {key}", f"BEARER   {key}"):
            assert http.get(f"{JOBS['clado']}/{job}", headers={"Authorization": sent}).status_code == 200
        rows = http.get("/__jobmock/jobs", headers=of(key)).json()["jobs"]
        assert [(row["id"], row["polls"]) for row in rows] == [(job, 3)]
    assert sum(namespaces(site)) - before == len(KEYS)
    assert sum(map(bool, namespaces(site))) > 1


def test_job_of_another_key(http: httpx.Client) -> None:
    """Clado's 403 for a job of another key, and Orbit's 404, come from each server as from one."""
    job = start(http, "lk_owner")
    others = [of(f"lk_other{number}") for number in range(16)]
    assert {http.get(f"{JOBS['clado']}/{job}", headers=other).status_code for other in others} == {403}
    orbit = http.post(JOBS["orbit"], headers=of("sk_orb_owner"), json=STARTS["orbit"]).json()["request_id"]
    others = [of(f"sk_orb_other{number}") for number in range(16)]
    assert {http.get(f"{JOBS['orbit']}/{orbit}", headers=other).status_code for other in others} == {404}


@pytest.mark.parametrize("path", ["", "/", "/jobs", "/journal?namespace=clado-3f9a1c", "/events", "/health/"])
@pytest.mark.parametrize("base", ["/__jobmock", "/%5F_jobmock"])
def test_control_call_without_a_key(http: httpx.Client, base: str, path: str) -> None:
    """A control call without a key is refused with a problem document, because it would reach one server of several."""
    with http.stream("GET", f"{base}{path}") as answer:  # events would never end
        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"
        assert json.loads(answer.read())["detail"].startswith("Behind a balancer")


def test_open_calls(http: httpx.Client) -> None:
    """Health, ready and metrics are answered without a key."""
    assert [http.get(f"/__jobmock/{call}").status_code for call in ("health", "ready", "metrics")] == [200] * 3


def test_date_is_that_of_the_keys_clock(http: httpx.Client) -> None:
    """An answer's Date is a reading of the key's clock, and Retry-After a date by it: no balancer replaces them."""
    http.post("/__jobmock/reset", headers=of("lk_dated"), json={"start": "2026-03-29"}).raise_for_status()
    date = http.get("/api/credits", headers=of("lk_dated")).headers.get_list("date")
    assert [parsedate_to_datetime(one).date().isoformat() for one in date] == ["2026-03-29"]


def test_clock_can_be_shared(site: Balanced) -> None:
    """The upgrade to the protocol of a shared clock passes."""
    host, _, port = site.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), HANGS) as connection:
        head = "GET /__jobmock/clock/share HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer lk_shared\r\n"
        connection.sendall(f"{head}Connection: Upgrade\r\nUpgrade: jobmock-clock\r\n\r\n".encode())
        lines = connection.makefile()
        assert " 101 " in lines.readline()
        while lines.readline().strip():
            pass
        connection.sendall(b'{"call": "join", "name": "a client"}\n')
        assert '"now"' in lines.readline()


def what_client_sees(http: httpx.Client, path: str, key: str) -> str:
    """Return the class of the error that httpx raises, or the status, and whether its body is JSON."""
    try:
        answer = http.get(path, headers=of(key), timeout=0.5)
        answer.json()
    except httpx.HTTPError as error:
        return f"`{type(error).__name__}`"
    except ValueError:
        return f"{answer.status_code}, no JSON" if answer.status_code == 200 else str(answer.status_code)
    return str(answer.status_code)


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_fault_becomes(site: Balanced, http: httpx.Client, program: str, fault: str) -> None:
    """A client sees what the table of the page says, and the balancer never sends a request again."""
    (table,) = tables("mockserver/README.md", "What a fault becomes")
    columns = {"nginx": 3, "haproxy": 2}
    (row,) = [row for row in table if row[0] == f"`{fault}`"]
    key = f"lk_fault{next(numbers)}"
    played = scenario("clado", "completed", faults=[{"when": {"every": 1}, **FAULTS[fault]}])
    http.put("/__jobmock/scenario", headers=of(key), json={"scenario": played}).raise_for_status()
    path = f"{JOBS['clado']}/{start(http, key)}"
    kept, _, new = row[columns[program]].partition(", or ")
    assert what_client_sees(http, path, key) == kept
    with httpx.Client(base_url=site.url, trust_env=False) as other:
        assert what_client_sees(other, path, key) == (new.removesuffix(" on a new connection") or kept)
    exchanges = http.get("/__jobmock/journal", headers=of(key)).json()["exchanges"]
    assert [one["operation"] for one in exchanges] == ["start", "status", "status"]
    own = next(one for one in site.servers if http.get(f"{one.url}/__jobmock/jobs", headers=of(key)).json()["jobs"])
    with httpx.Client(base_url=own.url, trust_env=False) as direct:
        assert what_client_sees(direct, path, key) == row[1]


def test_server_that_goes(program: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """After `kill -9` of one server its keys get 502 or 503, and no other key notices anything."""
    with (
        balanced(program, tmp_path_factory.mktemp("gone"), "--time", "manual", count=3) as site,
        httpx.Client(base_url=site.url, trust_env=False, timeout=HANGS) as http,
    ):
        jobs = {key: start(http, key) for key in KEYS}
        counts = namespaces(site)
        gone, refused = counts.index(max(counts)), {"haproxy": 503, "nginx": 502}[program]
        site.servers[gone].end(signal.SIGKILL)
        for _ in range(2):
            seen = [http.get(f"{JOBS['clado']}/{job}", headers=of(key)).status_code for key, job in jobs.items()]
            assert sorted(seen) == [200] * (len(KEYS) - counts[gone]) + [refused] * counts[gone]
