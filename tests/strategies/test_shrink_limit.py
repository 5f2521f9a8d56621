"""A counterexample is made smaller for a limited real time, and what was cut is said."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, find, settings
from hypothesis import strategies as st

from jobmock.errors import UsageError
from jobmock.strategies import assert_client_survives, behaviours, shrink_limit
from jobmock.strategies.shrink_limit import DEFAULT_SECONDS, ShrinkLimit, shrink_seconds

from .clado_clients import hasty

engine: Any = import_module("hypothesis.internal.conjecture.engine")
NO_TIME = 1e-9
"""Seconds that are over as soon as they begin, on any machine."""
ENOUGH = 1e6
QUICK = settings(database=None, derandomize=True, phases=[Phase.generate, Phase.shrink])


def smallest() -> int:
    """Let Hypothesis look for the smallest number that is large enough."""
    return find(st.integers(0, 10**6), lambda number: number >= 1000, settings=QUICK)


def test_hypothesis_keeps_the_limit(capsys: pytest.CaptureFixture[str]) -> None:
    """Within the limit Hypothesis finds the smallest example; without time it reports one that is larger."""
    enough, none = ShrinkLimit(ENOUGH), ShrinkLimit(NO_TIME)
    with enough.in_force():
        assert smallest() == 1000
    with none.in_force():
        assert smallest() > 1000
    assert (enough.was_reached, none.was_reached) == (False, True)
    assert "five minutes" not in capsys.readouterr().out


def test_hypothesis_is_as_before_afterwards() -> None:
    """After the block Hypothesis has its own limit, also after an error."""
    before = engine.MAX_SHRINKING_SECONDS, engine.report, engine.ConjectureRunner.exit_with
    with pytest.raises(KeyError), ShrinkLimit(1).in_force():
        raise KeyError
    assert (engine.MAX_SHRINKING_SECONDS, engine.report, engine.ConjectureRunner.exit_with) == before


@pytest.mark.parametrize(("given", "variable", "seconds"), [
    (None, None, DEFAULT_SECONDS), (None, "", DEFAULT_SECONDS), (None, "7.5", 7.5), (None, "off", float("inf")),
    (3, "7.5", 3), (float("inf"), None, float("inf")),
])  # fmt: skip
def test_where_the_limit_comes_from(
    given: float | None, variable: str | None, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The argument wins over the environment, and that over the default."""
    monkeypatch.delenv(shrink_limit.VARIABLE, raising=False)
    if variable is not None:
        monkeypatch.setenv(shrink_limit.VARIABLE, variable)
    assert shrink_seconds(given) == seconds


@pytest.mark.parametrize("given", [0, -1, float("nan"), True, "soon", [1]])
def test_wrong_limits(given: Any) -> None:
    """A limit that is no number of seconds above 0 is refused."""
    with pytest.raises(UsageError, match=r"^'shrink' is .*\. Allowed: a number of seconds above 0, or off\.$"):
        shrink_seconds(given)


@pytest.mark.parametrize(("seconds", "is_cut"), [(NO_TIME, True), (ENOUGH, False)])
def test_a_counterexample_that_was_cut_says_so(seconds: float, is_cut: bool, tmp_path: Path) -> None:
    """The message of a client's failure says whether there may be a smaller scenario."""
    scenarios = behaviours("clado", stuck=False, hostile=False)
    with pytest.raises(AssertionError) as failed:
        assert_client_survives(hasty, api="clado", scenarios=scenarios, seed=1, folder=tmp_path, shrink=seconds)
    assert str(failed.value).endswith("s. JOBMOCK_SHRINK sets the time.") == is_cut
