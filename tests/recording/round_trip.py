"""Records exchanges from a file, plays the scenarios, and compares the rows of a check before and after.

Rows are compared after the renaming: words and members that no document lists have other names in a recording.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from tests.api_facts import job_id_of
from tests.recording.forms import saved

from jobmock import apis
from jobmock.catalogue import Catalogue, load_plan
from jobmock.checking.check import Check
from jobmock.checking.exchange import LiveExchange, to_line
from jobmock.checking.json_bodies import parse_body
from jobmock.checking.readers import open_recording
from jobmock.clock import YEAR, Clock
from jobmock.contract import documents
from jobmock.dialect.api import Api, Operation
from jobmock.dialect.routing import Routes
from jobmock.engine.namespace import Namespaces
from jobmock.engine.progression import Plan
from jobmock.models import Reply, Request
from jobmock.recording.file_recorder import FileRecorder
from jobmock.recording.files import LinesFile, ScenarioFolder
from jobmock.recording.hidden_values import LEFT_OUT
from jobmock.service.service import Service

Rows = Counter[tuple[str, ...]]
_MEDIA = re.compile("text/rosalind|application/unlisted")
"""A media type that a recording doesn't keep, and the one in its place."""
_OF_WORDS = ("status-unknown", "value-unknown", "value-new")


def rows(exchanges: Sequence[LiveExchange]) -> Rows:
    """Return the rows of a check with their counts, without the names that a recording replaces."""
    check, found = Check(), Rows()
    for one in exchanges:
        check.judge(one)
    for row in check.report().rows:
        broken = row.violation
        known = {"", "*", *_documented(broken.api)}
        parts = [part if part in known else "?" for part in broken.pointer.split("/")]
        seen = _MEDIA.sub("?", "?" if broken.rule in _OF_WORDS and " " not in broken.found else broken.found)
        place = broken.api, broken.operation, str(broken.status), "/".join(parts)
        found[broken.kind, broken.rule, *place, seen] += row.count
    return found


@cache
def _documented(api: str) -> frozenset[str]:
    """Return all names of members in the schemas of an API."""
    own = [documents.document(name) for name in documents.names() if name.startswith(f"{api}/")]
    return frozenset(name for document in own for name in _names(document))


def _names(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        yield from schema.get("properties", ())
    for inner in schema.values() if isinstance(schema, Mapping) else schema if isinstance(schema, list) else ():
        yield from _names(inner)


def record_from(content: bytes, folder: Path) -> tuple[bool, list[str]]:
    """Record a file into `out` and `seen.jsonl`; return whether all is written, and the warnings."""
    warnings: list[str] = []
    scenarios, lines = ScenarioFolder(folder / "out", warnings.append), LinesFile(folder / "seen.jsonl", print)
    recorder = FileRecorder(scenarios, warnings.append, lines=lines)
    recorder.read(saved(folder / "traffic", content))
    return recorder.close(), warnings


def rows_before_and_after(exchanges: Sequence[LiveExchange], folder: Path) -> tuple[Rows, Rows, Rows]:
    """Return the rows of exchanges, of the recorded lines, and of the recorded scenarios with the same requests."""
    complete, warnings = record_from(b"".join(map(to_line, exchanges)), folder)
    assert complete, warnings
    return rows(exchanges), recorded_rows(folder), rows(played(exchanges, folder))


def recorded_rows(folder: Path) -> Rows:
    """Return the rows of the recorded lines."""
    return rows(list(open_recording(folder / "seen.jsonl").exchanges))


def played(exchanges: Sequence[LiveExchange], folder: Path) -> list[LiveExchange]:
    """Return the answers to the same requests at the same times, where the recorded scenarios are played."""
    again = _Again(folder / "out", min(one.at for one in exchanges))
    return [again.send(one) for one in sorted(exchanges, key=lambda one: one.at) if again.operation(one)]


class _Again:
    """A mock that plays the recorded scenarios: one of each API, for the jobs in the order of their numbers."""

    def __init__(self, folder: Path, start: int) -> None:
        self._clock, self._routes = Clock("manual", start=start), Routes(apis.all_apis())
        files = sorted(folder.iterdir(), key=lambda path: int(path.stem.partition("-")[2]))
        plans = [load_plan(path, path.stem) for path in files]
        self._plans: dict[str, Plan] = {plan.scenario.api: plan for plan in reversed(plans)}
        self._service = Service(Catalogue(), Namespaces(clock=lambda: self._clock), plans=self._plans)
        self._jobs: dict[tuple[str, str], str] = {}
        self._people: dict[str, str] = {}
        """The mock's id of a person for the recorded one."""

    def operation(self, one: LiveExchange) -> Operation | None:
        return self._routes.find(Request(one.method, one.path.encode()))[1]

    def send(self, one: LiveExchange) -> LiveExchange:
        """Send a request again, and return it with the answer that a client reads."""
        while (left := one.at - self._clock.now()) > 0:
            self._clock.advance(min(left, YEAR))
        api, operation, params = self._routes.find(Request(one.method, one.path.encode()))
        assert operation is not None
        key, path = api.key("again"), operation.path
        for name, value in params.items():
            path = path.replace(f"{{{name}}}", self._id(api, key, name, value))
        body = (one.sent or orjson.dumps(api.reference_client().start(None))) if operation.name == "start" else b""
        headers = api.credential.headers(key)
        reply = self._service.handle(Request(one.method, path.encode(), one.query.encode(), headers, body))
        if operation.name == "start":
            self._remember(api, one, reply)
        shown = [api.observation().people(_object(body)).shown for body in (one.body, reply.body)]
        pairs = [(str(first), second) for first, second in zip(*shown, strict=False) if isinstance(second, str)]
        self._people |= {first: second for first, second in pairs if second != LEFT_OUT}
        return _answer(one, path, reply)

    def _id(self, api: Api, key: str, name: str, recorded: str) -> str:
        return self._job(api, key, recorded) if name == "job" else self._people.get(recorded, recorded)

    def _job(self, api: Api, key: str, recorded: str) -> str:
        """Return the mock's job for a recorded one; it is made without a start if none was recorded."""
        if (api.name, recorded) not in self._jobs:
            namespace = self._service.namespace(api, key)
            self._jobs[api.name, recorded] = self._service.place(namespace, self._plans[api.name]).id
        return self._jobs[api.name, recorded]

    def _remember(self, api: Api, one: LiveExchange, reply: Reply) -> None:
        recorded = job_id_of(api, one.body, one.headers)
        made = job_id_of(api, reply.body, reply.headers)
        if recorded is not None and made is not None:
            self._jobs[api.name, recorded] = made


def _object(body: bytes) -> Mapping[str, Any]:
    value = parse_body(body)
    return value if isinstance(value, dict) else {}


def _answer(sent: LiveExchange, path: str, reply: Reply) -> LiveExchange:
    """Return what a client sees of a reply."""
    if reply.fault is not None and not reply.fault.drip:
        return replace(sent, path=path, status=0, headers={}, body=b"")
    headers = {name.decode(): value.decode() for name, value in reply.headers}
    return replace(sent, path=path, status=reply.status, headers=headers, body=reply.body)
