"""Clients in an environment that names a proxy: they reach the mock, and nothing goes to the proxy."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import aiohttp
import httpx
import pytest
import requests

from pytest_jobmock.mocks.intercept import HostRefused
from pytest_jobmock.mocks.mock import Mock

from ..conftest import Project
from .http_clients import CLIENTS

KEY = {"Authorization": "Bearer lk_mine"}
REAL = "https://search.clado.ai/api/credits"
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


class Proxy:
    """A listening socket in a proxy's place."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def was_called(self) -> bool:
        try:
            self.socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A proxy that the environment names in every variable.

    urllib.request keeps the proxies of its first call for all later ones, so it begins anew here.
    """
    monkeypatch.setattr("urllib.request._opener", None)
    own = Proxy()
    for name in VARIABLES:
        monkeypatch.setenv(name, own.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield own
    own.socket.close()


@pytest.mark.parametrize("library", CLIENTS)
def test_calls_reach_the_mock(library: str, proxy: Proxy, clado_mock: Mock) -> None:
    """Each library's calls to the mock's URL, and its intercepted ones, reach the mock past the proxy."""
    get = CLIENTS[library]
    assert get(f"{clado_mock.url}/api/credits", KEY) == 200
    with clado_mock.intercept():
        assert get(REAL, KEY) == get(REAL.replace("https", "http"), KEY) == 200
    assert len(clado_mock.journal) == 3
    assert not proxy.was_called()


async def by_aiohttp(proxy: str) -> None:
    limit = aiohttp.ClientTimeout(5)
    async with aiohttp.ClientSession(timeout=limit) as session, session.get(REAL, headers=KEY, proxy=proxy):
        pass


@pytest.mark.parametrize("send", [
    lambda url: asyncio.run(by_aiohttp(url)),
    lambda url: httpx.Client(proxy=url).get(REAL, headers=KEY),
    lambda url: requests.get(REAL, headers=KEY, proxies={"https": url}, timeout=5),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_call_that_still_goes_to_the_proxy(send: Any, proxy: Proxy, clado_mock: Mock) -> None:
    """A client that ignores NO_PROXY is refused, and the message names a variable with that proxy."""
    clado_mock.intercept()
    assert requests.get(clado_mock.url, timeout=5).status_code == 404
    with pytest.raises(HostRefused, match=r"to 127\.0\.0\.1:\d+, the proxy in (\w+_PROXY)"):
        send(proxy.url)
    assert not proxy.was_called()


def test_proxy_elsewhere(clado_mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy on another machine is refused before its name is looked up, with the variable's name."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    with clado_mock.intercept(), pytest.raises(HostRefused, match=r"proxy\.invalid:3128, the proxy in HTTPS_PROXY"):
        requests.get(REAL, proxies={"https": "http://proxy.invalid:3128"}, timeout=5)


def test_proxy_that_is_allowed(proxy: Proxy, clado_mock: Mock) -> None:
    """A proxy in `allow` is let through."""
    with clado_mock.intercept(allow=["127.0.0.1"]), socket.create_connection(proxy.socket.getsockname(), 5):
        pass
    assert proxy.was_called()


@pytest.mark.skipif(shutil.which("curl") is None, reason="There is no curl here.")
@pytest.mark.jobmock(time="scaled")
def test_other_processes(proxy: Proxy, clado_mock: Mock) -> None:
    """A client in another process reaches the mock with `env()`, also where the test changed NO_PROXY."""
    command = ["curl", "-s", "-H", "Authorization: Bearer lk_mine", f"{clado_mock.url}/api/credits"]
    others = {name: value for name, value in os.environ.items() if name.lower() != "no_proxy"}
    with patch.dict(os.environ, {**others, "NO_PROXY": "internal.corp"}, clear=True):
        environment = clado_mock.env()
    assert environment["NO_PROXY"] == "internal.corp,127.0.0.1,search.clado.ai"
    done = subprocess.run(command, env=environment, capture_output=True, timeout=30, check=True)
    assert b"credits" in done.stdout
    assert not proxy.was_called()


def test_environment_after_a_test(project: Project) -> None:
    """After a test NO_PROXY is the user's own again, or absent."""
    project.write(
        "test_sample.py",
        """
        import os

        def own():
            return os.environ.get("NO_PROXY"), os.environ.get("no_proxy")

        before = own()

        def test_in(clado_mock, orbit_mock):
            for value in own():
                assert {"127.0.0.1", "search.clado.ai", "api.orbitsearch.com"} <= set(value.split(","))

        def test_after():
            assert own() == before
        """,
    )
    project.run().assert_outcomes(passed=2)
