"""Each planted bug that polling can reveal, with 20 seeds: found within 500 examples, and its counterexample is small.

A counterexample of one cause has at most three steps and one fault, and fails in 100 of 100 replays, in process and on
real sockets.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.etiquette import planted
from tests.etiquette.clients import Client, Habits
from tests.strategies.etiquette_clients import in_process, over_the_wire

from jobmock import apis
from jobmock.engine.progression import plan
from jobmock.models import Scenario
from jobmock.strategies import assert_client_survives
from jobmock.strategies.regressions import load_saved
from jobmock.strategies.runner import ClientRunner

SEEDS, EXAMPLES, REPLAYS = 20, 500, 100
_MAX_MISSED = 0.05
_MAX_STEPS, _MAX_FAULTS = 3, 1
_PAGED = Habits(poll="page=1&page_size=25", walk="rest")
_WARNINGS = {"page-repeated": "error", "page-past-end": "error"}
"""Two rules that only warn by default."""


class BuggyClient(NamedTuple):
    """A client with one bug that shows when it polls an existing job."""

    bug: type[Client]
    api: str = "clado"
    habits: Habits = Habits()

    def __str__(self) -> str:
        return f"{self.bug.__name__} of {self.api}"


BUGS: Mapping[type[Client], str] = {
    planted.WaitsForAnotherEnd: "clado orbit", planted.DoesNotKnowCancelled: "clado", planted.Hammers: "clado orbit",
    planted.ReadsMilliseconds: "clado orbit", planted.CannotReadDates: "clado", planted.RoundsDown: "orbit",
    planted.Honours429Only: "clado",
    planted.Honours503Only: "orbit", planted.WaitsHalfASecond: "clado", planted.RetriesAtOnce: "clado orbit",
    planted.HasNoDeadline: "clado", planted.OverlooksRefusals: "clado orbit", planted.PollsAnotherJob: "clado",
    planted.StopsAtTheFirstPage: "clado", planted.StopsAtAnEmptyPage: "clado", planted.GuardsAgainstLoops: "clado",
    planted.SkipsAPage: "clado", planted.ReadsPagesTwice: "clado", planted.WalksPastTheEnd: "clado",
    planted.ChangesTheSize: "clado", planted.ShowsItsKey: "clado", planted.AbortsAtOneError: "clado orbit",
    planted.AbortsAtOneLostAnswer: "clado", planted.ReadsTheEnvelope: "orbit",
    planted.DoesNotKnowProcessing: "clado orbit", planted.HasAShortDeadline: "clado",
    planted.ReturnsWhatItDoesNotKnow: "clado orbit", planted.LooksForError: "clado",
}  # fmt: skip
"""A bug, and the APIs of the clients that have it."""
HABITS: Mapping[type[Client], Habits] = {
    planted.HasNoDeadline: Habits(interval=60), planted.StopsAtTheFirstPage: _PAGED,
    planted.ChangesTheSize: Habits(size=10), planted.ShowsItsKey: Habits(walk="nothing"),
}  # fmt: skip
"""The habits with which some of the bugs show."""
CLIENTS = tuple(BuggyClient(bug, api, HABITS.get(bug, Habits())) for bug, apis in BUGS.items() for api in apis.split())


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, tally, times = Report("hunt"), defaultdict[BuggyClient, list[int]](list), list[float]()
    every = [(buggy, number) for number in range(SEEDS) for buggy in CLIENTS]
    wanted = scaled(len(every), fraction)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        environment.setenv("JOBMOCK_SAVE", "always")
        for number, (buggy, attempt) in enumerate(progress_bar(every[:wanted], "Bugs", wanted)):
            place, began = Path(folder, str(number)), time.monotonic()
            found = list(_find_bug(buggy, seed + attempt, scaled(EXAMPLES, fraction, 100), place, report))
            times.append(time.monotonic() - began)
            tally[buggy].append(len(found))
            if attempt == 0:
                _replay(buggy, found, scaled(REPLAYS, fraction, 2), report)
    for buggy, counts in tally.items():
        missed = counts.count(0)
        report.check(missed <= _MAX_MISSED * len(counts), "a bug is missed", f"{buggy}: {missed} of {len(counts)}")
    caught = sum(bool(found) for counts in tally.values() for found in counts)
    return report.end(
        f"{len(tally)} clients, {caught} of {wanted} hunts found the bug, median {median(times):.1f} s a hunt"
    )


def _find_bug(buggy: BuggyClient, seed: int, examples: int, folder: Path, report: Report) -> Iterator[Scenario]:
    """Search for a bug, and yield its counterexamples as they were saved."""
    client = in_process(buggy.bug, buggy.api, buggy.habits)
    with suppress(AssertionError):
        assert_client_survives(
            client, api=buggy.api, max_examples=examples, seed=seed, folder=folder, rules=_WARNINGS
        )  # fmt: skip
    for path, scenario in load_saved(buggy.api, client.__name__, folder):
        small = len(scenario.progression) <= _MAX_STEPS and len(scenario.faults) <= _MAX_FAULTS
        report.check(small, "a counterexample isn't small", f"{buggy}, seed {seed}: {path.read_text()}")
        yield scenario


def _replay(buggy: BuggyClient, found: list[Scenario], times: int, report: Report) -> None:
    """Replay each counterexample so many times, in process and on real sockets."""
    kinds: tuple[Callable[..., Any], ...] = (in_process, over_the_wire)
    for kind in kinds:
        runner = ClientRunner(kind(buggy.bug, buggy.api, buggy.habits), buggy.api, rules=_WARNINGS)
        with runner.open():
            for scenario in found:
                planned = plan(scenario, apis.load(buggy.api).shows)
                failed = sum(bool(runner.run(planned).findings) for _ in range(times))
                report.check(failed == times, "a replay doesn't fail", f"{buggy}, {kind.__name__}: {failed} of {times}")
