"""The matrix: each planted bug is caught by its own rule and by no other, and a client without it by none."""

from __future__ import annotations

from typing import Any

import pytest
from tests.campaigns.clients.wire import Failed, Stopped
from tests.etiquette.clients import Client, Habits, MockWire
from tests.etiquette.planted import PLANTED, Planted
from tests.support import Mock

from jobmock import apis
from jobmock.etiquette import RULES, Verdict, describe, judge


def judged(mock: Mock, kind: type[Client], api: str, played: Any, habits: Habits) -> Verdict:
    """Let a client run and return the verdict; one that had to be stopped has no outcome."""
    plan = mock.service.catalogue.resolve(played, api)
    namespace = mock.namespace(api)
    namespace.use(plan)
    outcome, returned = "returned", None
    try:
        returned = kind(api, MockWire(mock, api), habits, plan.scenario.run_shape).run()
    except Failed:
        outcome = "raised"
    except Stopped:
        outcome = ""
    return judge(
        namespace.journal, apis.load(api), outcome=outcome or None, returned=describe(returned),
        now=namespace.clock.now(), time="virtual", jobs=namespace.jobs,
    )  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED, ids=str)
def test_caught_by_its_own_rule_alone(mock: Mock, planted: Planted) -> None:
    """A client with one bug breaks the one rule that the bug is about."""
    verdict = judged(mock, planted.bug, planted.api, planted.played, planted.habits)
    assert {finding.rule for finding in verdict.findings} == {planted.rule}, list(map(str, verdict.findings))


@pytest.mark.parametrize("planted", PLANTED, ids=str)
def test_nothing_is_found_without_the_bug(mock: Mock, planted: Planted) -> None:
    """The same client without the bug breaks no rule in the very same scenario."""
    verdict = judged(mock, Client, planted.api, planted.played, planted.habits)
    assert list(map(str, verdict.findings)) == []


def test_every_rule_has_a_planted_bug() -> None:
    """No rule goes unproven, and no bug is expected of a rule that isn't there.

    The clients of an API with an operation for results are in the tests of other distributions.
    """
    assert {planted.rule for planted in PLANTED} == RULES.keys() - {"result-unread"}


def test_every_bug_is_planted() -> None:
    """Each class of a client with a bug is used."""
    assert {planted.bug for planted in PLANTED} >= set(Client.__subclasses__())
