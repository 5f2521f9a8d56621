"""Plays a recorded job on a mock: the same requests at the same moments, to compare the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

import orjson

from ..catalogue import Catalogue
from ..checking.json_bodies import parse_body
from ..clock import YEAR, Clock
from ..dialect.api import Api
from ..engine.namespace import Namespaces
from ..engine.pagination import CURSOR
from ..engine.progression import plan
from ..models import NOTHING, Request, Scenario
from ..service.service import Service
from .cursors import with_cursor
from .hidden_values import fill_hidden
from .raw_exchange import from_reply
from .recorded_jobs import RecordedJob
from .sanitized_exchange import SanitizedExchange
from .sanitizer import Sanitizer


class ReplayedExchange(NamedTuple):
    """One exchange as the mock played it: its request and body, and its sanitized form. No real data is in it.

    `job_headers` is the header with the URL of a job, of an API whose starts are answered with one.
    """

    request: Request
    body: bytes
    sanitized: SanitizedExchange
    job_headers: Mapping[str, str] = NOTHING


class Replay:
    """A mock that plays a scenario and gets a recorded job's requests at the recorded moments.

    With `judges`, the deviations of its answers are looked for where there may be any: where the recorded answer has
    some, and everywhere if the scenario changes answers.
    """

    def __init__(
        self, catalogue: Catalogue, sanitizer: Sanitizer, scenario: Scenario, job: RecordedJob, *, judges: bool = False
    ) -> None:  # fmt: skip
        self._judges = judges
        self._judges_all = judges and any(fault.change for fault in scenario.faults)
        self._api: Api = sanitizer.api
        self._sanitizer, self._job = sanitizer, job
        self._clock = Clock("manual", start=job.exchanges[0].at)
        planned = plan(scenario, self._api.shows)
        namespaces = Namespaces(clock=lambda: self._clock)
        self._service = Service(catalogue, namespaces, plans={self._api.name: planned})
        self._key = self._api.key(f"job_{job.number}")
        self._has_items = any(operation.is_about_one_result for operation in self._api.operations)
        """Whether the API has requests about single people, by their ids."""
        self._item_ids: dict[str, str] = {}
        """The mock's ids of people, by the digests of the recorded ones."""
        self._cursors: dict[str, str] = {}
        """The mock's cursors, by the digests of the recorded ones."""
        self._job_id = ""

    def create_job(self) -> None:
        """Create the job at the moment when its time begins, if its start wasn't recorded."""
        self._advance_to(self._job.begins_at)
        namespace = self._service.namespace(self._api, self._key)
        self._job_id = self._service.place(namespace, self._service.defaults.plans[self._api.name]).id

    def play(self, exchange: SanitizedExchange) -> ReplayedExchange:
        """Play the job's next exchange: send its request, at the moment at which it was recorded."""
        self._advance_to(exchange.at)
        request = self._request(exchange)
        reply = self._service.handle(request)
        raw = from_reply(request, reply, self._clock.now())
        judge = self._judges_all or (self._judges and bool(exchange.deviations))
        sanitized = self._sanitizer.sanitize(raw, judge=judge)
        assert sanitized is not None
        if exchange.created_job is not None and exchange.created_job == self._job.id:
            self._job_id = self._api.job_id_in(parse_body(reply.body), raw.headers) or self._job_id
        if sanitized.has_object and self._has_items and exchange.operation.name == self._api.results_operation:
            ids = self._api.observation().people(parse_body(reply.body)).shown
            pairs = zip(exchange.people.shown, ids, strict=False)
            self._item_ids.update(pair for pair in pairs if isinstance(pair[1], str))
        if exchange.cursors.following is not None and self._api.paging is not None:
            cursor = self._api.paging.stated_by(parse_body(reply.body), CURSOR)
            if isinstance(cursor, str):
                self._cursors[exchange.cursors.following] = cursor
        job_headers = {name: value for name, value in raw.headers.items() if name == self._api.id_header}
        return ReplayedExchange(request, reply.body, sanitized, job_headers)

    def _advance_to(self, moment: int) -> None:
        """Move the clock forward to a moment: a year at a time, as a clock goes no farther at once."""
        while (left := moment - self._clock.now()) > 0:
            self._clock.advance(min(left, YEAR))

    def _request(self, exchange: SanitizedExchange) -> Request:
        operation = exchange.operation
        parts = operation.path.split("/")
        path = "/".join(self._id(part, exchange) if part[:1] == "{" else part for part in parts)
        headers = self._api.credential.headers(self._key)
        return Request(operation.method, path.encode(), self._query(exchange).encode(), headers, self._body(exchange))

    def _query(self, exchange: SanitizedExchange) -> str:
        """Return the recorded query, with the mock's cursor in place of the recorded one if it is known."""
        cursor, paging = self._cursors.get(exchange.cursors.asked or ""), self._api.paging
        return exchange.query if cursor is None or paging is None else with_cursor(exchange.query, paging, cursor)

    def _id(self, parameter: str, exchange: SanitizedExchange) -> str:
        """Return the mock's id in place of a recorded one; `unknown` if the mock has none for it."""
        mock_id = self._job_id if parameter == "{job}" else self._item_ids.get(exchange.item or "", "")
        return quote(mock_id or "unknown", safe="")

    def _body(self, exchange: SanitizedExchange) -> bytes:
        """Return a request body like the recorded one: a start of the same shape, else what was kept of it."""
        if exchange.operation.name != "start":
            sent = exchange.request_body
            return orjson.dumps(fill_hidden(sent)) if isinstance(sent, dict) and sent else b""
        body = self._api.reference_client().start(exchange.run_shape)
        if exchange.operation.idempotency_field and exchange.idempotency_key is not None:
            number = self._idempotency_key_number(exchange.idempotency_key)
            body[exchange.operation.idempotency_field] = f"job-{self._job.number}-{number}"
        return orjson.dumps(body)

    def _idempotency_key_number(self, key: str) -> int:
        """Return the number of a key among the job's idempotency keys, from 1."""
        keys = (one.idempotency_key for one in self._job.exchanges)
        return list(dict.fromkeys(one for one in keys if one is not None)).index(key) + 1
