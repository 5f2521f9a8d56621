"""Control calls that need much work come in pages, and are made in another thread."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from tests.server.test_control import Control
from tests.support import Mock, scenario

from jobmock.engine.progression import Plan
from jobmock.server.control import clients, endpoint, journals
from jobmock.server.control import jobs as jobs_module
from jobmock.server.control.fields import Body, as_object
from jobmock.server.control.long_calls import FEW, LongCall, response_of


@pytest.fixture
def control(mock: Mock) -> Control:
    return Control(mock)


def test_journal_without_a_key_comes_in_pages(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page says where the next one begins; together they have every exchange once, in order."""
    monkeypatch.setattr(journals, "PAGE", 4)
    for number in range(11):
        control.mock.poll("clado", "x", f"lk_{number % 3}")
        control.mock.send("GET", "/nothing")
    pages, after = list[list[dict[str, Any]]](), ""
    while len(pages) < 20:
        page = control("GET", f"journal{after}").body
        pages.append(page["exchanges"])
        if "next" not in page:
            break
        after = f"?after={page['next']}"
    assert [len(page) for page in pages] == [4, 4, 4, 4, 4, 2]
    whole = [exchange for page in pages for exchange in page]
    monkeypatch.setattr(journals, "PAGE", 1_000)
    answer = control("GET", "journal").body
    assert (answer["exchanges"], answer["dropped"], "next" in answer) == (whole, 0, False)
    assert whole == sorted(whole, key=lambda one: (one["at"], one["number"]))


def test_the_end_of_a_page_continues_later(control: Control) -> None:
    """`end` of an answer, sent as `after`, gives the exchanges that have come since, and no other."""
    end, seen = "0-0-0", list[int]()
    for count in (2, 0, 3):
        for _ in range(count):
            control.mock.poll("clado", "x", "lk_end")
        page = control("GET", f"journal?namespace={control.mock.namespace('clado', 'lk_end').name}&after={end}").body
        seen += [exchange["number"] for exchange in page["exchanges"]]
        end = page["end"]
    assert seen == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("call", ["journal", "findings", "jobs"])
@pytest.mark.parametrize("after", ["", "x", "1-2", "-1", "1-2-3-4", "9" * 100, "1-x-3"])
def test_wrong_cursor(control: Control, call: str, after: str) -> None:
    """A cursor that no page has given is refused in words."""
    answer = control("GET", f"{call}?after={after}")
    assert answer.status == 400 and "'next'" in answer.body["detail"]


def test_jobs_without_a_key_come_in_pages(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page ends with the namespace that completes it; together the pages have every job once."""
    monkeypatch.setattr(jobs_module, "PAGE", 2)
    jobs = [control.mock.start("clado", f"lk_{number % 4}") for number in range(8)]
    jobs.append(control.mock.start("clado", "lk_5"))
    pages, after = list[list[str]](), ""
    while len(pages) < 20:
        page = control("GET", f"jobs{after}").body
        pages.append([job["id"] for job in page["jobs"]])
        if "next" not in page:
            break
        after = f"?after={page['next']}"
    assert [len(page) for page in pages] == [2, 2, 2, 2, 1]
    assert sorted(job for page in pages for job in page) == sorted(jobs)


def test_findings_of_many_namespaces_come_in_pages(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """Namespaces without exchanges take their time too, so a page has a limited number of them."""
    monkeypatch.setattr(clients, "PAGE", 6)
    for number in range(20):
        control.mock.namespace("clado", f"lk_{number}")
    pages, after = 0, ""
    while pages < 20:
        page, pages = control("GET", f"findings{after}").body, pages + 1
        if "next" not in page:
            break
        after = f"?after={page['next']}"
    assert pages == 4


def test_a_large_read_leaves_the_loop_to_others() -> None:
    """Many exchanges are read in another thread, few in the loop's own."""
    few, many = (asyncio.run(response_of(LongCall(threading.get_ident, size=size), 200)) for size in (FEW, FEW + 1))
    assert int(few.body) == threading.get_ident() != int(many.body)


@pytest.mark.parametrize(("method", "call"), [("PUT", "scenario"), ("POST", "jobs")])
@pytest.mark.parametrize("given", ["clado/usual", scenario("clado", "pending", "completed")], ids=["name", "object"])
def test_scenarios_are_compiled_off_the_loop(
    control: Control, monkeypatch: pytest.MonkeyPatch, method: str, call: str, given: object
) -> None:
    """Compiling the scenario of a call, which may take long, happens in another thread than the loop's."""
    threads, catalogue = set[int](), control.mock.service.catalogue
    resolve = catalogue.resolve

    def resolved(*arguments: Any) -> Plan:
        threads.add(threading.get_ident())
        return resolve(*arguments)

    monkeypatch.setattr(catalogue, "resolve", resolved)
    assert control(method, call, {"scenario": given}, key="lk_x").status in (200, 201)
    assert len(threads) == 1 and threading.get_ident() not in threads


@pytest.mark.parametrize(("size", "on_loop"), [(1 << 10, True), (1 << 20, False)])
def test_long_bodies_are_parsed_off_the_loop(
    control: Control, monkeypatch: pytest.MonkeyPatch, size: int, on_loop: bool
) -> None:
    """The JSON of a long body is parsed in another thread than the loop's, that of a short one in the same."""
    threads, parse = list[int](), as_object

    def parsed(raw: bytes) -> Body:
        threads.append(threading.get_ident())
        return parse(raw)

    monkeypatch.setattr(endpoint, "as_object", parsed)
    text = b'{"x": "%b"}' % (b"y" * (size - 20))
    assert control("PUT", "scenario", text, key="lk_x").status == 400
    assert (threads == [threading.get_ident()]) is on_loop


def test_a_namespace_that_closes_meanwhile_is_opened_again(
    control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that is made while its namespace is closed is in the new namespace of its key."""
    service = control.mock.service
    resolve = service.catalogue.resolve

    def resolved(*arguments: Any) -> Plan:
        service.namespaces._close_oldest("more than 1 namespaces")
        return resolve(*arguments)

    monkeypatch.setattr(service.catalogue, "resolve", resolved)
    control.mock.namespace("clado", "lk_x")
    control.mock.namespace("clado", "lk_other")
    service.namespaces.get("lk_other")
    assert control("POST", "jobs", {"scenario": "usual", "id": "a"}, key="lk_x").status == 201
    assert control.mock.poll("clado", "a", "lk_x").status == 200


def test_health_counts_what_was_dropped(control: Control) -> None:
    """`health` counts jobs, and exchanges and answers that went because all together were too many."""
    namespaces = control.mock.service.namespaces
    namespaces.jobs.dropped, namespaces.room.dropped, namespaces.answers.dropped = 2, 3, 4
    health = control("GET", "health").body
    assert [health[f"{what}_dropped"] for what in ("jobs", "exchanges", "answers")] == [2, 3, 4]
