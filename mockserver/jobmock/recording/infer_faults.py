"""Infers a scenario's faults from what the network, the gateway and the API did to a job's requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from ..dialect.answers import Answer, Refused
from ..dialect.api import Api
from ..dialect.sample_answers import isolated_request, sample_answer
from ..engine.headers import retry_due, retry_headers
from ..engine.progression import plan
from ..models import Fault, Respond, RetryAfter, Scenario, When
from .allow_list import AllowList
from .body_diff import BodyDiff, diff_bodies
from .exact_json import exact
from .hidden_values import fill_hidden, placeholder_body
from .recorded_jobs import number_ranges
from .sanitized_exchange import SanitizedExchange

_BODILESS = (204, 304)
_LAST_STATUS = 599
"""The greatest status that a scenario can express."""


class FaultSeen(NamedTuple):
    """The fault that one request met: its operation, its number there, and the members of the scenario's fault."""

    operation: str
    number: int
    members: Mapping[str, Any]


def merge_faults(seen: Sequence[FaultSeen]) -> tuple[Fault, ...]:
    """Return the scenario's faults; requests in a row that met the same fault share one."""
    groups: dict[tuple[str, bytes], tuple[Mapping[str, Any], list[int]]] = {}
    for operation, number, members in seen:
        groups.setdefault((operation, exact(members)), (members, []))[1].append(number)
    rows = [
        (operation, span, members)
        for (operation, _), (members, found) in groups.items() for span in number_ranges(sorted(found))
    ]  # fmt: skip
    rows.sort(key=lambda row: (row[0] != "start", row[0], row[1]))
    return tuple(Fault(operation=operation, when=When(requests=span), **members) for operation, span, members in rows)


class RefusalInference:
    """Infers the fault that refuses a request as it was recorded. `frame` has the scenario's switches and limits."""

    def __init__(self, api: Api, allow_list: AllowList, frame: Scenario) -> None:
        self._api, self._allow_list, self._plan = api, allow_list, plan(frame, api.shows)

    def fault_members(self, exchange: SanitizedExchange) -> Mapping[str, Any]:
        """Return the members of the fault that refuses a request as recorded, with the delay that was seen."""
        delay = {key: value for key, value in exchange.fault.items() if key == "delay"}
        return {**self._refusal(exchange), **delay}

    def is_given_by_mock(self, exchange: SanitizedExchange) -> bool:
        """Return whether the mock refuses such a poll without any fault, because of its query."""
        if exchange.status < 300:
            return False
        answer = sample_answer(self._api, exchange.operation, self._plan, 0, exchange.query.encode())
        return answer.status == exchange.status

    def _refusal(self, exchange: SanitizedExchange) -> Mapping[str, Any]:
        for name in self._error_names(exchange):
            for retry in (None, exchange.retry_after or RetryAfter()):
                if self._is_same(exchange, name, retry):
                    return {"respond": Respond(name=name), **({"retry_after": retry} if retry else {})}
        retry_member = {"retry_after": exchange.retry_after} if exchange.retry_after else {}
        return {"respond": self._scripted_answer(exchange), **retry_member}

    def _error_names(self, exchange: SanitizedExchange) -> Iterator[str]:
        """Yield the names of the API's errors with the recorded status, the usual one first."""
        usual = self._api.by_status.get(exchange.status)
        yield from [usual] if usual else []
        errors = self._api.errors.items()
        yield from (name for name, (status, _) in errors if status == exchange.status and name != usual)

    def _is_same(self, exchange: SanitizedExchange, name: str, retry: RetryAfter | None) -> bool:
        """Return whether the mock's error of that name, perhaps with a scripted Retry-After, is the recorded one."""
        call = isolated_request(self._api, exchange.operation, self._plan)
        call.now = exchange.at
        call.fault = Fault(when=When(every=1), retry_after=retry) if retry else None
        answer = self._api.refuse(Refused(name, retry=retry), call)
        if _retry_due(answer, exchange.at) != _recorded_retry_due(exchange):
            return False
        body = orjson.loads(orjson.dumps(answer.body))
        sanitized = self._allow_list.answer_body(exchange.operation, answer.status, body)
        return diff_bodies(exchange.body, sanitized) == BodyDiff()

    def _scripted_answer(self, exchange: SanitizedExchange) -> Respond:
        """Return the refusal as a status without a name, with what was kept of its body."""
        status = min(exchange.status, _LAST_STATUS)
        if exchange.has_object and exchange.body:
            return Respond(status=status, body=fill_hidden(exchange.body), has_body=True)
        usual_body = exchange.has_object or exchange.opaque
        if exchange.status in _BODILESS or (usual_body and exchange.status >= 400):
            return Respond(status=status)
        # For a success, the API has no body of its own.
        headers = {"content-type": exchange.content_type} if exchange.content_type else {}
        return Respond(status=status, body=placeholder_body(exchange.outline), has_body=True, headers=headers)


def _retry_due(answer: Answer, now: int) -> tuple[int | None, bool]:
    """Return the moment that an answer's Retry-After allows a retry, and whether the header is a date."""
    value = next((value for name, value in answer.headers if name == b"retry-after"), b"")
    return retry_due(answer.headers, now), bool(value) and not value.isdigit()


def _recorded_retry_due(exchange: SanitizedExchange) -> tuple[int | None, bool]:
    return _retry_due(Answer(exchange.status, None, retry_headers(exchange.retry_after, exchange.at)), exchange.at)
