"""Drawn correct clients, each in a case of the conformance suites: none fails it."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.campaigns.clients.judging import set_up
from tests.campaigns.clients.styles import STYLES, Style
from tests.campaigns.clients.wire import Failed, Stopped
from tests.campaigns.reporting import Report, progress_bar

from jobmock import apis
from jobmock.conformance.cases import Case
from jobmock.conformance.judgement import FAILED, judge_case
from jobmock.conformance.played import Ended, Played
from jobmock.conformance.suite import load_suite

ACTIONS = ("poll", "start", "pages")
"""Actions that a program does which starts a job, waits for its end, and reads its people."""
NOT_FOR_ALL = {"at-once", "limit"}
"""Cases that bound what only some of these programs do: they read people after the end, and send no limit."""
_ALONE = [
    style for style in STYLES
    if style.make.__name__ == "alone" and style.name not in ("cancels", "returns-failures")
    and "deadline" not in style.chosen
]  # fmt: skip
"""The styles of a single client that waits for its job, to the deadline of the case, and fails if the job does."""


def check_drawn_clients(count: int, seed: int, report: Report) -> None:
    """Report each drawn client that fails its case."""
    rng = Random(seed)
    cases = {
        api: [case for case in load_suite(api).cases if _is_fitting(case)]
        for api in apis.names()
    }  # fmt: skip
    for _ in progress_bar(range(count), "Drawn clients"):
        style = rng.choice(_ALONE)
        case, own = rng.choice(cases[rng.choice(style.apis)]), rng.getrandbits(32)
        found = judge_case(_played(style, case, Random(own)))
        name = f"{style.name} ({own}) fails {case.api} {case.id}"
        report.check(found.result != FAILED, name, f"{'; '.join(map(str, found.failures))}\n{found.story}")


def _is_fitting(case: Case) -> bool:
    return case.severity == "must" and case.action in ACTIONS and case.id not in NOT_FOR_ALL


def _played(style: Style, case: Case, rng: Random) -> Played:
    """Let a client start a job that plays a case."""
    stage = set_up(case.api, case.plan)
    deadline = min(case.deadline, rng.uniform(1_800, 3_600))
    program = style.program(case.api, rng, failures="raise", profile=False, deadline=deadline)

    async def call() -> Any:
        return await program(stage.wire, case.plan.scenario.run_shape)

    try:
        ended = Ended("returned", stage.simulation.run(call()))
    except Failed as error:
        ended = Ended("failed", text=str(error))
    except Stopped:
        ended = Ended("stopped", text="It never ends.")
    return Played(
        case=case, api=apis.load(case.api), namespace=stage.namespace, job=None, ended=ended, time="virtual",
        real_seconds=0,
    )  # fmt: skip
