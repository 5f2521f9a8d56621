"""Thousands of namespaces with a job each: after the attacks each key still gets its own job, and no other.

They are polled again between the attacks, so that the server's limits close the namespaces of attacks before them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence

import httpx
from tests.campaigns.hostile.conversation import Answer, Conversation, converse
from tests.campaigns.hostile.requests import control, request
from tests.support import HANGS, JOBS, scenario

NAMESPACES = 2_000


def open_namespaces(url: str, count: int) -> list[str]:
    """Open so many namespaces; return what is wrong."""
    made = [_make(number) for number in range(count)]
    answers, wrong = _answers(url, made)
    return wrong + [f"a job isn't made: {answer}" for answer in answers if answer.status != 201][:1]


def check_namespaces(url: str, count: int) -> list[str]:
    """Poll each job with its key, and with the key of another; return what is wrong."""
    own, wrong = _answers(url, [_poll(number, number) for number in range(count)])
    gone = [number for number, answer in enumerate(own) if answer.status == 404]
    if gone:
        health = json.loads(httpx.get(f"{url}/__jobmock/health", trust_env=False, timeout=HANGS).content)
        wrong.append(f"the jobs of {len(gone)} of {count} keys are gone, first that of key {gone[0]}: {health}")
    for number, answer in enumerate(own):
        seen = json.loads(answer.body)
        if answer.status not in (200, 404) or (answer.status == 200 and not _is_own(seen, number)):
            wrong.append(f"key {number} gets {answer.status} {answer.body[:100]!r}")
    foreign, more = _answers(url, [_poll(number, (number + 1) % count) for number in range(count)])
    return wrong[:3] + more + [f"another key's job is {one.status}" for one in foreign if one.status != 403][:1]


def use_namespaces(url: str, count: int) -> None:
    """Poll each job with its key."""
    _answers(url, [_poll(number, number) for number in range(count)])


def _is_own(seen: Mapping[str, object], number: int) -> bool:
    return (seen.get("job_id"), seen.get("x_canary")) == (_job(number), number)


def _answers(url: str, requests: Sequence[bytes]) -> tuple[Sequence[Answer], list[str]]:
    heard = asyncio.run(converse(url, Conversation(requests, answers=len(requests))))
    return heard.answers, heard.wrong


def _make(number: int) -> bytes:
    played = scenario("clado", {"status": "completed", "body": {"x_canary": number}})
    body = json.dumps({"scenario": played, "id": _job(number)}).encode()
    return control("POST", "jobs", f"lk_many{number}", body)


def _poll(key: int, job: int) -> bytes:
    return request("GET", f"{JOBS['clado']}/{_job(job)}", f"lk_many{key}")


def _job(number: int) -> str:
    return f"job-of-{number}"
