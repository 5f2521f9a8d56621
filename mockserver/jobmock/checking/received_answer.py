"""One received answer: its exchange, the operation that it answers, and its parsed body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from .. import json_pointer
from ..dialect.api import Api, Operation
from .exchange import LiveExchange
from .json_bodies import parse_body, parse_lines
from .violation import LiveViolation


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedAnswer:
    """One received answer. `params` are the ids in the path, `body` is NOT_JSON or TOO_DEEP if it can't be judged."""

    api: Api
    operation: Operation
    params: Mapping[str, str]
    exchange: LiveExchange
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any

    def violation(self, rule: str, message: str, *, pointer: str = "", found: str = "", **more: Any) -> LiveViolation:
        """Return a violation in this answer."""
        return LiveViolation(
            rule=rule, api=self.api.name, operation=self.operation.name, status=self.exchange.status,
            pointer=pointer, found=found, message=message, **{"at": pointer, **more},
        )  # fmt: skip

    @property
    def document(self) -> str | None:
        """The document that describes this body; None if none lists the HTTP status, or the answer has no body."""
        name, paging = self.operation.replies.get(self.exchange.status), self.api.paging
        if name and paging and paging.document and self._has_results and paging.is_page(self.query):
            name = paging.document
        return name and f"{self.api.name}/{name}"

    @property
    def succeeded(self) -> bool:
        """Whether the HTTP status is a success."""
        return 200 <= self.exchange.status < 300

    @property
    def shows_status(self) -> bool:
        """Whether this is the status of a job: a success of that operation, with an object."""
        return self.operation.name == "status" and self.succeeded and isinstance(self.body, dict)

    @property
    def results(self) -> list[Any] | None:
        """The results in the answer, None if there is no list of them."""
        found = json_pointer.value_at(self.body, self.api.results) if self._has_results else None
        return found if isinstance(found, list) else None

    @property
    def _has_results(self) -> bool:
        """Whether the answer is one in which the API has the results of a job."""
        return self.operation.name == self.api.results_operation and self.succeeded


def received_answer(
    api: Api, operation: Operation, params: Mapping[str, str], exchange: LiveExchange
) -> ReceivedAnswer:  # fmt: skip
    """Return the answer of an exchange, with its body parsed."""
    query = dict(parse_qsl(exchange.query, keep_blank_values=True)) if exchange.query else {}
    parsed = exchange.parsed
    if operation.has_lines(exchange.status):
        body = parse_lines(exchange.body)
    else:
        body = parsed.value if parsed and parsed.body is exchange.body else parse_body(exchange.body)
    return ReceivedAnswer(api=api, operation=operation, params=params, exchange=exchange, query=query, body=body)
