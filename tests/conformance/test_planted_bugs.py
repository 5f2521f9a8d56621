"""Each planted bug is found by the case whose title names it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from tests.conformance.bugs_and_cases import CASE_OF, UNSEEN
from tests.conformance.planted_bug import PlantedBug
from tests.conformance.planted_bugs import PLANTED_BUGS
from tests.conformance.planted_play import case_of, found_by_command, found_in_process
from tests.support import part

ONLY_A_COMMAND = {"exit-code-0"}
"""Bugs of the program around the client."""
TOLERATED = {"unknown-status-fails", "refused-start-not-repeated"}
"""What a client may do as well: the documents don't decide it."""
BUGS = [bug for bug in PLANTED_BUGS if bug.id in CASE_OF]
SEEN = [bug for bug in BUGS if bug.id not in {unseen for unseen, _ in UNSEEN}]
FEW = 200
"""Requests after which a client that never ends is ended here."""


@pytest.fixture(autouse=True)
def few_requests(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """End clients that never end sooner than outside of tests, and collect the sockets that they leave open."""
    for module in ("callable_client", "command_client"):
        monkeypatch.setattr(f"jobmock.conformance.clients.{module}.MOST_REQUESTS", FEW)
    yield
    gc.collect()


def test_each_bug_has_a_case() -> None:
    """Every planted bug that isn't tolerated has a case, and at least 50 of them a `must` case."""
    assert {bug.id for bug in PLANTED_BUGS} - set(CASE_OF) == TOLERATED
    assert sum(case_of(bug).severity == "must" for bug in BUGS) >= 50


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a wrong client may leave a socket open
@pytest.mark.parametrize("bug", part([bug for bug in BUGS if bug.id not in ONLY_A_COMMAND], 3), ids=lambda bug: bug.id)
def test_a_bug_in_python_is_found(bug: PlantedBug, tmp_path: Path) -> None:
    """The client in Python with the bug fails the case, and the scorecard says why."""
    result = found_in_process(bug, tmp_path)
    assert result.result == "failed"
    assert result.reason


@pytest.mark.parametrize(("bug", "language"), [*product(SEEN, ("python", "typescript"))][::17], ids=str)
def test_a_bug_in_a_command_is_found(bug: PlantedBug, language: str, tmp_path: Path) -> None:
    """As commands, the clients with the bug fail the case too. The campaign `conform` plays all of them."""
    assert found_by_command(bug, language, tmp_path).result == "failed"
