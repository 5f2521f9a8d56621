"""Failures: rows of faults on the way of requests, and storms of 429s with every form of Retry-After."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..clock import SECOND
from ..contract import documents
from ..dialect.api import Api
from ..models import Delay, Drip, Fault, Respond, RetryAfter, When
from .arguments import api_named, one, several, within
from .vocabulary import called, operations, refusals

Actions = SearchStrategy[dict[str, Any]]
Forms = SearchStrategy[list[RetryAfter]]

_MILLISECOND = SECOND // 1000
_MOST_FAULTS = 1_000
_MOST_WAIT = 31_536_000
PATIENT = (429, 503)
"""Statuses that Retry-After goes with."""
_GATEWAY = (502, 503, 504, 500, 408, 413, 520)
_PAGE = "<html><body><h1>{0}</h1></body></html>"
_GATEWAY_BODIES: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("", {"content-type": "text/plain"}),
    (_PAGE, {"content-type": "text/html"}),
    ("upstream connect error", {"content-type": "text/plain"}),
    ('{{"message": "status {0}"}}', {}),
)
"""What a gateway answers for the API: no body, a web page, text, a JSON object that isn't the API's."""

_RETRY_AFTERS: Mapping[str, Callable[[int], RetryAfter]] = {
    "seconds": lambda seconds: RetryAfter(seconds=seconds),
    "date": lambda seconds: RetryAfter(seconds=seconds, as_date=True),
    "absent": lambda seconds: RetryAfter(),
}


def retry_afters(*, max_wait: int = 120) -> SearchStrategy[RetryAfter]:
    """Return every form of Retry-After: seconds, an HTTP-date, absent. Raises UsageError."""
    return _forms(tuple(_RETRY_AFTERS), max_wait).map(lambda form: form or RetryAfter())


def _forms(forms: Sequence[str | None], max_wait: int) -> SearchStrategy[RetryAfter | None]:
    """Return these forms, all of as many choices: one is left for another, or for none, in a single step."""
    wait = st.integers(0, within("max_wait", max_wait, 0, _MOST_WAIT))
    return st.builds(lambda form, seconds: form and _RETRY_AFTERS[form](seconds), st.sampled_from(forms), wait)


def failure_sequences(
    api: str, *, max_faults: int = 3, operations: Collection[str] = ("status",),
    kinds: Collection[str] | None = None, whens: Collection[str] | None = None,
    refusals: Collection[str] | None = None, max_wait: int = 120,
) -> SearchStrategy[tuple[Fault, ...]]:  # fmt: skip
    """Return up to so many faults; the first that matches a request meets it.

    `kinds` are of KINDS, `whens` of WHENS, all if absent; `refusals` are the error names that `respond` may take, if
    absent every one that the documents list for the operation. No fault meets every request. Raises UsageError.
    """
    known = api_named(api)
    most = within("max_faults", max_faults, 0, _MOST_FAULTS)
    wanted = several("kinds", kinds, KINDS)
    moments = st.one_of([_WHENS[form] for form in several("whens", whens, WHENS)])
    each = [
        _faults(known, name, wanted, moments, refusals, max_wait)
        for name in several("operations", operations, _names(known))
    ]
    return st.lists(st.one_of(each), max_size=most).map(tuple)


def rate_limit_storms(
    api: str, *, max_length: int = 5, operation: str = "status", max_wait: int = 120
) -> SearchStrategy[tuple[Fault, ...]]:
    """Return 429s in a row, each with a Retry-After of its own form, from one of the first requests on.

    Raises UsageError.
    """
    known = api_named(api)
    name = one("operation", operation, _names(known))
    forms = st.lists(
        retry_afters(max_wait=max_wait), min_size=1, max_size=within("max_length", max_length, 1, _MOST_FAULTS)
    )
    return _storms(known, name, forms)


@st.composite
def _storms(draw: st.DrawFn, api: Api, operation: str, forms: Forms) -> tuple[Fault, ...]:
    first, respond = draw(st.integers(1, 4)), Respond(name=api.limited)
    return tuple(
        Fault(operation=operation, when=When(requests=(number, number)), respond=respond, retry_after=form)
        for number, form in enumerate(draw(forms), first)
    )


def _names(api: Api) -> tuple[str, ...]:
    return operations(api)


def _faults(
    api: Api, operation: str, kinds: Sequence[str], whens: SearchStrategy[When],
    names: Collection[str] | None, max_wait: int,
) -> SearchStrategy[Fault]:  # fmt: skip
    """Return the faults of one operation."""
    scripted = Scripted(api, operation, several("refusals", names, refusals(api, operation)), max_wait)
    actions = st.one_of([_ACTIONS[kind](scripted) for kind in kinds])
    late = _delays((None, *_DELAYS)) if "delay" in kinds else st.none()

    def fault(when: When, action: dict[str, Any], delay: Delay | None) -> Fault:
        return Fault(operation=operation, when=when, **{"delay": delay, **action})

    return st.builds(fault, whens, actions, late)


class Scripted:
    """What the refusals of one operation may be."""

    def __init__(self, api: Api, operation: str, names: Sequence[str], max_wait: int) -> None:
        self.api, self.operation, self.names, self.max_wait = api, operation, names, max_wait

    def responds(self) -> Actions:
        """Return the API's own refusals: by name, then by the bare status, patient ones with a Retry-After."""
        status_of = {name: self.api.errors[name][0] for name in self.names}
        listed = called(self.api, self.operation)[0].replies
        bare = sorted({*status_of.values()} & {*self.api.by_status} & {*listed})
        every: list[tuple[Respond, int]] = [(Respond(name=name), status) for name, status in status_of.items()]
        return self._patient(every + [(Respond(status=status), status) for status in bare])

    def gateway(self) -> Actions:
        """Return answers that somebody between gives in the API's place."""
        every = [
            (Respond(status=status, body=text.format(status), has_body=True, headers=headers), status)
            for text, headers in _GATEWAY_BODIES
            for status in _GATEWAY
        ]
        return self._patient(every)

    def _patient(self, every: Sequence[tuple[Respond, int]]) -> Actions:
        waits = _forms((None, *_RETRY_AFTERS), self.max_wait)
        shown = st.sampled_from(every)
        return st.builds(
            lambda found, wait: {"respond": found[0], "retry_after": wait if found[1] in PATIENT else None},
            shown, waits,
        )  # fmt: skip


def _listed(kind: str) -> Actions:
    """Return an action whose words stand in the schema of the scenario language."""
    words = documents.document("scenario.schema.json")["definitions"]["fault"]["properties"][kind]["enum"]
    return st.sampled_from([{kind: word} for word in words])


def _drips() -> Actions:
    pause = st.integers(1, 2_000).map(lambda number: number * _MILLISECOND)
    return st.builds(lambda size, every: {"drip": Drip(size=size, every=every)}, st.integers(1, 64), pause)


def _delays(kinds: Sequence[str | None]) -> SearchStrategy[Delay | None]:
    """Return delays from a millisecond to a minute and a half, uniform ones to some more; all of as many choices."""
    time = st.integers(1, 90_000).map(lambda number: number * _MILLISECOND)
    return st.builds(
        lambda kind, a, spread: kind and _DELAYS[kind](a, spread), st.sampled_from(kinds), time, st.integers(1, 20)
    )


_DELAYS: Mapping[str, Callable[[int, int], Delay]] = {
    "constant": lambda a, spread: Delay(kind="constant", a=a),
    "uniform": lambda a, spread: Delay(kind="uniform", a=a, b=a + a * spread // 10),
    "lognormal": lambda a, spread: Delay(kind="lognormal", a=a, sigma=spread / 10),
}
_ACTIONS: Mapping[str, Callable[[Scripted], Actions]] = {
    "respond": Scripted.responds,
    "gateway": Scripted.gateway,
    "delay": lambda scripted: _delays(tuple(_DELAYS)).map(lambda delay: {"delay": delay}),
    "disconnect": lambda scripted: _listed("disconnect"),
    "corrupt": lambda scripted: _listed("corrupt"),
    "drip": lambda scripted: _drips(),
    "hang": lambda scripted: st.just({"hang": True}),
}
KINDS = tuple(_ACTIONS)
"""Kinds of failures: `respond` is the API's own refusal, `gateway` one that isn't; the others are the language's."""

_WHENS: Mapping[str, SearchStrategy[When]] = {
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
WHENS = tuple(_WHENS)
"""Which requests a fault meets, in the language's own words."""
