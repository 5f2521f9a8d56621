"""`jobmock conform`: correct clients pass, planted bugs are found, and a scorecard is the same each time.

Drawn correct clients pass their cases in simulated time. The reference clients in Python and Node pass both suites in
virtual time. Each planted bug is found, in Python and in TypeScript. Twenty runs of a wrong client give one scorecard.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.campaigns.drawn_conforming import check_drawn_clients
from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.conformance.bugs_and_cases import CASE_OF, UNSEEN
from tests.conformance.planted_bugs import PLANTED_BUGS, planted, reference
from tests.conformance.planted_play import found_by_command
from tests.preloads.node_process import NODE

from jobmock import apis
from jobmock.conformance.cases import ACTIONS, Case
from jobmock.conformance.clients.choice import client_under_test
from jobmock.conformance.playing import play_cases
from jobmock.conformance.reports import FORMATS
from jobmock.conformance.scorecard import Scorecard
from jobmock.conformance.suite import load_suite

DRAWN, IN_A_ROW = 2_000, 20
_JOBS = 2


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, rng = Report("conform"), Random(seed)
    check_drawn_clients(scaled(DRAWN, fraction, 20), seed, report)
    bugs = rng.sample([bug for bug in PLANTED_BUGS if bug.id in CASE_OF], scaled(len(CASE_OF), fraction, 1))
    with TemporaryDirectory() as name:
        folder = Path(name)
        for api in apis.names():
            cases = rng.sample(load_suite(api).cases, scaled(len(load_suite(api).cases), fraction, 1))
            for language in _languages():
                command = _command(language, reference(language, folder))
                card = _scorecard(api, cases, command)
                report.check(card.total.passed == len(cases), f"the correct client in {language} fails", _text(card))
        for bug in progress_bar(bugs, "Planted bugs"):
            for language in _languages():
                if (bug.id, language) in UNSEEN:
                    continue
                result = found_by_command(bug, language, folder)
                report.check(result.result == "failed", f"{bug.id} isn't found in {language}", result.result)
        _check_runs_in_a_row(scaled(IN_A_ROW, fraction, 2), fraction, folder, report)
    return report.end(f"{scaled(DRAWN, fraction, 20)} drawn clients, {len(bugs)} planted bugs")


def _languages() -> Sequence[str]:
    return ("python", "typescript") if NODE else ("python",)


def _command(language: str, file: Path) -> list[str]:
    return [sys.executable if language == "python" else str(NODE), str(file)]


def _scorecard(api: str, cases: Sequence[Case], command: list[str]) -> Scorecard:
    tested = client_under_test(api, None, command)
    results = play_cases(tested, cases, capabilities=ACTIONS, jobs=_JOBS)
    return Scorecard(api=api, client=tested.name, results=results)


def _text(card: Scorecard) -> str:
    return FORMATS.render(card, "text")


def _check_runs_in_a_row(number: int, fraction: float, folder: Path, report: Report) -> None:
    """Report scorecards that differ by more than durations in real time."""
    (bug,) = (bug for bug in PLANTED_BUGS if bug.id == "retry-after-only-429")
    cases = load_suite("clado").cases[:: max(1, round(1 / fraction / 10))][:40]
    command = _command("python", planted(bug, "python", folder))
    seen = set[tuple[str, str]]()
    for _ in progress_bar(range(number), "Scorecards"):
        card = _scorecard("clado", cases, command)
        seen.add((_text(card), re.sub(r'"real_seconds": [0-9.]+', "", FORMATS.render(card, "json"))))
    report.check(len(seen) == 1, "scorecards differ", seen)
