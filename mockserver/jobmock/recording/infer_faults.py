"""What the network and the gateway did to a job's requests → faults on request numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from ..catalogue.validation import alone, sample
from ..dialect.answers import Answer, Refused
from ..dialect.api import Api
from ..engine.headers import retry_due, retry_headers
from ..engine.progression import plan
from ..models import Fault, Respond, RetryAfter, Scenario, When
from .allow_list import Allowed
from .body_diff import Change, change, filled, stand_in
from .recorded_jobs import runs
from .sanitizer import Sighting

_BODILESS = (204, 304)
_LAST = 599
"""The greatest status that a scenario can say."""
Met = tuple[str, int, Mapping[str, Any]]
"""Operation, number of the request, and the members of the fault that it met."""


def faults(met: Sequence[Met]) -> tuple[Fault, ...]:
    """Return the faults that requests met, those of neighbours that met the same as one."""
    grouped: list[tuple[str, Mapping[str, Any], list[int]]] = []
    for operation, number, members in met:
        same = next((row for row in grouped if row[0] == operation and row[1] == members), None)
        if same is None:
            grouped.append((operation, members, [number]))
        else:
            same[2].append(number)
    spread = [(operation, span, members) for operation, members, numbers in grouped for span in runs(sorted(numbers))]
    spread.sort(key=lambda row: (row[0] != "start", row[0], row[1]))
    return tuple(Fault(operation=operation, when=When(requests=span), **members) for operation, span, members in spread)


class Refusals:
    """Says what refused a request, in the words of its API. `frame` has the scenario's choices."""

    def __init__(self, api: Api, allowed: Allowed, frame: Scenario) -> None:
        self._api, self._allowed, self._plan = api, allowed, plan(frame, api.shows)

    def members(self, one: Sighting) -> Mapping[str, Any]:
        """Return the members of the fault that refuses a request in the way that was seen."""
        for name in self._names(one):
            for retry in (None, one.retry or RetryAfter()):
                if self._same(one, name, retry):
                    return {"respond": Respond(name=name), **({"retry_after": retry} if retry else {})}
        retried = {"retry_after": one.retry} if one.retry else {}
        return {"respond": self._bare(one), **retried}

    def by_itself(self, one: Sighting) -> bool:
        """Say whether the mock refuses a poll in that way by itself, for what is asked."""
        if one.status < 300:
            return False
        return sample(self._api, one.operation, self._plan, 0, one.query.encode()).status == one.status

    def _names(self, one: Sighting) -> Iterator[str]:
        """Yield the names of errors with the status that was seen, the usual one first."""
        usual = self._api.by_status.get(one.status)
        yield from [usual] if usual else []
        yield from (name for name, (status, _) in self._api.errors.items() if status == one.status and name != usual)

    def _same(self, one: Sighting, name: str, retry: RetryAfter | None) -> bool:
        """Say whether the mock's own refusal, with Retry-After scripted or not, is the one that was seen."""
        call = alone(self._api, one.operation, self._plan)
        call.now = one.at
        call.fault = Fault(when=When(every=1), retry_after=retry) if retry else None
        answer = self._api.refusal(Refused(name, retry=retry), call)
        return self._differs(one, answer) == Change() and _due(answer, one.at) == _asked(one)

    def _differs(self, one: Sighting, answer: Answer) -> Change:
        body = orjson.loads(orjson.dumps(answer.body))
        return change(one.data, self._allowed.body(one.operation, answer.status, body))

    def _bare(self, one: Sighting) -> Respond:
        """Return the refusal as a bare status, with what may be known of its body."""
        status = min(one.status, _LAST)
        if one.readable and one.data:
            return Respond(status=status, body=filled(one.data), has_body=True)
        usual = one.readable or one.kind in ("", "application/json")
        if one.status in _BODILESS or (usual and one.status >= 400):
            return Respond(status=status)
        # The API has no body of its own for what is no error.
        headers = {"content-type": one.kind} if one.kind else {}
        return Respond(status=status, body=stand_in(one.shape), has_body=True, headers=headers)


def _due(answer: Answer, now: int) -> tuple[int | None, bool]:
    """Return until when an answer of the mock asks to wait, and whether it says it as a date."""
    value = next((value for name, value in answer.headers if name == b"retry-after"), b"")
    return retry_due(answer.headers, now), bool(value) and not value.isdigit()


def _asked(one: Sighting) -> tuple[int | None, bool]:
    return _due(Answer(one.status, None, retry_headers(one.retry, one.at)), one.at)


def with_harm(members: Mapping[str, Any], one: Sighting) -> Mapping[str, Any]:
    """Return the members of a refusal together with the delay it came after."""
    return {**members, **{key: value for key, value in one.harm.items() if key == "delay"}}
