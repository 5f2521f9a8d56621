"""Progressions are legal by construction, can be anything legal, and shrink towards one step that ends well."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api_facts import ALLOWED
from tests.strategies.drawing import draws, simplest

from jobmock.errors import UsageError
from jobmock.strategies import progressions


def test_a_run_shape_has_its_own_statuses() -> None:
    """A run that can't be in a status, by the contract, isn't."""
    kinds = {
        shape: {step.status for steps in draws(progressions("orbit", run_shape=shape)) for step in steps}
        for shape in ("partial_only", "candidate_discovery")
    }
    assert kinds["partial_only"] - kinds["candidate_discovery"] == {"generating_sections"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"api": "clados"}, f"Unknown api 'clados'. {ALLOWED}. Did you mean 'clado'?"),
        ({"api": 3}, "Unknown api 3."),
        ({"max_steps": 0}, "'max_steps' is a whole number from 1 to 1000, not 0."),
        ({"max_steps": True}, "not True."),
        ({"max_polls": 1.0}, "'max_polls' is a whole number from 0 to 1000000, not 1.0."),
        ({"max_seconds": -1}, "'max_seconds' is a whole number from 0 to 31536000, not -1."),
        ({"max_polls": 0, "max_seconds": 0}, "'max_polls' and 'max_seconds' can't both be 0."),
        ({"results": 10_001}, "'results' is a whole number from 0 to 10000, not 10001."),
        ({"ends": ["complete"]}, "Unknown name in 'ends': 'complete'. Allowed: completed, error"),
        ({"ends": "completed"}, "'ends' holds one or more names, not 'completed'."),
        ({"ends": []}, "'ends' holds one or more names, not []."),
        ({"run_shape": "partial_only"}, "Unknown run_shape 'partial_only'."),
        ({"api": "orbit", "ends": ["generating_sections"], "run_shape": "candidate_discovery"}, "generating_sections"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], message: str) -> None:
    """A wrong argument is named when the strategy is made, with what is allowed and the nearest name."""
    with pytest.raises(UsageError) as caught:
        progressions(**{"api": "clado", **arguments})
    assert message in str(caught.value)


def test_one_step_needs_no_end() -> None:
    """Where there is one step only, nothing has to end it."""
    assert len(simplest(progressions("clado", max_steps=1, max_polls=0, max_seconds=0))) == 1
