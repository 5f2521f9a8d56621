"""Cases for an API that has no file with cases: they are made from its tables, as the entries of such a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..contract import documents
from ..dialect.api import Api
from ..errors import Origin
from ..scenario.document import Document
from .case_tables import CaseTables
from .ways import way_to

Entry = Mapping[str, Any]
"""A case as `schemas/conformance.schema.json` describes it."""
GROUPS = {
    "endings": "A client stops at each end of a job, and reports it truly.",
    "waiting": "A client waits between its requests, and as long as it is told.",
    "refusals": "A client takes a refusal for what it is, and doesn't repeat it.",
    "network": "A client survives faults of the network and of the gateway.",
    "pages": "A client reads each result once, and none less.",
    "deadlines": "A client doesn't wait for ever.",
}
"""The groups of the cases, each with what it is about."""
_TEMPORARY = {"must": (429, 503), "should": (408, 425, *sorted({*range(500, 600)} - {501, 503, 505}))}
"""Severity of a case → the refusals of a poll after which a client tries again, also those that no standard lists."""
_NOT_FOR_GOOD = (408, 409, 425, 429)
"""The refusals below 500 that another request may not get."""
_ALL, _TWO = {"every": 1}, {"requests": {"from": 2, "to": 3}}
"""Which requests meet a fault: each one, or the second and the third."""
_UNREADABLE = ("short_body", "truncated_json", "garbage", "empty_body")
_LONG, _LONGEST_QUERY = 900, 200


def generic_cases(api: Api) -> Document:
    """Return a document with the cases that the tables of an API allow."""
    tables = CaseTables(api)
    data = {
        "version": 1, "api": api.name, "query": _query(api), "groups": GROUPS,
        "cases": [case for make in _MAKERS for case in make(tables)],
    }  # fmt: skip
    return Document(data=data, origin=Origin(source=f"generic cases of {api.name}"))


def _query(api: Api) -> str:
    """Return what a start looks for: the first text in the body of the reference client's start, if it has one."""
    texts = (value for value in api.reference_client().start(None).values() if isinstance(value, str))
    return next((text for text in texts if 0 < len(text) <= _LONGEST_QUERY and text.isprintable()), "something")


def _case(group: str, name: str, title: str, action: str, scenario: Entry, expect: Entry, **more: Any) -> Entry:
    return {
        "id": name, "group": group, "title": title, "action": action, "scenario": scenario, "expect": expect, **more
    }  # fmt: skip


def _for_each(entries: Sequence[str], *case: Any, **more: Any) -> Iterator[Entry]:
    """Yield a case that is repeated for each entry, none if there are no entries."""
    if entries:
        yield _case(*case, each=list(entries), **more)


def _endings(tables: CaseTables) -> Iterator[Entry]:
    transitions, success = tables.api.transitions, tables.success
    for status in transitions:
        at = {"progression": tables.to(status)}
        if tables.api.is_success(status):
            expect = {**tables.returned("polled-after-end", "wrong-status", "result-raised-as-error"), "status": status}
            text = "The client polls the job to `{each}`, stops there, and returns its results."
            yield from _for_each([status], "endings", "succeeded", text, "poll", at, expect)
        elif not transitions[status]:
            expect = {"outcome": "fails", "silent": ["polled-after-end", "polls-after-refusal"]}
            text = "The client stops at `{each}`, and its call fails."
            yield from _for_each([status], "endings", "ended", text, "poll", at, expect)
        elif way_to(success, transitions, status):
            text = "The client goes on polling at `{each}`, and returns no unfinished job."
            going_on = {"progression": tables.to(status, success)}
            yield from _for_each([status], "endings", "at-work", text, "poll", going_on, tables.returned())
    once = {"start": {"from": 1, "to": 1}}
    started = tables.returned("polled-after-end", "started-twice", "unknown-route", requests=once)
    text = "The client starts a job, and returns the results of that job."
    yield _case("endings", "started", text, "start", tables.job(), started)
    text = "The client returns a job that has ended before its first poll."
    at_once = {"progression": [{"status": success}]}
    yield _case("endings", "at-once", text, "poll", at_once, tables.returned("polled-after-end"))
    if tables.has_results:
        text = "A job that found nothing is a result, not a failure."
        nothing = tables.returned("result-raised-as-error", people=0)
        yield _case("endings", "nothing", text, "poll", tables.job(results={"count": 0}), nothing)
    if tables.has("cancel"):
        text = "The client cancels a running job with one request, and returns."
        expect = {"outcome": "returns", "silent": ["unknown-route"], "requests": {"cancel": {"from": 1, "to": 1}}}
        running = {"progression": tables.to(success, seconds=_LONG)}
        yield _case("endings", "cancel", text, "cancel", running, expect)


def _waiting(tables: CaseTables) -> Iterator[Entry]:
    text = "The client leaves some time between two polls."
    slow = {"progression": tables.to(tables.success, seconds=_LONG)}
    yield _case("waiting", "interval", text, "poll", slow, tables.returned("polled-too-fast"))
    waits = tables.returned("retry-after-ignored")
    for severity, statuses in _TEMPORARY.items():
        names = tables.errors("status", statuses.__contains__)
        told = {"when": _TWO, "respond": "{each}", "retry_after": 25}
        text = "The client waits as long as Retry-After says after {each}, and then goes on."
        yield from _for_each(
            names, "waiting", "retry-after", text, "poll", tables.job(told), waits, severity=severity
        )  # fmt: skip
        text = "The client goes on after {each} without a Retry-After, and lets the server rest before."
        silently = {**told, "retry_after": "absent"}
        yield from _for_each(
            names, "waiting", "without-retry-after", text, "poll", tables.job(silently),
            tables.returned("no-back-off"), severity=severity,
        )  # fmt: skip
    limited = tables.api.errors[tables.api.rate_limit_error][0]
    if tables.errors("status", limited.__eq__):
        text = "The client reads a Retry-After that is a date."
        date = {"when": _TWO, "respond": tables.api.rate_limit_error, "retry_after": {"date": 30}}
        yield _case("waiting", "retry-after-date", text, "poll", tables.job(date), waits, severity="should")
        text = "The client keeps a rate limit of one poll in 30 seconds, as the answers above it say."
        limits = {"status": {"requests": 1, "seconds": 30}}
        yield _case("waiting", "rate-limit", text, "poll", tables.job(limits=limits), waits)


def _refusals(tables: CaseTables) -> Iterator[Entry]:
    def for_good(status: int) -> bool:
        return 400 <= status < 500 and status not in _NOT_FOR_GOOD

    expect = {"outcome": "fails", "silent": ["polls-after-refusal", "error-as-result"]}
    text = "A poll that is refused with {each} ends the call with a failure."
    refused = {"when": {"requests": {"from": 2, "to": 5000}}, "respond": "{each}"}
    polls = {**expect, "requests": {"status": {"to": 10}}}
    yield from _for_each(
        tables.errors("status", for_good), "refusals", "poll-refused", text, "poll",
        {"progression": tables.to(tables.success, seconds=_LONG), "faults": [refused]}, polls,
    )  # fmt: skip
    text = "A start that is refused with {each} fails the call, and isn't repeated."
    starts = {**expect, "silent": [*expect["silent"], "started-over"], "requests": {"start": {"to": 2}}}
    scenario = tables.job({"operation": "start", "when": _ALL, "respond": "{each}"})
    yield from _for_each(tables.errors("start", for_good), "refusals", "start-refused", text, "start", scenario, starts)
    text = "A job that isn't there ends the call with a failure."
    yield _case("refusals", "job-unknown", text, "poll", {"progression": [{"status": "not_found"}]}, polls)
    text = "A job that can't be found right after its start isn't started anew: it is polled again, or the call fails."
    late = {"progression": [{"status": "not_found", "after": {"polls": 1}}, *tables.to(tables.success)]}
    once: Entry = {"outcome": "either", "silent": ["error-as-result"], "requests": {"start": {"to": 1}}}
    yield _case("refusals", "not-there-yet", text, "start", late, once)


def _network(tables: CaseTables) -> Iterator[Entry]:
    kinds: Mapping[str, Sequence[str]] = {
        "disconnect": documents.at(documents.LANGUAGE, "/definitions/fault/properties/disconnect/enum"),
        "corrupt": _UNREADABLE,
    }
    texts = {
        "disconnect": "The client polls again after a connection that broke: {each}.",
        "corrupt": "The client polls again after an answer that nobody can read: {each}.",
    }
    for kind, entries in kinds.items():
        scenario, expect = tables.job({"when": _TWO, kind: "{each}"}), tables.returned("error-as-result")
        yield from _for_each(entries, "network", kind, texts[kind], "poll", scenario, expect)
    text = "The client has a timeout for each request, and polls again after it."
    hanging = tables.job({"when": _TWO, "hang": True})
    yield _case("network", "hanging", text, "poll", hanging, tables.returned(), deadline=1200)
    text = "The client waits for answers that take some seconds."
    yield _case("network", "slow-answers", text, "poll", tables.job({"when": _ALL, "delay": "3s"}), tables.returned())
    text = "A start whose answer got lost isn't carried out twice."
    lost = tables.job({"operation": "start", "when": {"request": 1}, "disconnect": "before_response"})
    yield _case("network", "lost-start", text, "start", lost, {"outcome": "either", "silent": ["started-twice"]})


def _pages(tables: CaseTables) -> Iterator[Entry]:
    paging = tables.api.paging
    if paging is None:
        return
    size = paging.default_size
    texts = {
        "no-page": (0, "A job that found nothing has no page, and that is a result."),
        "full-page": (size, "So many results as a page has are one page."),
        "one-over": (size + 1, "The last page may have a single result."),
        "many-pages": (3 * size - 1, "The client reads all results on three pages."),
    }
    for name, (count, text) in texts.items():
        expect = tables.returned("page-missed", "page-size-changed", "twice", people=count)
        yield _case("pages", name, text, "pages", tables.job(results={"count": count}), expect)


def _deadlines(tables: CaseTables) -> Iterator[Entry]:
    first = next(iter(tables.api.transitions))
    if first in tables.api.terminal:
        return
    text = "The client gives up at its deadline, if the job never ends."
    expect = {"outcome": "fails", "silent": ["no-deadline"], "seconds": {"from": 300, "to": 1200}}
    yield _case("deadlines", "stuck", text, "poll", {"progression": [{"status": first}]}, expect, deadline=900)


_MAKERS = (_endings, _waiting, _refusals, _network, _pages, _deadlines)
