"""Small recordings of each form, entry by entry, for tests that damage one of them."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import yaml
from tests.checking.exchanges import exchange, status
from tests.support import JOBS

from jobmock.checking.exchange import to_line


class Form(NamedTuple):
    """A form of recordings: an entry as data, an entry as text, and the text around and between entries."""

    entry: Callable[[int], Any]
    dump: Callable[[Any], str]
    before: str = ""
    between: str = ""
    after: str = ""


def _url(number: int) -> str:
    return f"https://search.clado.ai{JOBS['clado']}/job-{number}?page=1"


def _body(number: int) -> str:
    return json.dumps({**status("pending"), "job_id": f"job-{number}", "message": "It's 5 o'clock: \"wait\" \u00e4."})


def _har(number: int) -> Any:
    content = {"size": len(_body(number).encode()), "mimeType": "application/json", "text": _body(number)}
    if number % 2:
        content |= {"text": base64.b64encode(_body(number).encode()).decode(), "encoding": "base64"}
    headers = [{"name": "Content-Type", "value": "application/json"}, {"name": "Date", "value": "today"}]
    return {
        "startedDateTime": f"2026-01-01T00:00:0{number}Z", "time": 12.5,
        "request": {"method": "GET", "url": _url(number), "headers": headers, "cookies": [], "postData": {"text": "x"}},
        "response": {"status": 200, "statusText": "OK", "headers": headers, "content": content, "bodySize": 107},
        "cache": {}, "timings": {"send": 0, "wait": 12},
    }  # fmt: skip


def _vcr(number: int, **response: Any) -> Any:
    answer = {"status": {"code": 200, "message": "OK"}, "headers": {"Content-Type": ["application/json"]}}
    request = {"body": None, "headers": {"Accept": ["*/*"]}, "method": "GET", "uri": _url(number)}
    return {"request": request, "response": {**answer, "body": {"string": _body(number)}, **response}}


def _ruby(number: int) -> Any:
    packed = {"encoding": "ASCII-8BIT", "string": gzip.compress(_body(number).encode(), mtime=0)}
    headers = {"Content-Encoding": ["gzip"], "Content-Type": ["application/json"]}
    more = {"body": packed, "headers": headers} if number % 2 else {}
    return {**_vcr(number, **more), "recorded_at": f"Thu, 01 Jan 2026 00:00:0{number} GMT"}


def _betamax(number: int) -> Any:
    body = {"encoding": "utf-8", "base64_string": base64.b64encode(_body(number).encode()).decode(), "string": ""}
    return {**_vcr(number, body=body), "recorded_at": f"2026-01-01T00:00:0{number}"}


def _go(number: int) -> Any:
    row = _vcr(number, body=_body(number), status="200 OK", code=200, duration="12ms")
    return {"id": number, "request": {"url": _url(number), "method": "GET", "body": ""}, "response": row["response"]}


def _php(number: int) -> Any:
    headers = {"Content-Type": "application/json"}
    answer = {"status": {"http_version": "1.1", "code": "200"}, "headers": headers, "body": _body(number)}
    return {"request": {"method": "GET", "url": _url(number)}, "response": answer, "index": 0}


def _nock(number: int) -> Any:
    call = {"scope": "https://search.clado.ai:443", "method": "GET", "path": f"{JOBS['clado']}/job-{number}?page=1"}
    return {**call, "body": "", "status": 200, "response": json.loads(_body(number)), "rawHeaders": ["Date", "x"]}


def _line(number: int) -> Any:
    body = _body(number).encode()
    return json.loads(to_line(exchange(f"{JOBS['clado']}/job-{number}", body, number=number, query="page=1")))


def _yaml(entry: Any) -> str:
    return yaml.safe_dump([entry], allow_unicode=True)


def _indented(text: str, width: int) -> str:
    return "".join(f"{' ' * width}{line}\n" for line in text.splitlines())


FORMS: Mapping[str, Form] = {
    "HAR": Form(_har, json.dumps, '{"log": {"version": "1.2", "entries": [', ", ", ']}, "x": [1]}'),
    "HAR, pretty": Form(_har, lambda entry: json.dumps(entry, indent=2, ensure_ascii=False), '{"log": {"entries": [\n',
                        ",\n", "\n]}}\n"),
    "vcrpy": Form(_vcr, _yaml, "interactions:\n", "", "version: 1\n"),
    "vcrpy in JSON": Form(_vcr, json.dumps, '{"version": 1, "interactions": [', ", ", "]}"),
    "Ruby": Form(_ruby, lambda entry: _yaml(entry).replace("!!binary", "!binary"), "---\nhttp_interactions:\n", "",
                 "recorded_with: VCR 6.1.0\n"),
    "betamax": Form(_betamax, json.dumps, '{"http_interactions": [', ", ", '], "recorded_with": "betamax/0.8.1"}'),
    "go-vcr": Form(_go, lambda entry: _indented(_yaml(entry), 4), "---\nversion: 2\ninteractions:\n"),
    "php-vcr": Form(_php, lambda entry: "-\n" + _indented(yaml.safe_dump(entry), 4)),
    "php-vcr in JSON": Form(_php, json.dumps, "[\n", ",", "\n]"),
    "nock": Form(_nock, lambda entry: json.dumps(entry, indent=2), "[", ",\n", "]"),
    "JSON Lines": Form(_line, lambda entry: json.dumps(entry) + "\n"),
    "bodies": Form(lambda number: json.loads(_body(number)), lambda entry: json.dumps(entry) + "\n"),
}  # fmt: skip
