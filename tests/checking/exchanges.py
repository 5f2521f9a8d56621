"""Valid exchanges of both APIs for tests, which can change each part of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tests.support import EPOCH, JOBS, KEYS, Mock

from jobmock import apis
from jobmock.checking.check import Check
from jobmock.checking.exchange import LiveExchange, Source
from jobmock.checking.report import Report, Row
from jobmock.clock import SECOND

JSON = {"content-type": "application/json"}


def exchange(path: str, body: Any, *, number: int = 0, **more: Any) -> LiveExchange:
    """Return an exchange, `number` seconds after EPOCH. A body that isn't bytes is written as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    at, source = EPOCH + number * SECOND, Source(f"row {number}")
    given = {"method": "GET", "status": 200, "headers": JSON, "at": at, "source": source}
    return LiveExchange(path=path, body=raw, **{**given, **more})


def clado(body: Any, **more: Any) -> LiveExchange:
    """Return a status answer of Clado's job `j`."""
    return exchange(f"{JOBS['clado']}/j", body, **more)


def orbit(body: Any, **more: Any) -> LiveExchange:
    """Return a status answer of Orbit's run `r`."""
    return exchange(f"{JOBS['orbit']}/r", body, **more)


def person(number: int = 1, **profile: Any) -> dict[str, Any]:
    """Return a person of shape A with the required members."""
    name = f"Person {number}"
    url = f"https://www.linkedin.com/in/example-{number}"
    return {"profile": {"id": str(number), "name": name, "headline": "Chemist", "linkedin_url": url, **profile}}


def status(word: str, **members: Any) -> dict[str, Any]:
    """Return the body of a status answer of Clado."""
    return {"job_id": "j", "status": word, "message": "A text.", **members}


def page(number: int, total: int, size: int = 2, **changes: Any) -> dict[str, Any]:
    """Return a page of a completed job's people; `changes` replace members of its pagination."""
    first, pages = (number - 1) * size, -(-total // size)
    people = [person(index) for index in range(first, min(first + size, total))]
    pagination = {
        "page": number, "page_size": size, "total_pages": pages, "total_results": total, "has_next": number < pages,
        "has_previous": number > 1,
    }  # fmt: skip
    return status("completed", results=people, pagination={**pagination, **changes})


def run(word: str, result: Any = None, **members: Any) -> dict[str, Any]:
    """Return the body of a status answer of Orbit."""
    return {"request_id": "r", "run_id": "wf-1", "status": word, "result": result, **members}


def candidates(**members: Any) -> dict[str, Any]:
    """Return the result of a discovery."""
    counts = dict.fromkeys(
        ("candidate_count", "dispatched_candidate_count", "persisted_candidate_count", "failed_candidate_count",
         "skipped_candidate_count"), 0)  # fmt: skip
    lists: dict[str, Any] = {"candidate_profile_ids": [], "profile_ids": [], "metrics": {}}
    return {**lists, **counts, "current_phase": "candidate_clustering", **members}


def checked(exchanges: Sequence[LiveExchange], **more: Any) -> Report:
    """Return the report on successive exchanges."""
    check = Check(**more)
    for one in exchanges:
        check.judge(one)
    return check.report()


def only(report: Report) -> Row:
    """Return the only row of a report."""
    assert len(report.rows) == 1, [str(row.violation) for row in report.rows]
    return report.rows[0]


def played(mock: Mock, name: str, *, most: int = 400, past_the_end: int = 3) -> Iterator[LiveExchange]:
    """Play a scenario beyond its end, with pages, and yield each exchange whose answer a client could read."""
    scenario = mock.service.catalogue.plan(name).scenario
    api = apis.load(scenario.api)
    key, walk = f"{KEYS[api.name]}--{name.partition('/')[2]}", api.reference_client()
    journal = mock.namespace(api.name, key).journal

    def send(method: str, path: str, query: str = "", body: Any = None) -> LiveExchange:
        reply = mock.send(method, path, key=key, query=query, body=body)
        at = mock.namespace(api.name, key).clock.now()
        mock.advance(4, api.name, key)
        headers = {name.decode(): value.decode() for name, value in reply.headers}
        return exchange(path, reply.body, method=method, query=query, status=reply.status, headers=headers, at=at)

    def read(one: LiveExchange) -> Iterator[LiveExchange]:
        if journal.count not in journal.lost:
            yield one

    job = "none"
    for _ in range(4):
        started = send("POST", JOBS[api.name], body=walk.start(scenario.run_shape))
        yield from read(started)
        if started.status < 300 and started.body:
            job = api.job_id_in(json.loads(started.body), {}) or ""
            break
    place, ended = f"{JOBS[api.name]}/{job}", 0
    for _ in range(most):
        polled = send("GET", place)
        yield from read(polled)
        ended += polled.status == 200 and any(f'"status":"{word}"'.encode() in polled.body for word in api.terminal)
        if ended > past_the_end:
            break
    if api.paging:
        for number in range(1, 8):
            yield from read(send("GET", place, query=f"page={number}&page_size=10"))
