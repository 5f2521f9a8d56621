"""Makes a SanitizedExchange of a RawExchange: the only place where real data is read."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from threading import Lock
from typing import Any

import orjson

from ..checking.exchange import LiveExchange
from ..checking.json_bodies import BOM, NOT_JSON, TOO_DEEP, parse_body
from ..checking.received_answer import ReceivedAnswer, received_answer
from ..checking.stated_pages import PageRequest, stated_page
from ..dialect.answers import Refused
from ..dialect.api import Api, Operation
from ..dialect.observation import ObservedPeople
from ..dialect.routing import Routes
from ..models import MOST_PEOPLE
from .allow_list import AllowList
from .content_types import recorded_content_type
from .cursors import NO_CURSORS, PageNumbers
from .hidden_values import HiddenValue
from .observed_fault import is_dripped, observed_fault
from .outline import outline_of
from .raw_exchange import RawExchange
from .retry_after import recorded_retry_after
from .sanitized_exchange import NO_PEOPLE, SanitizedExchange

_MOST_KEPT = 64


class Sanitizer:
    """Sanitizes the exchanges of one API. Ids become digests under a secret that exists only in this process."""

    def __init__(self, api: Api, allow_list: AllowList) -> None:
        self.api, self.allow_list = api, allow_list
        self._routes, self._secret = Routes((api,)), secrets.token_bytes(32)
        self._deviations_of: dict[str, Mapping[str, Any]] = {}
        """By digests of the request and the answer."""
        self._lock = Lock()
        paging = api.paging
        self._page_numbers = PageNumbers(paging, self._digest) if paging is not None and paging.has_cursors else None

    def sanitize(self, raw: RawExchange, *, judge: bool = False) -> SanitizedExchange | None:
        """Return what may be kept of an exchange. Deviations are only looked for with `judge`: that takes time.

        Return None if the request is no operation of the API or has no key, or if the body couldn't be decoded.
        """
        _, operation, params = self._routes.find(raw.request)
        if operation is None or raw.body is None or not self._has_key(raw, operation):
            return None
        answer = _received_answer(self.api, operation, params, raw)
        sent, body = _request_json(raw.request.body), answer.body
        content_type = recorded_content_type(raw.headers.get("content-type", ""), self.allow_list.words)
        items = list(params.values()) if operation.is_about_one_result else []
        field = operation.idempotency_field
        once = sent.get(field) if field and isinstance(sent, Mapping) else None
        is_start = operation.name == "start"
        people, cursors = self._people(operation, body), NO_CURSORS
        if self._page_numbers is not None and people.visible is not None:
            people, cursors = self._page_numbers.observed(people, raw.request.query, body)
        return SanitizedExchange(
            at=raw.at, operation=operation, job=self._digest(params.get("job")),
            item=self._digest(items[0]) if items else None, idempotency_key=self._digest(once),
            created_job=self._digest(self.api.job_id_in(body, raw.headers)) if is_start and raw.status < 300 else None,
            run_shape=self._run_shape(sent) if is_start else None,
            query=self.allow_list.query(operation, raw.request.query),
            request_body=self.allow_list.request_body(operation, sent),
            status=raw.status, content_type=content_type, retry_after=recorded_retry_after(raw),
            body=self._sanitize_body(operation, raw, body), outline=_outline(raw.body, body),
            people=people, cursors=cursors,
            fault=observed_fault(raw, content_type, body, needs_body=_needs_body(operation, raw.status)),
            took=raw.took, dripped=is_dripped(raw), opaque=body is TOO_DEEP,
            byte_order_mark=raw.body.startswith(BOM) and body is not NOT_JSON,
            page=self._page(answer), deviations=self._deviations(answer) if judge and raw.status else {},
        )  # fmt: skip

    def _digest(self, value: Any) -> str | None:
        """Return a short text that is the same for the same value and doesn't reveal it; None for None.

        As for a check, the order of members counts.
        """
        return None if value is None else hmac.digest(self._secret, orjson.dumps(value), "sha256").hex()[:16]

    def _has_key(self, raw: RawExchange, operation: Operation) -> bool:
        try:
            self.api.authorize(self.api.credential.sent(raw.request), operation)
        except Refused:
            return False
        return True

    def _run_shape(self, sent: Any) -> str | None:
        """Return the run shape in a start's body, if a document lists it."""
        known = self.allow_list.request_body(self.api.operations[0], sent) if isinstance(sent, Mapping) else None
        return self.api.observation().run_shape(known) if isinstance(known, Mapping) else None

    def _sanitize_body(self, operation: Operation, raw: RawExchange, body: Any) -> Any:
        if not isinstance(body, Mapping | list if operation.has_lines(raw.status) else Mapping):
            return HiddenValue("text")
        return self.allow_list.answer_body(operation, raw.status, body)

    def _deviations(self, answer: ReceivedAnswer) -> Mapping[str, Any]:
        """Return the deviations of an answer. Those of the last answers are kept: most polls repeat an answer."""
        exchange, key = answer.exchange, self._digest([answer.operation.name, dict(answer.params)]) or ""
        key += hmac.digest(self._secret, b"%d %s " % (exchange.status, exchange.query.encode()), "sha256").hex()
        key += hmac.digest(self._secret, exchange.body, "sha256").hex()
        found = self._deviations_of.get(key)
        if found is None:
            found = self.allow_list.deviations(answer)
            with self._lock:
                self._deviations_of[key] = found
                while len(self._deviations_of) > _MOST_KEPT:
                    del self._deviations_of[next(iter(self._deviations_of))]
        return found

    def _page(self, answer: ReceivedAnswer) -> PageRequest | None:
        page = stated_page(answer, self.api.paging) if self.api.paging and answer.results is not None else None
        return page and page.requested

    def _people(self, operation: Operation, body: Any) -> ObservedPeople:
        if operation.name != self.api.results_operation or not isinstance(body, Mapping | list):
            return NO_PEOPLE
        people = self.api.observation().people(body)
        visible = None if people.visible is None else min(max(people.visible, len(people.shown)), MOST_PEOPLE)
        shown, ids = (tuple(map(self._digest, values)) for values in (people.shown, people.ids))
        return people._replace(visible=visible, shown=shown, ids=ids)


def _received_answer(api: Api, operation: Operation, params: Mapping[str, str], raw: RawExchange) -> ReceivedAnswer:
    """Return an answer as a check gets it."""
    query = raw.request.query.decode("latin-1")
    exchange = LiveExchange(at=0, method="", path="", query=query, status=raw.status, body=raw.body or b"")
    return received_answer(api, operation, params, exchange)


def _needs_body(operation: Operation, status: int) -> bool:
    """Return whether an empty body is broken: not where the documents have none, and not without lines."""
    return operation.replies.get(status, "") is not None and not operation.has_lines(status)


def _outline(raw: bytes, body: Any) -> Any:
    if not raw:
        return "empty"
    if isinstance(body, float) and not body.is_integer():
        return "fraction"
    return None if body in (NOT_JSON, TOO_DEEP) else outline_of(body)


def _request_json(body: bytes) -> Any:
    """Return a request's body as data; None if it isn't JSON, or is nested too deeply."""
    sent = parse_body(body)
    return None if sent in (NOT_JSON, TOO_DEEP) else sent
