"""Values are printed as the call that makes them, without defaults, and that call makes them again."""

from __future__ import annotations

import pytest
from hypothesis.vendor.pretty import pretty

from jobmock import models
from jobmock.models import After, Fault, Pages, Respond, Results, Scenario, Step, When
from jobmock.strategies import behaviours

from .strategies.drawing import draws


def test_only_what_is_not_as_usual_is_shown() -> None:
    """Defaults and the origin of a scenario are left out."""
    fault = Fault(when=When(requests=(1, 2)), respond=Respond(status=503))
    assert pretty(fault) == "Fault(when=When(requests=(1, 2)), respond=Respond(status=503))"
    assert pretty(Results()) == "Results()"
    assert pretty(Step(status="pending", after=After(polls=1))) == "Step(status='pending', after=After(polls=1))"


@pytest.mark.parametrize("api", ["clado", "orbit"])
def test_what_is_shown_makes_it_again(api: str) -> None:
    """The text is Python: evaluated, it is the same scenario."""
    for drawn in draws(behaviours(api), 40):
        assert eval(pretty(drawn), vars(models)) == drawn
    hostile = Step(status="completed", pages=Pages(empty=frozenset({1}), repeat={2: 1}), violates=frozenset({"schema"}))
    made = Scenario(name="x", api=api, summary="It's «so».", progression=(hostile,))
    assert eval(pretty(made), vars(models)) == made
