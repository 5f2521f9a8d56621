"""Clients of many libraries that make one GET each, with certificates verified. Each returns the answer's status."""

from __future__ import annotations

import asyncio
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpcore
import httpx
import httpx2
import pytest
import requests
import trio
import urllib3

Headers = Mapping[str, str]
Get = Callable[[str, Headers], int]


def by_urllib(url: str, headers: Headers) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=dict(headers)), timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code)


def by_http_client(url: str, headers: Headers) -> int:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=5)
    try:
        connection.request("GET", parts.path, headers=dict(headers))
        return connection.getresponse().status
    finally:
        connection.close()


def by_urllib3(url: str, headers: Headers) -> int:
    with urllib3.PoolManager(retries=False) as pool:
        return pool.request("GET", url, headers=headers).status


def by_httpcore(url: str, headers: Headers) -> int:
    with httpcore.ConnectionPool() as pool:
        return pool.request("GET", url, headers=list(headers.items())).status


def by_httpx(url: str, headers: Headers) -> int:
    return httpx.get(url, headers=headers).status_code


def by_httpx2(url: str, headers: Headers) -> int:
    return httpx2.get(url, headers=headers).status_code


def by_requests(url: str, headers: Headers) -> int:
    return requests.get(url, headers=headers, timeout=5).status_code


def by_botocore(url: str, headers: Headers) -> int:
    requests = pytest.importorskip("botocore.awsrequest", reason="botocore isn't installed here.")
    session = pytest.importorskip("botocore.httpsession").URLLib3Session()
    return int(session.send(requests.AWSRequest("GET", url, headers=headers).prepare()).status_code)


def in_loop(get: Callable[[str, Headers], Any], run: Callable[..., int] = asyncio.run) -> Get:
    """Return a client that runs a coroutine function on a new event loop."""
    if run is asyncio.run:
        return lambda url, headers: asyncio.run(get(url, headers))
    return lambda url, headers: run(get, url, headers)


async def httpcore_async(url: str, headers: Headers) -> int:
    async with httpcore.AsyncConnectionPool() as pool:
        return (await pool.request("GET", url, headers=list(headers.items()))).status


async def httpx_async(url: str, headers: Headers) -> int:
    async with httpx.AsyncClient(headers=headers) as client:
        return (await client.get(url)).status_code


async def httpx2_async(url: str, headers: Headers) -> int:
    async with httpx2.AsyncClient(headers=headers) as client:
        return (await client.get(url)).status_code


async def aiohttp_async(url: str, headers: Headers) -> int:
    connector = aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver())
    async with (
        aiohttp.ClientSession(headers=headers, trust_env=True, connector=connector) as session,
        session.get(url) as answer,
    ):
        return answer.status


async def aiohttp_with_a_base(url: str, headers: Headers) -> int:
    parts = urlsplit(url)
    async with (
        aiohttp.ClientSession(f"{parts.scheme}://{parts.netloc}", headers=headers) as session,
        session.get(parts.path) as answer,
    ):
        return answer.status


async def aiohttp_with_aiodns(url: str, headers: Headers) -> int:
    pytest.importorskip("aiodns", reason="aiodns isn't installed here.")
    connector = aiohttp.TCPConnector(resolver=aiohttp.AsyncResolver())
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session, session.get(url) as answer:
        return answer.status


CLIENTS: dict[str, Get] = {
    "urllib": by_urllib, "http.client": by_http_client, "urllib3": by_urllib3, "httpcore": by_httpcore,
    "httpcore async": in_loop(httpcore_async), "httpx": by_httpx, "httpx asyncio": in_loop(httpx_async),
    "httpx trio": in_loop(httpx_async, trio.run), "httpx2": by_httpx2, "httpx2 asyncio": in_loop(httpx2_async),
    "httpx2 trio": in_loop(httpx2_async, trio.run), "requests": by_requests, "aiohttp": in_loop(aiohttp_async),
    "aiohttp with a base": in_loop(aiohttp_with_a_base), "aiohttp with aiodns": in_loop(aiohttp_with_aiodns),
    "botocore": by_botocore,
}  # fmt: skip
NAMED = {"urllib": "urllib.request"}
"""The library that a refusal names, where it isn't the first word of the client's name."""
