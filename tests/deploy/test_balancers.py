"""Several servers behind HAProxy and nginx: each key has one server, and a client sees what it sees of one server."""

from __future__ import annotations

import itertools
import json
import signal
import socket
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.deploy.balancers import BALANCERS, Balanced, balanced, balancer, missing
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


def exchanges(http: httpx.Client, key: str) -> list[dict[str, Any]]:
    """Return what the journal has of a key."""
    found: list[dict[str, Any]] = http.get("/__jobmock/journal", headers=of(key)).json()["exchanges"]
    return found


def until(is_so: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + HANGS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("form", ["{}", "{},ci", "{}--slow"])
def test_each_key_stays_at_one_server(site: Balanced, http: httpx.Client, form: str) -> None:
    """All requests of a key reach one namespace, in any spelling of the header. Keys are at several servers."""
    before, jobs = namespaces(site), {key: start(http, key) for key in map(form.format, KEYS)}
    for key, job in jobs.items():
        for sent in (f"Bearer {key}", f"bearer  {key}", f"BEARER \t {key}"):
            assert http.get(f"{JOBS['clado']}/{job}", headers={"Authorization": sent}).status_code == 200
        rows = http.get("/__jobmock/jobs", headers=of(key)).json()["jobs"]
        assert [(row["id"], row["polls"]) for row in rows] == [(job, 3)]
    opened = [after - count for after, count in zip(namespaces(site), before, strict=True)]
    assert sum(opened) == len(KEYS)
    assert sum(map(bool, opened)) > 1


def test_server_that_is_taken_out(program: str, site: Balanced, http: httpx.Client, tmp_path: Path) -> None:
    """With one server fewer in the configuration, the keys of all others stay where they were."""
    before = namespaces(site)
    jobs = {key: start(http, key) for key in (f"lk_taken{number}" for number in range(64))}
    moved = namespaces(site)[-1] - before[-1]
    ports = [int(one.ready["port"]) for one in site.servers[:-1]]
    with balancer(program, tmp_path, ports) as (url, _), httpx.Client(base_url=url, trust_env=False) as fewer:
        seen = [fewer.get(f"{JOBS['clado']}/{job}", headers=of(key)).status_code for key, job in jobs.items()]
    assert sorted(seen) == [200] * (len(jobs) - moved) + [404] * moved


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


@pytest.mark.parametrize(("body", "header"), [(2 << 20, 0), (0, 12_000)], ids=["body", "header"])
def test_large_requests(site: Balanced, http: httpx.Client, body: int, header: int) -> None:
    """A body that is too large for the API, and a long header, get the server's own answer."""
    headers = {**of("lk_large"), "X-Long": "x" * header}
    with httpx.Client(base_url=site.servers[0].url, trust_env=False) as direct:
        answers = [client.post(JOBS["clado"], content=b" " * body, headers=headers) for client in (direct, http)]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1, answers


def test_dripping_answer(http: httpx.Client) -> None:
    """A dripping answer arrives in pieces: the first one before the clock has moved."""
    key = "lk_dripping"
    played = scenario("clado", "completed", faults=[{"when": {"every": 1}, "drip": {"bytes": 100, "every": "1s"}}])
    http.put("/__jobmock/scenario", headers=of(key), json={"scenario": played}).raise_for_status()
    with http.stream("GET", f"{JOBS['clado']}/{start(http, key)}", headers=of(key)) as answer:
        pieces = answer.iter_raw()
        assert len(first := next(pieces)) <= 100
        http.post("/__jobmock/clock/advance", headers=of(key), json={"seconds": 3600}).raise_for_status()
        assert json.loads(b"".join([first, *pieces]))["status"] == "completed"


def test_client_that_leaves(site: Balanced, http: httpx.Client) -> None:
    """A client that hangs up while its answer is held is noted as without a balancer: the answer is lost."""
    key, wanted = "lk_leaving", scenario("clado", "completed", faults=[{"when": {"every": 1}, "delay": "1h"}])
    http.put("/__jobmock/scenario", headers=of(key), json={"scenario": wanted}).raise_for_status()
    host, _, port = site.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), HANGS) as connection:
        head = f"GET {JOBS['clado']}/{start(http, key)} HTTP/1.1\r\nHost: localhost\r\n"
        connection.sendall(f"{head}Authorization: {of(key)['Authorization']}\r\n\r\n".encode())
        until(lambda: len(exchanges(http, key)) == 2)
    until(lambda: exchanges(http, key)[-1]["outcome"] == "lost")


def test_connections_of_clients_are_apart(site: Balanced, http: httpx.Client, program: str) -> None:
    """Clients share no connection to a server. HAProxy keeps one for each, and nginx opens one for each request."""
    key = "lk_apart"
    with httpx.Client(base_url=site.url, trust_env=False) as other:
        for client in (http, other, http, other):
            client.get("/api/credits", headers=of(key)).raise_for_status()
    used = [one["connection"] for one in exchanges(http, key)]
    assert [used.index(one) for one in used] == {"haproxy": [0, 1, 0, 1], "nginx": [0, 1, 2, 3]}[program]


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
    assert [one["operation"] for one in exchanges(http, key)] == ["start", "status", "status"]
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
