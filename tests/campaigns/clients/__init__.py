"""Correct clients in more than 40 styles: no rule finds an error.

Each style runs in each bundled scenario in virtual time, over httpx. 2,000 more clients are drawn, with bundled and
generated scenarios, beside clocks that aren't the client's: manual and scaled ones.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from random import Random
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from tests.campaigns.clients.clocks import MANUAL, SCALED, SKIP_DELAYS, ClockKind
from tests.campaigns.clients.generated_scenarios import drawn_scenarios
from tests.campaigns.clients.judging import Run, judged_run, run_program
from tests.campaigns.clients.runtimes import Place, run_in
from tests.campaigns.clients.styles import STYLES, Style
from tests.campaigns.clients.wire import Failed
from tests.campaigns.reporting import Report, progress_bar, scaled

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.strategies.harness import Harness

DRAWN = 2_000
_MOST_FASTER = 20.0
_OTHER_CLOCKS = (*MANUAL, *SCALED, SKIP_DELAYS)


@cache
def bundled(api: str) -> tuple[str, ...]:
    """Return the names of the API's bundled scenarios."""
    return tuple(entry.name for entry in Catalogue().entries() if entry.name.startswith(f"{api}/"))


class Case(NamedTuple):
    """A client of a style in a scenario; `factor` divides the client's own intervals."""

    style: Style
    api: str
    played: Any
    seed: int
    kind: ClockKind | None = None
    factor: float = 1


def every_case() -> list[Case]:
    """Return each style in each bundled scenario of its APIs."""
    rows = [(style, api, name) for style in STYLES for api in style.apis for name in bundled(api)]
    return [Case(style, api, name, number) for number, (style, api, name) in enumerate(rows)]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a client beside a clock that isn't its own.

    Beside a scaled clock some clients have shorter intervals, and others those of production.
    """
    style = draw(st.sampled_from(STYLES))
    api = draw(st.sampled_from(style.apis))
    played = draw(st.one_of(st.sampled_from(bundled(api)), drawn_scenarios(api)))
    kind = draw(st.sampled_from(_OTHER_CLOCKS))
    factor = draw(st.sampled_from((1.0, min(kind.speed, _MOST_FASTER)))) if kind.mode == "scaled" else 1.0
    return Case(style, api, played, draw(st.integers(0, 2**32)), kind, factor)


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, seen = Report("clients"), Counter[str]()
    rows = every_case()
    Random(seed).shuffle(rows)
    rows = rows[: scaled(len(rows), fraction, 10)]
    _run_in_virtual_time(rows, report, seen)
    _run_beside_other_clocks(scaled(DRAWN, fraction, 10), seed, report, seen)
    figures = f"{seen['returned']} returned, {seen['raised']} raised, {seen['exchanges']} exchanges"
    return report.end(f"{len(STYLES)} styles, {seen['clients']} clients, {figures}")


def _run_in_virtual_time(rows: list[Case], report: Report, seen: Counter[str]) -> None:
    harnesses = {name: Harness(apis.load(name)) for name in apis.names()}
    for case in progress_bar(sorted(rows, key=lambda case: case.api), "Clients"):
        _report_run(_run_in_harness(case, harnesses[case.api]), case, "virtual", report, seen)


def _run_in_harness(case: Case, harness: Harness) -> Run:
    plan = Catalogue().resolve(case.played, case.api)
    program = case.style.program(case.api, Random(case.seed))
    with harness.open():
        namespace = harness.start_run(plan)
        place = Place(url="http://jobmock", key=harness.api_key, transport=harness.transport)
        shape, runtime = plan.scenario.run_shape, case.style.runtime
        return judged_run(lambda: run_in(runtime, program, place, shape), namespace, "virtual")


def _run_beside_other_clocks(number: int, seed: int, report: Report, seen: Counter[str]) -> None:
    @seeded(seed)
    @settings(
        max_examples=number, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases())
    def check(case: Case) -> None:
        assert case.kind is not None
        program = case.style.program(case.api, Random(case.seed), case.factor)
        ran = run_program(program, case.api, case.played, case.kind)
        _report_run(ran, case, str(case.kind), report, seen)

    check()


def _report_run(ran: Run, case: Case, clock: str, report: Report, seen: Counter[str]) -> None:
    """Report each error of the verdict on a correct client, and each client that ends as none should."""
    seen.update({"clients": 1, str(ran.outcome): 1, "exchanges": len(ran.namespace.journal)})
    for finding in ran.errors:
        report.fail(f"{finding.rule} ({case.style}, {clock})", f"{finding.evidence}; {ran.outcome}; {case}")
    if not isinstance(ran.raised, Failed | None):
        report.fail(f"{type(ran.raised).__name__} raised ({case.style}, {clock})", f"{ran.raised!r}; {case}")
