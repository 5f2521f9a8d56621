"""Libraries that retry: the journal shows their exact waits, and shows a client that misreads a unit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import httpx
import httpx_retries
import pytest
import requests
import stamina
import tenacity
from requests.adapters import HTTPAdapter
from tests.support import EPOCH, scenario
from tests.virtual.conftest import KEY, Serve, ServedMock
from urllib3 import Retry

from jobmock.clock import SECOND

WAIT = tenacity.wait_exponential(multiplier=1)
TIMES = [0, 1, 3, 7]


def refused_starts(times: int, respond: str = "rate_limited") -> Any:
    """Return a scenario whose first requests to start a job are refused."""
    fault = {"operation": "start", "when": {"requests": {"from": 1, "to": times}}, "respond": respond}
    return scenario("clado", "completed", faults=[fault])


class Refused(Exception):
    """The answer was an error."""


def start(mock: ServedMock) -> None:
    """Start a job, once."""
    if httpx.post(mock.job, json={"query": "x"}, headers=KEY).is_error:
        raise Refused


async def start_async(mock: ServedMock) -> None:
    """Start a job, once, in an event loop."""
    async with httpx.AsyncClient(headers=KEY) as client:
        if (await client.post(mock.job, json={"query": "x"})).is_error:
            raise Refused


def _stamina(function: Any) -> Any:
    waits = {"wait_initial": 1, "wait_exp_base": 2, "wait_jitter": 0, "wait_max": 60}
    return stamina.retry(on=Refused, attempts=5, timeout=900, **waits)(function)


RETRIES: dict[str, Callable[[ServedMock], Any]] = {
    "tenacity": lambda mock: tenacity.retry(wait=WAIT)(start)(mock),
    "tenacity on asyncio": lambda mock: asyncio.run(tenacity.retry(wait=WAIT)(start_async)(mock)),
    "stamina": lambda mock: _stamina(start)(mock),
    "stamina on asyncio": lambda mock: asyncio.run(_stamina(start_async)(mock)),
}


@pytest.mark.parametrize("play", RETRIES.values(), ids=RETRIES)
def test_growing_waits(serve: Serve, play: Callable[[ServedMock], Any]) -> None:
    """Waits of 1, 2 and 4 s are 1, 2 and 4 s of the namespace's clock."""
    with serve(refused_starts(3)) as mock:
        play(mock)
        assert mock.times() == TIMES


def _urllib3(mock: ServedMock) -> None:
    retry = Retry(total=5, status_forcelist=[429, 503], allowed_methods=None, respect_retry_after_header=True)
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=retry))
        session.post(mock.job, json={"query": "x"}, headers=KEY).raise_for_status()


def _httpx_retries(mock: ServedMock) -> None:
    retry = httpx_retries.Retry(total=5, allowed_methods=["POST"], backoff_jitter=0)
    with httpx.Client(transport=httpx_retries.RetryTransport(retry=retry), headers=KEY) as client:
        client.post(mock.job, json={"query": "x"}).raise_for_status()


@pytest.mark.parametrize("respond", ["rate_limited", "unavailable"])
@pytest.mark.parametrize("play", [_urllib3, _httpx_retries])
def test_retry_after(serve: Serve, play: Callable[[ServedMock], None], respond: str) -> None:
    """A library that respects Retry-After retries exactly when Retry-After says, as the journal shows."""
    with serve(refused_starts(2, respond)) as mock:
        play(mock)
        exchanges = mock.journal()
        due = [EPOCH if exchange.retry is None else exchange.retry for exchange in exchanges[:-1]]
        assert len(exchanges) == 3
        if respond == "rate_limited":
            assert mock.times()[1:] == [(moment - EPOCH) / SECOND for moment in due]
        else:
            assert mock.times() == sorted(mock.times())


def test_seconds_read_as_milliseconds(serve: Serve) -> None:
    """The journal shows the short waits of a client that reads Retry-After as milliseconds."""
    with serve(refused_starts(20)) as mock, httpx.Client(headers=KEY) as client:
        while (answer := client.post(mock.job, json={"query": "x"})).status_code == 429:
            time.sleep(int(answer.headers["retry-after"]) / 1000)
            retry = int(answer.headers["retry-after"])
        times = mock.times()
        assert len(times) == 21
        waits = [round(later - before, 9) for before, later in pairwise(times)]
        assert waits == [retry / 1000] * 20
