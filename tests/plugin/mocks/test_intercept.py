"""Clients whose code names the real host: `intercept` sends their calls to the mock, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
import requests

from pytest_jobmock.mocks.intercept import HostRefused, Intercept, redirected
from pytest_jobmock.mocks.mock import Mock

from ..conftest import Project

CLADO = "https://search.clado.ai/api/credits"
ORBIT = "https://api.orbitsearch.com/v2/developer/deep-search/nobody"
HEADERS = {"clado": {"Authorization": "Bearer lk_mine"}, "orbit": {"Authorization": "Bearer sk_orb_mine"}}
PLACES = [
    (httpx.HTTPTransport, "handle_request"), (httpx.AsyncHTTPTransport, "handle_async_request"),
    (httpx2.HTTPTransport, "handle_request"), (httpx2.AsyncHTTPTransport, "handle_async_request"),
    (requests.adapters.HTTPAdapter, "send"), (aiohttp.ClientSession, "_request"),
]  # fmt: skip
REAL = [getattr(owner, name) for owner, name in PLACES]


def by_httpx(url: str, api: str) -> int:
    return httpx.get(url, headers=HEADERS[api]).status_code


def by_httpx2(url: str, api: str) -> int:
    return httpx2.get(url, headers=HEADERS[api]).status_code


def by_async(library: Any) -> Callable[[str, str], int]:
    def ask(url: str, api: str) -> int:
        async def get() -> int:
            async with library.AsyncClient(headers=HEADERS[api]) as client:
                return int((await client.get(url)).status_code)

        return asyncio.run(get())

    return ask


def by_requests(url: str, api: str) -> int:
    return requests.get(url, headers=HEADERS[api], timeout=5).status_code


def by_aiohttp(url: str, api: str) -> int:
    async def get() -> int:
        async with aiohttp.ClientSession(headers=HEADERS[api]) as session, session.get(url) as answer:
            return answer.status

    return asyncio.run(get())


def by_aiohttp_with_a_base(url: str, api: str) -> int:
    base, slash, path = url.partition("/api/") if "/api/" in url else url.partition("/v2/")

    async def get() -> int:
        async with aiohttp.ClientSession(base, headers=HEADERS[api]) as session, session.get(slash + path) as answer:
            return answer.status

    return asyncio.run(get())


ASK = {
    "httpx": by_httpx, "httpx async": by_async(httpx), "httpx2": by_httpx2, "httpx2 async": by_async(httpx2),
    "requests": by_requests, "aiohttp": by_aiohttp, "aiohttp with a base": by_aiohttp_with_a_base,
}  # fmt: skip


@pytest.mark.parametrize("library", ASK)
def test_calls_to_the_real_hosts_come_here(library: str, clado_mock: Mock, orbit_mock: Mock) -> None:
    """Each library's calls to either API go to that API's mock. Any other host is refused, by name."""
    ask = ASK[library]
    with clado_mock.intercept(), orbit_mock.intercept():
        assert ask(CLADO, "clado") == 200
        assert ask(ORBIT, "orbit") == 404
        with pytest.raises(HostRefused, match=r"Allowed hosts: api\.orbitsearch\.com, search\.clado\.ai") as caught:
            ask("https://api.clado.ai/api/credits?key=x", "clado")
    assert "intercept() refused a call to https://api.clado.ai/api/credits. " in str(caught.value)
    assert "key=x" not in str(caught.value)
    assert isinstance(caught.value, AssertionError)
    assert [one.path for one in clado_mock.journal] == ["/api/credits"]
    assert [one.path for one in orbit_mock.journal] == [ORBIT.removeprefix("https://api.orbitsearch.com")]


def test_host_that_is_allowed_is_left_alone(clado_mock: Mock, orbit_mock: Mock) -> None:
    """`allow=` lets one or several hosts through. The mock's own address always is."""
    other = orbit_mock.url
    with clado_mock.intercept():
        assert by_httpx(clado_mock.url + "/api/credits", "clado") == 200
        with pytest.raises(HostRefused):
            by_httpx(other, "orbit")
        with pytest.raises(HostRefused):
            redirected(f"{clado_mock.url}0/")
    for allow in ("127.0.0.1", ["127.0.0.1"]):
        with clado_mock.intercept(allow=allow):
            assert by_httpx(other, "orbit") == 404
            assert by_requests(other, "orbit") == 404


def test_everything_is_put_back(clado_mock: Mock, orbit_mock: Mock) -> None:
    """After the block, or the last of several in any order, each library is as it was before."""
    first = clado_mock.intercept()
    with orbit_mock.intercept():
        assert [getattr(owner, name) for owner, name in PLACES] != REAL
        first.__exit__()
        assert by_httpx(ORBIT, "orbit") == 404
        with pytest.raises(HostRefused):
            by_httpx(CLADO, "clado")
    assert [getattr(owner, name) for owner, name in PLACES] == REAL
    assert Intercept.active == []


def test_without_a_block_it_holds_to_the_tests_end(project: Project) -> None:
    """Without a block it holds until its test ends, whether that passes or fails, and not for the next test."""
    project.write(
        "test_sample.py",
        """
        import httpx, pytest

        before = httpx.HTTPTransport.handle_request

        @pytest.mark.parametrize("red", [False, True])
        def test_rest(clado_mock, red):
            clado_mock.intercept()
            clado_mock.intercept()
            for _ in range(2):
                httpx.get("https://search.clado.ai/api/credits", headers={"Authorization": "Bearer lk_x"})
            assert len(clado_mock.journal) == 2
            assert not red

        def test_next(clado_mock):
            assert httpx.HTTPTransport.handle_request is before
        """,
    )
    project.run().assert_outcomes(passed=2, failed=1)


def test_sessions_made_before_are_caught(clado_mock: Mock) -> None:
    """Clients and sessions that exist already go to the mock too, with the bodies of their requests."""
    session = requests.Session()
    with httpx.Client(base_url="https://search.clado.ai", headers=HEADERS["clado"]) as client, session:
        clado_mock.intercept()
        started = client.post("/api/search/deep_research", json={"query": "x", "limit": 2})
        place = f"https://search.clado.ai/api/search/deep_research/{started.json()['job_id']}"
        assert session.get(place, headers=HEADERS["clado"], timeout=5).json()["status"] == "pending"
        assert client.get(place, params={"page": 1}).status_code == 200
    assert [one.query for one in clado_mock.journal] == ["", "", "page=1"]


def test_library_that_the_client_imports_later_is_caught(project: Project) -> None:
    """A client that imports its library in the test, after `intercept()`, doesn't get through to the real host."""
    project.write(
        "test_sample.py",
        """
        import sys

        import pytest

        @pytest.mark.parametrize("library", ["httpx2", "requests"])
        def test_late(clado_mock, library):
            assert library not in sys.modules
            clado_mock.intercept()
            late = __import__(library)
            answer = late.get("https://search.clado.ai/api/credits", headers={"Authorization": "Bearer lk_x"})
            assert answer.status_code == 200
            with pytest.raises(AssertionError, match="refused"):
                late.get("https://other.invalid/")
            for name in [name for name in sys.modules if name.partition(".")[0] == "requests"]:
                del sys.modules[name]
        """,
    )
    project.run_fresh().assert_outcomes(passed=2)
