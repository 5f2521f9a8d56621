"""A run of a client in simulated time, and the verdict on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from tests.campaigns.clients.clocks import VIRTUAL, ClockKind, make_clock, start_mover
from tests.campaigns.clients.one_clock import by_one_clock
from tests.campaigns.clients.outcomes import JobEnd, Several
from tests.campaigns.clients.programs import Program
from tests.campaigns.clients.simulation import Limits, SimulatedWire, Simulation
from tests.campaigns.clients.wire import Stopped
from tests.support import KEYS

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.engine.journal import Journal
from jobmock.engine.namespace import Namespace, Namespaces
from jobmock.engine.progression import Plan
from jobmock.etiquette import Finding, Verdict, describe, judge
from jobmock.service.service import Service

MakeWire = Callable[..., SimulatedWire]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a client: how it ended, and what the verdict says."""

    outcome: str | None
    returned: Any = None
    raised: BaseException | None = None
    findings: Sequence[Finding]
    not_judged: Set[str]
    """The rules that couldn't be judged."""
    namespace: Namespace = field(repr=False)
    time: str

    @property
    def errors(self) -> list[Finding]:
        """The findings that are errors, also those of a verdict that doesn't know how the call ended."""
        unknown = judged(self.namespace, self.time, JobEnd(None, None))
        return [finding for finding in unique([*self.findings, *unknown]) if finding.severity == "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The mock of one run: a fresh service, with a clock in simulated time."""

    api: str
    kind: ClockKind
    simulation: Simulation
    service: Service
    namespace: Namespace

    def wire(self, **chosen: Any) -> SimulatedWire:
        """Return another wire to the mock."""
        advance = self.namespace.clock.advance if self.kind.mover == "sleeps" else None
        return SimulatedWire(
            simulation=self.simulation, service=self.service, key=KEYS[self.api], advance=advance, **chosen
        )  # fmt: skip


_CATALOGUE = Catalogue()


def set_up(api: str, plan: Plan, kind: ClockKind = VIRTUAL, limits: Limits | None = None) -> Stage:
    """Return the mock of one run, which plays a plan."""
    simulation = Simulation(limits=limits or Limits())
    service = Service(_CATALOGUE, Namespaces(clock=lambda: make_clock(kind, simulation)))
    namespace = service.namespace(apis.load(api), KEYS[api])
    namespace.use(plan)
    start_mover(kind, simulation, namespace.clock)
    return Stage(api=api, kind=kind, simulation=simulation, service=service, namespace=namespace)


def run_program(
    program: Program, api: str, played: Any, kind: ClockKind = VIRTUAL, *, limits: Limits | None = None
) -> Run:  # fmt: skip
    """Run a client program in a scenario, and judge it."""
    plan = _CATALOGUE.resolve(played, api)
    stage = set_up(api, plan, kind, limits)
    call = _called(program, stage.wire, plan.scenario.run_shape)
    return judged_run(lambda: stage.simulation.run(call), stage.namespace, kind.mode)


async def _called(program: Program, make_wire: MakeWire, shape: str | None) -> Any:
    return await program(make_wire, shape)


def judged_run(call: Callable[[], Any], namespace: Namespace, time: str) -> Run:
    """Call a client and judge it; `time` is the mode of its time."""
    outcome: str | None = "returned"
    returned, raised = None, None
    try:
        returned = call()
    except (Exception, Stopped) as error:  # whatever a client raises is its outcome
        outcome, raised = None if isinstance(error, Stopped) else "raised", error
    verdicts = [verdict_at(namespace, time, end) for end in _ends(outcome, returned)]
    return Run(
        outcome=outcome, returned=returned, raised=raised, namespace=namespace, time=time,
        findings=unique([finding for verdict in verdicts for finding in verdict.findings]),
        not_judged={rule for verdict in verdicts for rule in verdict.not_judged},
    )  # fmt: skip


def _ends(outcome: str | None, returned: Any) -> Sequence[JobEnd]:
    """Return how the calls of a client for its jobs ended."""
    if isinstance(returned, Several):
        return returned or [JobEnd(None, None)]
    return [JobEnd(None, outcome, returned)]


def judged(namespace: Namespace, time: str, end: JobEnd) -> Sequence[Finding]:
    """Return the findings of the verdict on all that a key has asked, and on the end of one call."""
    return verdict_at(namespace, time, end).findings


def verdict_at(namespace: Namespace, time: str, end: JobEnd, journal: Journal | None = None) -> Verdict:
    """Return the verdict on all that a key has asked, and on the end of one call."""
    value = describe(end.returned) if end.outcome == "returned" else None
    alone = namespace.journal if journal is None else journal
    now = namespace.clock.now() if journal is None else max((one.at for one in alone), default=None)
    api = apis.load(namespace.api)
    return judge(alone, api, outcome=end.outcome, returned=value, job=end.job, now=now, time=time, jobs=namespace.jobs)


def broken_in_own_time(run: Run, kind: ClockKind) -> set[str]:
    """Return the rules that a client breaks by the one clock in which it really lives."""
    journal = by_one_clock(run.namespace.journal, "clock" if kind.mover == "sleeps" else "real")
    verdicts = [verdict_at(run.namespace, "virtual", end, journal) for end in _ends(run.outcome, run.returned)]
    return {finding.rule for verdict in verdicts for finding in verdict.findings}


def unique(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings without those that are equal to an earlier one."""
    return list(dict.fromkeys(findings))
