"""Small clients of Clado in process, right and wrong, as `run_client` callables."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx

JOBS = "/api/search/deep_research"
ENDS = ("completed", "error", "cancelled")


def asked(url: str, api_key: str, job_id: str, transport: Any) -> httpx.Response:
    """Send one status request."""
    headers = {"Authorization": f"Bearer {api_key}"}
    request = httpx.Request("GET", f"{url}{JOBS}/{job_id}", headers=headers, extensions={"timeout": {"read": 30.0}})
    answer: httpx.Response = transport.handle_request(request)
    answer.read()
    return answer


def patient(url: str, api_key: str, job_id: str, transport: Any) -> Any:
    """A correct client."""
    while (answer := asked(url, api_key, job_id, transport)).status_code != 200 or answer.json()["status"] not in ENDS:
        time.sleep(int(answer.headers.get("retry-after", 5)))
    return answer.json()


async def patient_async(url: str, api_key: str, job_id: str) -> Any:
    """The same in a coroutine, on real sockets."""
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {api_key}"}) as client:
        job = f"{JOBS}/{job_id}"
        while (answer := await client.get(job)).status_code != 200 or answer.json()["status"] not in ENDS:
            await asyncio.sleep(int(answer.headers.get("retry-after", 5)))
        return answer.json()


def hasty(url: str, api_key: str, job_id: str, transport: Any) -> Any:
    """A client that takes Retry-After for milliseconds."""
    while (answer := asked(url, api_key, job_id, transport)).status_code != 200 or answer.json()["status"] not in ENDS:
        time.sleep(int(answer.headers.get("retry-after", 5000)) / 1000)
    return answer.json()


def third_time_unlucky(url: str, api_key: str, job_id: str, transport: Any) -> Any:
    """A client that gives up at the third 429, wherever those are."""
    errors = 0
    while (answer := asked(url, api_key, job_id, transport)).status_code != 200 or answer.json()["status"] not in ENDS:
        errors += answer.status_code == 429
        if errors == 3:
            raise RuntimeError("three are too many")
        time.sleep(int(answer.headers.get("retry-after", 5)))
    return answer.json()


def endless(url: str, api_key: str, job_id: str) -> Any:
    """A client that never looks at what it is answered."""
    with httpx.Client(headers={"Authorization": f"Bearer {api_key}"}, trust_env=False) as client:
        while True:
            client.get(f"{url}{JOBS}/{job_id}")
            time.sleep(60)
