"""The stream of events, over real sockets: what is in it, when, and for how many readers."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from tests.support import EPOCH, HANGS, KEYS, Mock, served

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.server.app import create_app
from jobmock.server.page import changes, event_stream
from jobmock.server.serving import running
from jobmock.service.service import Service

CLADO = KEYS["clado"]
ADDRESS = "/__jobmock/events"


@pytest.fixture
def mock(catalogue: Catalogue) -> Mock:
    return Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH))))


@pytest.fixture
def client(mock: Mock) -> Iterator[httpx.Client]:
    with running(create_app(mock.service)) as url, httpx.Client(base_url=url, timeout=HANGS) as opened:
        yield opened


@contextmanager
def reading(client: httpx.Client) -> Iterator[Iterator[dict[str, Any]]]:
    """Open a stream, and yield its events."""
    with client.stream("GET", ADDRESS) as answer:
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/event-stream")
        yield _events(answer)


def _events(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    """Yield the events of a stream. A comment says that nothing has changed for long, so what is awaited won't come."""
    for line in answer.iter_lines():
        assert not line.startswith(":"), "No event has come for 15 s."
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def until(events: Iterator[dict[str, Any]], name: str, member: str, value: Any) -> dict[str, Any]:
    """Return the row of a namespace in the first event in which a member of it has a value."""
    for event in events:
        for row in event["namespaces"]:
            if row["name"] == name and row[member] == value:
                return dict(row)
    raise AssertionError("The stream has ended.")


def test_the_first_event_has_everything(client: httpx.Client, mock: Mock) -> None:
    """It has each namespace with its counts, its clock and its scenario, the last used one first."""
    job = mock.start("clado")
    mock.poll("clado", job)
    mock.start("orbit")
    with reading(client) as events:
        first = next(events)
    assert (first["complete"], first["more"], first["closed"]) == (True, 0, [])
    strays, orbit, clado = first["namespaces"]
    assert (strays["name"], strays["api"], strays["clock"]) == ("without-key", None, None)
    assert (orbit["api"], orbit["scenario"]) == ("orbit", "orbit/usual")
    assert (clado["requests"], clado["jobs"], clado["cleared"]) == (2, 1, 0)
    clock = client.get(f"/__jobmock/clock?namespace={clado['name']}").json()
    assert {**clado["clock"], "answering": 0} == clock


def test_what_changes_is_in_a_later_event(client: httpx.Client, mock: Mock) -> None:
    """A request, a job, a move of the clock, another scenario and a cleared journal are each seen, without any call."""
    name = mock.namespace("clado").name
    with reading(client) as events:
        next(events)
        client.get("/api/credits", headers={"authorization": f"Bearer {CLADO}"})
        until(events, name, "requests", 1)
        client.post("/__jobmock/jobs", json={"scenario": "clado/slow", "namespace": name})
        until(events, name, "jobs", 1)
        client.post("/__jobmock/clock/advance", json={"seconds": 2.5, "namespace": name})
        while until(events, name, "jobs", 1)["clock"]["elapsed"] != 2.5:
            pass
        client.put("/__jobmock/scenario", json={"scenario": "clado/slow", "namespace": name})
        until(events, name, "scenario", "clado/slow")
        client.request("DELETE", "/__jobmock/journal")
        assert until(events, name, "cleared", 1)["requests"] == 0
        client.get("/nowhere")
        until(events, "without-key", "requests", 1)


def test_a_closed_namespace_is_named(catalogue: Catalogue) -> None:
    """A namespace that had to go is under `closed`."""
    mock = Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH), most=2)))
    gone = mock.namespace("clado", "lk_first").name
    server = running(create_app(mock.service))
    with server as url, httpx.Client(base_url=url, timeout=HANGS) as client, reading(client) as events:
        next(events)
        for key in ("lk_second", "lk_third"):
            client.get("/api/credits", headers={"authorization": f"Bearer {key}"})
        closed = next(event["closed"] for event in events if event["closed"])
    assert closed == [gone]


def test_only_the_last_used_namespaces_are_shown(
    client: httpx.Client, mock: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of very many namespaces the last used ones are shown, and the others are counted."""
    monkeypatch.setattr(changes, "MOST_SHOWN", 2)
    names = [mock.namespace("clado", f"lk_{number}").name for number in range(5)]
    with reading(client) as events:
        first = next(events)
    assert [row["name"] for row in first["namespaces"][1:]] == [names[4], names[3]] and first["more"] == 3


def test_a_reader_that_is_behind_gets_everything(
    client: httpx.Client, mock: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events that a slow reader didn't get aren't kept: the next one has everything again."""
    monkeypatch.setattr(event_stream, "_MOST_WAITING", 0)
    name = mock.namespace("clado").name
    with reading(client) as events:
        assert next(events)["complete"]
        client.post("/__jobmock/clock/advance", json={"seconds": 1, "namespace": name})
        assert next(events)["complete"]


def test_the_streams_are_limited(client: httpx.Client, mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """One stream too many is 503 in words, and a stream that is closed makes room."""
    monkeypatch.setattr(event_stream, "MOST_READERS", 3)
    with ExitStack() as stack:
        opened = [stack.enter_context(reading(client)) for _ in range(3)]
        assert all(next(events)["complete"] for events in opened)
        refused = client.get(ADDRESS)
        assert refused.status_code == 503 and refused.json()["detail"].startswith("3 streams of events are open, ")
    for _ in range(1_000):
        with client.stream("GET", ADDRESS) as answer:
            if answer.status_code == 200:
                break
    else:
        raise AssertionError("Closed streams make no room.")


def test_a_silent_stream_has_comments(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment comes after a silence, so that proxies keep the connection open."""
    monkeypatch.setattr(event_stream, "_SILENCE", 0.05)
    with client.stream("GET", ADDRESS) as answer:
        assert next(line for line in answer.iter_lines() if line.startswith(":"))


def test_an_open_stream_keeps_no_server_from_ending() -> None:
    """A server that is ended ends its streams by itself, each with a complete answer."""
    with served() as server, httpx.stream("GET", f"{server.url}{ADDRESS}", timeout=HANGS) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: state"
        assert server.end(signal.SIGTERM) == 0
        assert "event: state" not in list(lines)
