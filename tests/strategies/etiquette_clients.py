"""The clients of `tests.etiquette` as `run_client` callables: they poll a job that exists, over any transport."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
from tests.campaigns.clients.wire import Answer, Lost
from tests.etiquette.clients import Client, Habits

TIMEOUT = 20.0


class HttpWire:
    """What a client sends with and sleeps by: `handle` takes an httpx request and returns the response."""

    def __init__(self, handle: Callable[[httpx.Request], httpx.Response], url: str, key: str) -> None:
        self._handle, self._url = handle, url
        self._headers = {"Authorization": f"Bearer {key}"}

    def send(self, method: str, path: str, query: str = "", body: Any = None) -> Answer:
        url = f"{self._url}{path}?{query}" if query else f"{self._url}{path}"
        limits = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT)}
        try:
            response = self._handle(httpx.Request(method, url, headers=self._headers, extensions=limits))
            response.read()
        except httpx.TransportError as error:
            raise Lost(str(error)) from error
        return Answer(status=response.status_code, headers=dict(response.headers), body=_parsed(response))

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))

    def now(self) -> float:
        return time.monotonic()


def _parsed(response: httpx.Response) -> Any:
    """Return the body; an error may come from somebody between, in any form. Raises Lost for what is no JSON."""
    try:
        if "json" not in response.headers.get("content-type", ""):
            raise ValueError("It isn't called JSON.")
        return json.loads(response.content)
    except ValueError as error:
        if response.status_code >= 400:
            return {}
        raise Lost(str(error)) from error


def in_process(kind: type[Client], api: str, habits: Habits | None = None) -> Callable[..., Any]:
    """Return a client that gets the mock in process."""

    def run_client(url: str, api_key: str, job_id: str, transport: Any) -> Any:
        return _polled(kind, api, habits, HttpWire(transport.handle_request, url, api_key), job_id)

    run_client.__qualname__ = run_client.__name__ = kind.__name__
    return run_client


def over_the_wire(kind: type[Client], api: str, habits: Habits | None = None) -> Callable[..., Any]:
    """Return the same client on real sockets."""

    def run_client(url: str, api_key: str, job_id: str) -> Any:
        with httpx.HTTPTransport() as transport:
            return _polled(kind, api, habits, HttpWire(transport.handle_request, url, api_key), job_id)

    run_client.__qualname__ = run_client.__name__ = kind.__name__
    return run_client


def _polled(kind: type[Client], api: str, habits: Habits | None, wire: HttpWire, job: str) -> Any:
    client = kind(api, wire, habits)
    client.began = wire.now()
    return client.collect(job, client.wait(job))
