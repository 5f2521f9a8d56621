"""Every planted bug that polling can show is hunted with 20 seeds: found within 500 examples, saved small, replayed.

A counterexample of one cause has at most three steps and one fault, and fails in 100 of 100 replays, in process and on
real sockets.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from tests.campaigns.reporting import Report, bar, share
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
_MISSED_AT_MOST = 0.05
_STEPS, _FAULTS = 3, 1
_PAGED = Habits(poll="page=1&page_size=25", walk="rest")
_WARNINGS = {"page-repeated": "error", "page-past-end": "error"}
"""Two rules only warn unless a user says otherwise."""


class Prey(NamedTuple):
    """A client with one bug that shows when it polls a job which exists already."""

    bug: type[Client]
    api: str = "clado"
    habits: Habits = Habits()

    def __str__(self) -> str:
        return f"{self.bug.__name__} of {self.api}"


PREY = (
    Prey(planted.AsksAgainForTheResult),
    Prey(planted.WaitsForAnotherEnd),
    Prey(planted.WaitsForAnotherEnd, "orbit"),
    Prey(planted.DoesNotKnowCancelled),
    Prey(planted.Hammers),
    Prey(planted.Hammers, "orbit"),
    Prey(planted.ReadsMilliseconds),
    Prey(planted.ReadsMilliseconds, "orbit"),
    Prey(planted.CannotReadDates),
    Prey(planted.RoundsDown, "orbit"),
    Prey(planted.Honours429Only),
    Prey(planted.Honours503Only, "orbit"),
    Prey(planted.WaitsTheSame),
    Prey(planted.RetriesAtOnce),
    Prey(planted.RetriesAtOnce, "orbit"),
    Prey(planted.HasNoDeadline, habits=Habits(interval=60)),
    Prey(planted.OverlooksRefusals),
    Prey(planted.OverlooksRefusals, "orbit"),
    Prey(planted.PollsAnotherJob),
    Prey(planted.StopsAtTheFirstPage, habits=_PAGED),
    Prey(planted.StopsAtAnEmptyPage),
    Prey(planted.GuardsAgainstLoops),
    Prey(planted.SkipsAPage),
    Prey(planted.ReadsPagesTwice),
    Prey(planted.WalksPastTheEnd),
    Prey(planted.ChangesTheSize, habits=Habits(size=10)),
    Prey(planted.ShowsItsKey, habits=Habits(walk="nothing")),
    Prey(planted.AbortsAtOneError),
    Prey(planted.AbortsAtOneError, "orbit"),
    Prey(planted.AbortsAtOneLostAnswer),
    Prey(planted.ReadsTheEnvelope, "orbit"),
    Prey(planted.DoesNotKnowProcessing),
    Prey(planted.DoesNotKnowProcessing, "orbit"),
    Prey(planted.HasAShortDeadline),
    Prey(planted.ReturnsWhatItDoesNotKnow),
    Prey(planted.ReturnsWhatItDoesNotKnow, "orbit"),
    Prey(planted.LooksForError),
)


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, tally, times = Report("hunt"), defaultdict[Prey, list[int]](list), list[float]()
    every = [(prey, number) for number in range(SEEDS) for prey in PREY]
    wanted = share(len(every), fraction)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        environment.setenv("JOBMOCK_SAVE", "always")
        for number, (prey, attempt) in enumerate(bar(every[:wanted], "Bugs", wanted)):
            place, began = Path(folder, str(number)), time.monotonic()
            found = list(_hunted(prey, seed + attempt, share(EXAMPLES, fraction, 100), place, report))
            times.append(time.monotonic() - began)
            tally[prey].append(len(found))
            if attempt == 0:
                _replay(prey, found, share(REPLAYS, fraction, 2), report)
    for prey, counts in tally.items():
        missed = counts.count(0)
        report.check(missed <= _MISSED_AT_MOST * len(counts), "a bug is missed", f"{prey}: {missed} of {len(counts)}")
    caught = sum(bool(found) for counts in tally.values() for found in counts)
    return report.end(
        f"{len(tally)} clients, {caught} of {wanted} hunts found the bug, median {median(times):.1f} s a hunt"
    )


def _hunted(prey: Prey, seed: int, examples: int, folder: Path, report: Report) -> Iterator[Scenario]:
    """Hunt a bug, and yield its counterexamples as they were saved."""
    client = in_process(prey.bug, prey.api, prey.habits)
    with suppress(AssertionError):
        assert_client_survives(
            client, api=prey.api, max_examples=examples, seed=seed, folder=folder, rules=_WARNINGS
        )  # fmt: skip
    for path, scenario in load_saved(prey.api, client.__name__, folder):
        small = len(scenario.progression) <= _STEPS and len(scenario.faults) <= _FAULTS
        report.check(small, "a counterexample isn't small", f"{prey}, seed {seed}: {path.read_text()}")
        yield scenario


def _replay(prey: Prey, found: list[Scenario], times: int, report: Report) -> None:
    """Play each counterexample again and again, in process and on real sockets."""
    kinds: tuple[Callable[..., Any], ...] = (in_process, over_the_wire)
    for kind in kinds:
        runner = ClientRunner(kind(prey.bug, prey.api, prey.habits), prey.api, rules=_WARNINGS)
        with runner.open():
            for scenario in found:
                planned = plan(scenario, apis.load(prey.api).shows)
                failed = sum(bool(runner.run(planned).findings) for _ in range(times))
                report.check(failed == times, "a replay doesn't fail", f"{prey}, {kind.__name__}: {failed} of {times}")
