"""Strategies for failures: sequences of faults, and storms of 429s with every form of Retry-After."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..catalogue.unused_parts import used_faults
from ..clock import SECOND
from ..contract import documents
from ..dialect.api import Api
from ..models import Delay, Drip, Fault, Respond, RetryAfter, When
from .arguments import allowed_name, allowed_names, bounded_int, load_api
from .vocabulary import error_names, operation_names, operations_named

ActionStrategy = SearchStrategy[dict[str, Any]]
RetryAfterLists = SearchStrategy[list[RetryAfter]]

_MILLISECOND = SECOND // 1000
_MAX_FAULTS = 1_000
_MAX_WAIT = 31_536_000
RETRY_AFTER_STATUSES = (429, 503)
"""HTTP statuses that may have Retry-After."""
_GATEWAY_STATUSES = (502, 503, 504, 500, 408, 413, 520)
_HTML_PAGE = "<html><body><h1>{0}</h1></body></html>"
_GATEWAY_BODIES: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("", {"content-type": "text/plain"}),
    (_HTML_PAGE, {"content-type": "text/html"}),
    ("upstream connect error", {"content-type": "text/plain"}),
    ('{{"message": "status {0}"}}', {}),
)
"""Bodies and headers of a gateway's answers: no body, a web page, text, a JSON object that isn't the API's."""

_RETRY_AFTER_FORMS: Mapping[str, Callable[[int], RetryAfter]] = {
    "seconds": lambda seconds: RetryAfter(seconds=seconds),
    "date": lambda seconds: RetryAfter(seconds=seconds, as_date=True),
    "absent": lambda seconds: RetryAfter(),
}


def retry_afters(*, max_wait: int = 120) -> SearchStrategy[RetryAfter]:
    """Return every form of Retry-After: seconds, an HTTP-date, absent. Raises UsageError."""
    return _retry_after_forms(tuple(_RETRY_AFTER_FORMS), max_wait).map(lambda form: form or RetryAfter())


def _retry_after_forms(forms: Sequence[str | None], max_wait: int) -> SearchStrategy[RetryAfter | None]:
    """Return these forms, each made of the same number of choices, so that one shrinks to another in a single step."""
    wait = st.integers(0, bounded_int("max_wait", max_wait, 0, _MAX_WAIT))
    return st.builds(lambda form, seconds: form and _RETRY_AFTER_FORMS[form](seconds), st.sampled_from(forms), wait)


def failure_sequences(
    api: str, *, max_faults: int = 3, operations: Collection[str] = ("status",),
    kinds: Collection[str] | None = None, whens: Collection[str] | None = None,
    refusals: Collection[str] | None = None, max_wait: int = 120,
) -> SearchStrategy[tuple[Fault, ...]]:  # fmt: skip
    """Return up to `max_faults` faults; the first one that matches a request is applied to it, and each can be.

    `kinds` are some of KINDS, `whens` some of WHENS; by default all. `refusals` are the error names that `respond` may
    use, by default all documented ones of the operation. No fault matches every request. Raises UsageError.
    """
    known = load_api(api)
    most = bounded_int("max_faults", max_faults, 0, _MAX_FAULTS)
    wanted = allowed_names("kinds", kinds, KINDS)
    moments = st.one_of([_WHENS_BY_KIND[form] for form in allowed_names("whens", whens, WHENS)])
    each = [
        _operation_faults(known, name, wanted, moments, refusals, max_wait)
        for name in allowed_names("operations", operations, operation_names(known))
    ]
    return st.lists(st.one_of(each), max_size=most).map(used_faults)


def rate_limit_storms(
    api: str, *, max_length: int = 5, operation: str = "status", max_wait: int = 120
) -> SearchStrategy[tuple[Fault, ...]]:
    """Return 429s in a row, each with its own form of Retry-After, beginning at one of the first requests.

    Raises UsageError.
    """
    known = load_api(api)
    name = allowed_name("operation", operation, operation_names(known))
    forms = st.lists(
        retry_afters(max_wait=max_wait), min_size=1, max_size=bounded_int("max_length", max_length, 1, _MAX_FAULTS)
    )
    return _rate_limit_faults(known, name, forms)


@st.composite
def _rate_limit_faults(draw: st.DrawFn, api: Api, operation: str, forms: RetryAfterLists) -> tuple[Fault, ...]:
    first, respond = draw(st.integers(1, 4)), Respond(name=api.rate_limit_error)
    return tuple(
        Fault(operation=operation, when=When(requests=(number, number)), respond=respond, retry_after=form)
        for number, form in enumerate(draw(forms), first)
    )


def _operation_faults(
    api: Api, operation: str, kinds: Sequence[str], whens: SearchStrategy[When],
    names: Collection[str] | None, max_wait: int,
) -> SearchStrategy[Fault]:  # fmt: skip
    """Return faults of one operation."""
    possible = Refusals(api, operation, allowed_names("refusals", names, error_names(api, operation)), max_wait)
    actions = st.one_of([_ACTIONS_BY_KIND[kind](possible) for kind in kinds])
    late = _delays((None, *_DELAY_KINDS)) if "delay" in kinds else st.none()

    def fault(when: When, action: dict[str, Any], delay: Delay | None) -> Fault:
        return Fault(operation=operation, when=when, **{"delay": delay, **action})

    return st.builds(fault, whens, actions, late)


class Refusals:
    """Strategies for the error answers that a fault may give to requests of one operation."""

    def __init__(self, api: Api, operation: str, names: Sequence[str], max_wait: int) -> None:
        self.api, self.operation, self.names, self.max_wait = api, operation, names, max_wait

    def api_errors(self) -> ActionStrategy:
        """Return the API's own errors, by name or by HTTP status."""
        status_of = {name: self.api.errors[name][0] for name in self.names}
        listed = operations_named(self.api, self.operation)[0].replies
        bare = sorted({*status_of.values()} & {*self.api.by_status} & {*listed})
        every: list[tuple[Respond, int]] = [(Respond(name=name), status) for name, status in status_of.items()]
        return self._with_retry_after(every + [(Respond(status=status), status) for status in bare])

    def gateway_errors(self) -> ActionStrategy:
        """Return errors that a gateway in front of the API sends."""
        every = [
            (Respond(status=status, body=text.format(status), has_body=True, headers=headers), status)
            for text, headers in _GATEWAY_BODIES
            for status in _GATEWAY_STATUSES
        ]
        return self._with_retry_after(every)

    def _with_retry_after(self, every: Sequence[tuple[Respond, int]]) -> ActionStrategy:
        waits = _retry_after_forms((None, *_RETRY_AFTER_FORMS), self.max_wait)

        def action(answer: tuple[Respond, int], wait: RetryAfter | None) -> dict[str, Any]:
            respond, status = answer
            return {"respond": respond, "retry_after": wait if status in RETRY_AFTER_STATUSES else None}

        return st.builds(action, st.sampled_from(every), waits)


def _enum_actions(kind: str) -> ActionStrategy:
    """Return actions whose values are listed in the schema of the scenario language."""
    words = documents.document("scenario.schema.json")["definitions"]["fault"]["properties"][kind]["enum"]
    return st.sampled_from([{kind: word} for word in words])


def _drip_actions() -> ActionStrategy:
    pause = st.integers(1, 2_000).map(lambda number: number * _MILLISECOND)
    return st.builds(lambda size, every: {"drip": Drip(size=size, every=every)}, st.integers(1, 64), pause)


def _delays(kinds: Sequence[str | None]) -> SearchStrategy[Delay | None]:
    """Return delays from 1 ms to 90 s, uniform ones up to three times as long; each is made of as many choices."""
    time = st.integers(1, 90_000).map(lambda number: number * _MILLISECOND)
    return st.builds(
        lambda kind, a, spread: kind and _DELAY_KINDS[kind](a, spread), st.sampled_from(kinds), time, st.integers(1, 20)
    )


_DELAY_KINDS: Mapping[str, Callable[[int, int], Delay]] = {
    "constant": lambda a, spread: Delay(kind="constant", a=a),
    "uniform": lambda a, spread: Delay(kind="uniform", a=a, b=a + a * spread // 10),
    "lognormal": lambda a, spread: Delay(kind="lognormal", a=a, sigma=spread / 10),
}
_ACTIONS_BY_KIND: Mapping[str, Callable[[Refusals], ActionStrategy]] = {
    "respond": Refusals.api_errors,
    "gateway": Refusals.gateway_errors,
    "delay": lambda refusals: _delays(tuple(_DELAY_KINDS)).map(lambda delay: {"delay": delay}),
    "disconnect": lambda refusals: _enum_actions("disconnect"),
    "corrupt": lambda refusals: _enum_actions("corrupt"),
    "drip": lambda refusals: _drip_actions(),
    "hang": lambda refusals: st.just({"hang": True}),
}
KINDS = tuple(_ACTIONS_BY_KIND)
"""Kinds of failures: `respond` is the API's own error, `gateway` one of a gateway; the language has the others."""

_WHENS_BY_KIND: Mapping[str, SearchStrategy[When]] = {
    "request": st.integers(1, 8).map(lambda number: When(requests=(number, number))),
    "requests": st.builds(
        lambda first, more: When(requests=(first, first + more)), st.integers(1, 6), st.integers(1, 3)
    ),
    "every": st.integers(2, 5).map(lambda number: When(every=number)),
    "seconds": st.builds(
        lambda first, length: When(during=(first * SECOND, (first + length) * SECOND)),
        st.integers(0, 120), st.integers(1, 60),
    ),
    "chance": st.integers(1, 9).map(lambda tenths: When(chance=tenths / 10)),
}  # fmt: skip
WHENS = tuple(_WHENS_BY_KIND)
"""Ways to say which requests a fault matches, as in the scenario language."""
