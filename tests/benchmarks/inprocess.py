"""One status poll by `httpx.Client` in process: jobmock's transport beside mocks that repeat a constant reply.

The cost of the client is in every figure. Blocks of polls alternate, and their processor time is measured.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

import httpx
import requests
import responses
import respx
from tests.benchmarks.cases import CASES, KEYS
from tests.campaigns.reporting import progress_bar
from tests.support import EPOCH, Mock

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.models import Limit
from jobmock.service.service import Service
from jobmock.transport import in_process

BASE, OWN = "httpx MockTransport", "jobmock"
MOST = 1.3
"""The most that jobmock may cost, as a multiple of the base's cost."""
_CASE = CASES[0]
_URL = f"http://api.invalid{_CASE.target}"
_JSON = {"content-type": "application/json"}
_BLOCK = 200
Send = Callable[[], Any]


def _service() -> Mock:
    """Return a service with all features, whose bucket is charged and never refuses."""
    limits = {_CASE.api: {"status": Limit(requests=10**9, period=1)}}
    return Mock(Service(Catalogue(), Namespaces(clock=lambda: Clock("manual", start=EPOCH)), limits=limits))


def _jobmock_client() -> tuple[Mock, httpx.Client]:
    mock = _service()
    plan = mock.service.catalogue.resolve(_CASE.scenario, _CASE.api)
    mock.service.place(mock.namespace(_CASE.api, KEYS[_CASE.api]), plan, _CASE.job)
    return mock, httpx.Client(transport=in_process(mock.service), headers=_CASE.headers)


@contextmanager
def subjects(own: httpx.Client, body: bytes) -> Iterator[dict[str, Send]]:
    """Yield a function for each subject that polls once; the others repeat jobmock's answer."""
    constant = httpx.MockTransport(lambda request: httpx.Response(200, headers=_JSON, content=body))
    inside: Any = import_module("pytest_httpx._httpx_mock")  # its fixture works only in a test
    patched = inside.HTTPXMock(inside._HTTPXMockOptions())
    patched.add_response(content=body, headers=_JSON, is_reusable=True)
    clients = {
        BASE: httpx.Client(transport=constant, headers=_CASE.headers),
        OWN: own,
        "pytest-httpx": httpx.Client(transport=_Patched(patched), headers=_CASE.headers),
        "respx": httpx.Client(verify=False, headers=_CASE.headers),
    }
    senders: dict[str, Send] = {who: partial(client.get, _URL) for who, client in clients.items()}
    with respx.mock() as router, responses.RequestsMock() as answering, requests.Session() as session:
        router.get(_URL).respond(200, headers=_JSON, content=body)
        answering.add(responses.GET, _URL, body=body, content_type="application/json")
        senders["responses, requests"] = lambda: session.get(_URL, headers=_CASE.headers)
        yield senders


class _Patched(httpx.BaseTransport):
    """The transport that pytest-httpx puts in place of a client's own."""

    def __init__(self, mock: Any) -> None:
        self._mock, self._real = mock, httpx.HTTPTransport(verify=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer: httpx.Response = self._mock._handle_request(self._real, request)
        return answer


def _microseconds(send: Send) -> float:
    began = time.process_time()
    for _ in range(_BLOCK):
        send()
    return (time.process_time() - began) / _BLOCK * 1e6


def run(rounds: int = 25) -> dict[str, Any]:
    """Print the table; return every figure, and as `ratios` the base's cost as a share of each subject's.

    Raises SystemExit if jobmock's best block costs more than the limit.
    """
    mock, client = _jobmock_client()
    body = client.get(_URL).raise_for_status().content
    with subjects(client, body) as senders:
        times: dict[str, list[float]] = {who: [] for who in senders}
        for turn, who in progress_bar([(turn, who) for turn in range(rounds + 1) for who in senders], "in process"):
            answer = senders[who]()
            assert answer.status_code == 200 and answer.content == body
            one = _microseconds(senders[who])
            if turn:  # the first one warms up
                times[who].append(one)
    recorded = mock.namespace(_CASE.api, KEYS[_CASE.api]).journal.count
    if recorded != (rounds + 1) * (_BLOCK + 1) + 1:
        raise SystemExit(f"The journal has {recorded} exchanges, which isn't every poll.")
    best = {who: min(taken) for who, taken in times.items()}
    for who, taken in times.items():
        print(f"{who:<20} {best[who]:6.1f} µs at best, median {statistics.median(taken):6.1f};"
              f" {best[who] / best[BASE]:.2f} times {BASE}")  # fmt: skip
    if best[OWN] > MOST * best[BASE]:
        raise SystemExit(f"A poll in process costs more than {MOST} times {BASE}.")
    return {"microseconds": best, "ratios": {who: best[BASE] / own for who, own in best.items()}}
