"""A client sees the same over a socket and in process: each fault, with each library, whole and streamed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pytest
from tests.support import HANGS, Mock, part
from tests.transport.clients import EVERY_WAY, LIBRARIES, WAYS, Asked, Seen, ask, faulty, keys, lost, service

from jobmock.catalogue import Catalogue
from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.transport import in_process

PATIENCE = HANGS, 0.15, HANGS, HANGS  # to connect, to read, to write, for the pool
PATIENT = HANGS, 1.0, HANGS, HANGS  # where a first piece must come in time, however busy the machine is
_keys = keys("parity")

# Each fault, and the exception that a client sees of it, or the status where it sees an answer.
QUICK: dict[str, tuple[dict[str, Any], str | int]] = {
    "no_fault": ({"when": {"request": 9}, "hang": True}, 200),
    "limited": ({"respond": "rate_limited"}, 429),
    "limited_seconds": ({"respond": "rate_limited", "retry_after": 7}, 429),
    "limited_date": ({"respond": "rate_limited", "retry_after": {"date": 60}}, 429),
    "limited_absent": ({"respond": "rate_limited", "retry_after": "absent"}, 429),
    "unavailable": ({"respond": "unavailable"}, 503),
    "unavailable_seconds": ({"respond": {"status": 503}, "retry_after": 0}, 503),
    "unavailable_date": ({"respond": {"status": 503}, "retry_after": {"date": 1}}, 503),
    "not_found": ({"respond": {"status": 404}}, 404),
    "unprocessable": ({"respond": {"status": 422}}, 422),
    "too_large": ({"respond": {"status": 413}}, 413),
    "no_content": ({"respond": {"status": 204, "body": {}}}, 204),
    "not_modified": ({"respond": {"status": 304, "body": {}}}, 304),
    "redirect": ({"respond": {"status": 302, "body": {}, "headers": {"Location": "/elsewhere"}}}, 302),
    "unassigned": ({"respond": {"status": 599, "body": "schön", "headers": {"X-One": "1"}}}, 599),
    "no_object": ({"respond": {"status": 200, "body": [None, 1.5]}}, 200),
    "before_response": ({"disconnect": "before_response"}, "RemoteProtocolError"),
    "reset": ({"disconnect": "reset"}, "ReadError"),
    "mid_body": ({"disconnect": "mid_body"}, "ReadError"),
    "short_body": ({"corrupt": "short_body"}, "RemoteProtocolError"),
    "garbage": ({"corrupt": "garbage"}, "RemoteProtocolError"),
    "truncated_json": ({"corrupt": "truncated_json"}, 200),
    "empty_body": ({"corrupt": "empty_body"}, 200),
    "wrong_content_type": ({"corrupt": "wrong_content_type"}, 200),
    "drip": ({"drip": {"bytes": 700, "every": "5s"}}, 200),
    "drip_at_once": ({"drip": {"bytes": 1_000_000, "every": "60s"}}, 200),
    "delay": ({"delay": "3s"}, 200),
    "delay_uniform": ({"delay": {"uniform": ["2s", "9s"]}}, 200),
    "delay_lognormal": ({"delay": {"lognormal": {"median": "2s", "sigma": 0.5}}}, 200),
    "late_refusal": ({"delay": "3s", "respond": "server_error"}, 500),
    "late_reset": ({"delay": "3s", "disconnect": "reset"}, "ReadError"),
    "late_half": ({"delay": "3s", "disconnect": "mid_body"}, "ReadError"),
}
SLOW: dict[str, tuple[dict[str, Any], str]] = {
    "hang": ({"hang": True}, "ReadTimeout"),
    "late_hang": ({"delay": "60s", "hang": True}, "ReadTimeout"),
    "long_delay": ({"delay": "60s"}, "ReadTimeout"),
    "long_delay_then_reset": ({"delay": "60s", "disconnect": "reset"}, "ReadTimeout"),
    "slow_drip": ({"drip": {"bytes": 100, "every": "60s"}}, "ReadTimeout"),
}
HOW = {"whole": False, "streamed": True}


def rows(names: Iterable[str]) -> list[Any]:
    """Return faults with ways to meet them: each fault and each way a few times, or all pairs in the campaign."""
    every = [(name, *way, how) for name in names for way in WAYS for how in HOW]
    return [pytest.param(*row[:3], HOW[row[3]], id="-".join(row)) for row in part(every, 3)]


class Wire(NamedTuple):
    """A server on a socket, and the service behind it."""

    mock: Mock
    url: str


def _wire(mock: Mock) -> Iterator[Wire]:
    with running(create_app(mock.service)) as url:
        yield Wire(mock, url)


@pytest.fixture(scope="module")
def skipping(catalogue: Catalogue) -> Iterator[Wire]:
    yield from _wire(service(catalogue, "skip-delays"))


@pytest.fixture(scope="module")
def real(catalogue: Catalogue) -> Iterator[Wire]:
    yield from _wire(service(catalogue, "real"))


def seen_by(library: str, kind: str, mock: Mock, url: str, transport: Any, fault: Any, first: Asked) -> list[Seen]:
    """Return what a client sees of a poll with the fault, and of its next poll."""
    path = url + faulty(mock, fault, first.key)
    return ask(library, kind, transport, first._replace(url=path), Asked(path, first.key))


def compare(wire: Wire, library: str, kind: str, fault: Any, first: Asked) -> tuple[Seen, set[int]]:
    """Return what a client saw of the fault, and the lost answers, if both ways were the same."""
    mock = service(wire.mock.service.catalogue)
    expected = seen_by(library, kind, wire.mock, wire.url, None, fault, first)
    assert seen_by(library, kind, mock, "", in_process(mock.service), fault, first) == expected
    assert expected[1].head and expected[1].head[0] == 200 and len(expected[1].body) > 9000
    missing, end = lost(mock, first.key), time.monotonic() + HANGS
    while lost(wire.mock, first.key) != missing and time.monotonic() < end:
        time.sleep(0.001)
    assert lost(wire.mock, first.key) == missing
    return expected[0], missing


def result(library: str, seen: Seen) -> str | int | None:
    """Return the name of the exception in its library, or the status."""
    return seen.error.removeprefix(f"{library}.") if seen.error else seen.head and seen.head[0]


@pytest.mark.parametrize(("name", "library", "kind", "streamed"), rows(QUICK))
def test_what_comes_in_time(skipping: Wire, name: str, library: str, kind: str, streamed: bool) -> None:
    """Without a timeout a client sees the same answer, or the same bytes and exception, as over a socket."""
    fault, outcome = QUICK[name]
    seen, _ = compare(skipping, library, kind, fault, Asked("", next(_keys), streamed=streamed))
    assert result(library, seen) == outcome


@pytest.mark.parametrize(("name", "library", "kind", "streamed"), rows(SLOW))
def test_what_comes_too_late(real: Wire, name: str, library: str, kind: str, streamed: bool) -> None:
    """An answer later than the read timeout is a ReadTimeout both ways, and is recorded as lost."""
    fault, outcome = SLOW[name]
    timeout = PATIENT if "drip" in fault else PATIENCE
    first = Asked("", next(_keys), timeout, streamed)
    seen, missing = compare(real, library, kind, fault, first)
    assert result(library, seen) == outcome and missing == {2}
    assert len(seen.body) == (100 if "drip" in fault and streamed else 0)


@EVERY_WAY
@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS"])
def test_other_methods(skipping: Wire, library: str, kind: str, method: str) -> None:
    """A refused method has the same answer both ways, and a HEAD has all headers but no body."""
    key, mock = next(_keys), service(skipping.mock.service.catalogue)
    path = faulty(skipping.mock, {"respond": "unavailable"}, key)
    assert path == faulty(mock, {"respond": "unavailable"}, key)
    asked = Asked(f"{path}?page=2&x=%2F", key, method=method)
    (wire,) = ask(library, kind, None, asked._replace(url=skipping.url + asked.url))
    assert ask(library, kind, in_process(mock.service), asked) == [wire]
    assert wire.head and wire.head[0] == 405 and (wire.body == b"") == (method == "HEAD")


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_client_that_leaves_a_slow_body_has_lost_it(real: Wire, library: str) -> None:
    """A client that leaves after the first piece of a dripped body has lost the answer, both ways."""
    key, mock = next(_keys), service(real.mock.service.catalogue)
    slow = {"drip": {"bytes": 100, "every": "60s"}}
    paths = [faulty(real.mock, slow, key), faulty(mock, slow, key)]
    for url, transport in ((real.url + paths[0], None), (f"http://jobmock{paths[1]}", in_process(mock.service))):
        with LIBRARIES[library].Client(transport=transport, trust_env=False) as client:  # noqa: SIM117
            with client.stream("GET", url, headers={"Authorization": f"Bearer {key}"}) as response:
                assert len(next(response.iter_raw())) == 100
    end = time.monotonic() + HANGS
    while lost(real.mock, key) != {2} and time.monotonic() < end:
        time.sleep(0.001)
    assert lost(real.mock, key) == lost(mock, key) == {2}
