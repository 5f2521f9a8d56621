"""Requests with a text planted in one place, and everything that is written about them."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from tests.campaigns.key_spellings import Planted
from tests.server.test_control import Control
from tests.support import JOBS, KEYS, STARTS, Mock

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.cli.logs import JsonLines, TextLines
from jobmock.client_reports.activity import ClientActivity
from jobmock.client_reports.story import story
from jobmock.client_reports.traffic import Traffic
from jobmock.clock import SECOND, Clock
from jobmock.engine.journal import shown
from jobmock.engine.namespace import Namespaces
from jobmock.etiquette import Verdict, judge
from jobmock.service.service import Service

Written = Iterator[tuple[str, str]]


def logged(record: logging.LogRecord) -> Iterator[str]:
    """Yield the line of a record in each form that `serve` has."""
    yield JsonLines().format(record)
    yield TextLines("%(message)s").format(record)


class _Logs(logging.Handler):
    """Keeps the lines of a log as `serve` writes them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += logged(record)


class Served:
    """A service that gets one request with a planted key, and everything that is written about it."""

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        clock = Clock("manual", start=1_767_225_600 * SECOND)
        self.mock = Mock(Service(catalogue, Namespaces(clock=lambda: clock)))
        self._traffic, self._folder = Traffic(self.mock.service.namespaces), folder
        self.mock.service.watchers.append(self._traffic.watch)

    def written(self, planted: Planted, place: str) -> Written:
        """Send the requests of a place, and yield what is written, each with its kind."""
        logs, log = _Logs(), logging.getLogger("jobmock.requests")
        log.addHandler(logs)
        level, log.level = log.level, logging.INFO
        try:
            REQUESTS[place](self.mock, planted.text)
        finally:
            log.setLevel(level)
            log.removeHandler(logs)
        yield "log", "\n".join(logs.lines)
        journals = [namespace.journal for namespace in self.mock.service.namespaces]
        journals.append(self.mock.service.namespaces.outside)
        exchanges = [one for journal in journals for one in journal]
        yield "journal", json.dumps([shown(one) for one in exchanges], ensure_ascii=False)
        findings = [one for journal in journals for api in apis.all_apis() for one in judge(journal, api).findings]
        yield "findings", json.dumps([asdict(one) for one in findings], ensure_ascii=False)
        accused = any(one.rule == "key-in-url" for one in findings)
        if accused != (place in IN_URL):
            yield "key-in-url", planted.key
        activity = ClientActivity(
            api="clado", journal=exchanges, dropped=0, titles=(), started_at=0, elapsed=0,
            verdict=Verdict(findings=tuple(findings), not_judged={}),
        )  # fmt: skip
        yield "story", story([activity], all_findings="")
        har = self._traffic.write(self._folder / "traffic.har", "http://m").read_text("utf-8")
        yield "har", har
        yield "har, read", json.dumps(_strings(json.loads(har)), ensure_ascii=False)
        control = Control(self.mock)
        for call in ("journal", "jobs", "findings", "journal?format=text", "findings?format=text"):
            yield f"control {call}", json.dumps(control("GET", call).body, ensure_ascii=False)


def _strings(value: Any) -> list[str]:
    """Return all texts in a value, also those of JSON in a text."""
    if isinstance(value, Mapping):
        return [text for item in value.items() for each in item for text in _strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in _strings(each)]
    return [value, *dict(parse_qsl(value)).values()] if isinstance(value, str) else []


def _url(text: str) -> str:
    """Return a text as a client sends it in a URL that it doesn't encode: without blanks and controls."""
    return quote(text, safe="%/&=?+:;,.-_~!$'()*@\\")


def _job(mock: Mock, text: str) -> None:
    plan = mock.service.catalogue.resolve("clado/two-pages", "clado")
    text = text[:200]
    mock.service.place(mock.namespace("clado"), plan, text)
    for query in ("page=1", "page=2"):
        mock.poll("clado", quote(text, safe=""), query=query)


def _sent(method: str, path: str, **more: Any) -> Callable[[Mock, str], object]:
    """Return a function that sends one request; it plants the text wherever a value is a function."""

    def send(mock: Mock, text: str) -> object:
        given = {name: value(text) if callable(value) else value for name, value in more.items()}
        return mock.send(method, path.replace("{}", _url(text)), **{"key": KEYS["clado"], **given})

    return send


_START, _POLL = JOBS["clado"], f"{JOBS['clado']}/none"
REQUESTS: Mapping[str, Callable[[Mock, str], object]] = {
    "path": _sent("GET", "/nowhere/{}"),
    "path, middle": _sent("GET", "/nowhere/{}/more"),
    "path of a poll": _sent("GET", f"{_START}/{{}}"),
    "path of a cancel": _sent("POST", f"{_START}/{{}}/cancel"),
    "query": _sent("GET", _POLL, query=lambda text: f"page=1&api_key={_url(text)}&page_size=5"),
    "name in a query": _sent("GET", _POLL, query=lambda text: f"{_url(text)}=1"),
    "query, encoded": _sent("GET", _POLL, query=lambda text: f"t={quote(text, safe='')}&page=1"),
    "job id": _job,
    "header": _sent("GET", _POLL, headers=lambda text: ((b"x-trace", text.encode()),)),
    "header for keys": _sent("GET", _POLL, headers=lambda text: ((b"x-api-key", text.encode()),)),
    "cookie": _sent("GET", _POLL, headers=lambda text: ((b"cookie", f"a={text}".encode()),)),
    "name of a header": _sent("GET", _POLL, headers=lambda text: ((re.sub("[^!-~]", "-", text).encode(), b"1"),)),
    "authorization": _sent("GET", _POLL, key=None, headers=lambda text: ((b"authorization", text.encode()),)),
    "bearer": _sent("GET", _POLL, key=lambda text: text),
    "body": _sent("POST", _START, body=lambda text: {**STARTS["clado"], "query": f"people {text}"}),
    "name in a body": _sent("POST", _START, body=lambda text: {**STARTS["clado"], text: 1}),
    "form": _sent("POST", _START, body=lambda text: f"api_key={quote(text, safe='')}&a={_url(text)}".encode()),
    "text": _sent("POST", _START, body=lambda text: f"not JSON {text} \xff".encode("latin-1", "replace")),
    "idempotency key": _sent(
        "POST", JOBS["orbit"], key=KEYS["orbit"], body=lambda text: {**STARTS["orbit"], "requestId": text}
    ),
}
"""The places of a request, each with a function that sends one."""
IN_URL = {name for name in REQUESTS if name.startswith(("path", "query", "name in a query", "job id"))}
