"""Failures are faults that the language can write; every kind, moment and form of Retry-After is among them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.strategies.drawing import reached, simplest, some

from jobmock.contract import documents
from jobmock.errors import UsageError
from jobmock.models import Fault, RetryAfter, When
from jobmock.strategies import failure_sequences, rate_limit_storms
from jobmock.strategies.failures import KINDS, WHENS

WORDS = documents.document("scenario.schema.json")["definitions"]["fault"]["properties"]
SPOILT = [(kind, word) for kind in ("disconnect", "corrupt") for word in WORDS[kind]["enum"]]


def kind_of(fault: Fault) -> str:
    """Tell the kind of a fault by what it does."""
    if fault.respond:
        return "gateway" if fault.respond.has_body else "respond"
    return next((kind for kind in ("disconnect", "corrupt", "drip", "hang") if getattr(fault, kind)), "delay")


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_select(kind: str) -> None:
    """Each kind is reached, and `kinds` selects it alone."""
    reached(failure_sequences("clado"), lambda faults: any(kind_of(fault) == kind for fault in faults))
    drawn = {kind_of(fault) for faults in some(failure_sequences("clado", kinds=[kind]), 50) for fault in faults}
    assert drawn == {kind}


@pytest.mark.parametrize(("kind", "word"), SPOILT)
def test_every_word_of_the_wire_is_reached(kind: str, word: str) -> None:
    """Each way to cut or to spoil an answer is drawn."""
    reached(failure_sequences("orbit", kinds=[kind]), lambda faults: any(getattr(f, kind) == word for f in faults))


@pytest.mark.parametrize("kind", ["constant", "uniform", "lognormal"])
def test_every_delay_is_reached(kind: str) -> None:
    """Each kind of delay is drawn, alone and beside another action."""
    faults = failure_sequences("clado")
    reached(faults, lambda drawn: any(f.delay and f.delay.kind == kind and kind_of(f) == "delay" for f in drawn))
    reached(faults, lambda drawn: any(f.delay and f.delay.kind == kind and kind_of(f) != "delay" for f in drawn))


def when_of(when: When) -> str:
    """Tell the form of a moment."""
    if when.requests:
        return "request" if when.requests[0] == when.requests[1] else "requests"
    return "every" if when.every else "seconds" if when.during else "chance"


@pytest.mark.parametrize("form", WHENS)
def test_moments_select(form: str) -> None:
    """Each of WHENS is reached, and `whens` selects it alone; no fault matches every request."""
    drawn = [fault.when for faults in some(failure_sequences("clado", whens=[form]), 50) for fault in faults]
    assert {when_of(when) for when in drawn} == {form}
    assert not any(when.every == 1 or when.chance == 1 for when in drawn)
    reached(failure_sequences("clado"), lambda faults: any(when_of(fault.when) == form for fault in faults))


def test_shrinking() -> None:
    """The simplest row is empty; the simplest fault meets the first request, the simplest storm says 0 seconds."""
    assert simplest(failure_sequences("clado")) == ()
    searches = (simplest(failure_sequences("clado"), lambda row: any(f.hang for f in row), seed) for seed in range(20))
    assert (Fault(when=When(requests=(1, 1)), hang=True),) in searches
    (storm,) = simplest(rate_limit_storms("orbit"))
    assert (storm.when, storm.retry_after) == (When(requests=(1, 1)), RetryAfter(seconds=0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"api": "orbt"}, "Did you mean 'orbit'?"),
        ({"kinds": ["hangs"]}, "Unknown name in 'kinds': 'hangs'. Allowed: respond, gateway, "),
        ({"whens": "every"}, "'whens' holds one or more names, not 'every'."),
        ({"operations": ["cancel"], "api": "orbit"}, "Unknown name in 'operations': 'cancel'. Allowed: start, "),
        ({"refusals": ["teapot"]}, "Unknown name in 'refusals': 'teapot'. Allowed: bad_request, "),
        ({"max_faults": -1}, "'max_faults' is a whole number from 0 to 1000, not -1."),
        ({"max_wait": None}, "'max_wait' is a whole number from 0 to 31536000, not None."),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], message: str) -> None:
    """A wrong argument is named at once, with what is allowed."""
    with pytest.raises(UsageError) as caught:
        failure_sequences(**{"api": "clado", **arguments})
    assert message in str(caught.value)


def test_wrong_arguments_of_a_storm() -> None:
    """A storm has at least one fault, of an operation that is there."""
    with pytest.raises(UsageError, match="'max_length' is a whole number from 1 to 1000, not 0"):
        rate_limit_storms("clado", max_length=0)
    with pytest.raises(UsageError, match=r"Unknown operation 'stats'.* Did you mean 'status'"):
        rate_limit_storms("clado", operation="stats")
