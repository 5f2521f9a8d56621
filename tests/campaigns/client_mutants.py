"""300 mutants of the reference client: the rules find those that an oracle calls wrong, and accuse none of the others.

Each mutant runs in every bundled scenario, in simulated time. The oracle's word on each is printed, with the rules'.
"""

from __future__ import annotations

import signal
import sys
import types
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from pathlib import Path
from random import Random
from typing import Any

from tests.campaigns.clients import bundled, reference
from tests.campaigns.clients.judging import Stage, judged, set_up
from tests.campaigns.clients.mutator import Mutation, drawn_mutations
from tests.campaigns.clients.oracle import Call, Truth, wrongs
from tests.campaigns.clients.outcomes import JobEnd
from tests.campaigns.clients.recorder import Recorder
from tests.campaigns.clients.simulation import Limits
from tests.campaigns.clients.wire import Failed, Stopped
from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.support import KEYS, Mock, json_of

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND

MUTANTS, PROCESSES = 300, 2
MOST_MISSED = 0.05
_LEAST_SCENARIOS = 6
_DAY = 24 * 3600 * SECOND
_READS = 50
"""How often the truth is read, at most: scripted faults may come first."""
_LIMITS = Limits(requests=2_000)
PROCESSOR_SECONDS = 5.0
"""How long a mutant may compute in one scenario; real ones take some milliseconds."""
_SOURCE = Path(reference.__file__).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the oracle says of a mutant, and what the rules find: errors and warnings, each with its scenario.

    Warnings that the reference client gets too aren't about the mutant, and are left out.
    """

    mutation: Mutation
    wrong: Sequence[str]
    errors: Sequence[str]
    warnings: Sequence[str]

    @property
    def found(self) -> list[str]:
        """All that the rules find."""
        return [*self.errors, *(f"warning {each}" for each in self.warnings)]

    def __str__(self) -> str:
        said = f"wrong: {self.wrong[0]}" if self.wrong else "right"
        return f"{self.mutation}\n    oracle: {said}\n    rules: {next(iter(self.found), 'nothing')}"


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report = Report("client-mutants")
    mutants = drawn_mutations(_SOURCE, scaled(MUTANTS, fraction, 3), seed)
    names = [name for api in apis.names() for name in bundled(api)]
    names = sorted(Random(seed).sample(names, scaled(len(names), fraction, _LEAST_SCENARIOS)))
    usual = word_on(names, Mutation(kind="none", before="", after="", source=_SOURCE))
    report.check(not usual.wrong and not usual.errors, "the reference client isn't right", usual)
    words = [
        replace(word, warnings=[each for each in word.warnings if each not in usual.warnings])
        for word in progress_bar(_words(mutants, names, parallel=fraction == 1), "Mutants", len(mutants))
    ]
    if fraction == 1:
        print("\n".join(map(str, words)))
    wrong = [word for word in words if word.wrong]
    missed = [word for word in wrong if not word.found]
    for word in words:
        report.check(bool(word.wrong) or not word.errors, "a mutant that does nothing wrong is accused", word)
    report.check(len(missed) <= MOST_MISSED * len(wrong), "too many are missed", "\n".join(map(str, missed)))
    found = len(wrong) - len(missed)
    return report.end(f"{len(words)} mutants, {len(wrong)} are wrong, {found} of them were found")


def _words(mutants: Sequence[Mutation], names: Sequence[str], *, parallel: bool) -> Iterator[Word]:
    if not parallel:
        yield from map(partial(word_on, names), mutants)
        return
    with ProcessPoolExecutor(PROCESSES) as pool:
        yield from pool.map(partial(word_on, names), mutants)


def word_on(names: Sequence[str], mutation: Mutation) -> Word:
    """Run a mutant in scenarios, and return what the oracle and the rules say."""
    wrong, errors, warnings = list[str](), list[str](), list[str]()
    for name in names:
        said, findings = _run_in(mutation.source, name)
        wrong += [f"{each} ({name})" for each in said]
        for severity, rule in findings:
            (errors if severity == "error" else warnings).append(f"{rule} ({name})")
    return Word(mutation=mutation, wrong=wrong, errors=errors, warnings=warnings)


def _run_in(source: str, name: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Run a client's source in a scenario; return what the oracle says, and the findings of the rules."""
    api = name.partition("/")[0]
    plan = Catalogue().resolve(name, api)
    stage = set_up(api, plan, limits=_LIMITS)
    balance = stage.namespace.credits.balance
    recorder = Recorder(wire=stage.wire())
    outcome: str | None = "returned"
    returned, ended = None, list[str]()
    try:
        with _bounded():
            returned = stage.simulation.run(_called(source, api, recorder, plan.scenario.run_shape))
    except Stopped as stopped:
        outcome, ended = None, [f"budget: {stopped}"]
    except Exception:  # a mutant may raise anything
        outcome = "raised"
    end = JobEnd(None, outcome, returned)
    findings = [(f.severity, f.rule) for f in judged(stage.namespace, "virtual", end)]
    findings += [("error", "budget") for _ in ended]
    findings += [("error", "nothing-asked")] if not recorder.log else []
    call = Call(api=api, log=recorder.log, outcome=outcome, returned=returned, ended=recorder.now())
    truth = _truth(stage, name, balance)
    return wrongs(call, truth), findings


async def _called(source: str, api: str, wire: Recorder, shape: str | None) -> Any:
    return await _client_class(source)(api, wire, shape=shape).run()


@lru_cache(maxsize=1)
def _client_class(source: str) -> Any:
    """Return the class `Client` of a source; its module is known to Python while it is made, as for an import."""
    module = sys.modules["mutant"] = types.ModuleType("mutant")
    exec(compile(source, "<mutant>", "exec"), module.__dict__)
    return module.__dict__["Client"]


@contextmanager
def _bounded() -> Iterator[None]:
    """Stop a client that computes without end, in the main thread, for a `with` block."""

    def stop(number: int, frame: object) -> None:
        raise Stopped("The client computes without end.")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, PROCESSOR_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _truth(stage: Stage, name: str, balance: int) -> Truth:
    """Return what is true on the server now."""
    namespace, now = stage.namespace, stage.namespace.clock.now()
    jobs = list(namespace.jobs.values())
    last = jobs[-1].stage(now) if jobs else None
    status = last.status if last else None
    before = namespace.credits.balance
    results = _right_results(Mock(stage.service), stage.api, jobs[-1].id) if status == "completed" else []
    lies = last is not None and last.step.pages is not None
    spent = _spent(stage, balance - before + namespace.credits.balance)
    return Truth(
        status=status, results=None if lies else results, jobs=len(jobs), spent=spent, needed=_needed(name)
    )  # fmt: skip


def _spent(stage: Stage, balance: int) -> int:
    """Return how many credits were spent, once all jobs have ended."""
    stage.simulation.real += _DAY
    apis.load(stage.api).settle(stage.namespace, stage.namespace.clock.now())
    return balance - stage.namespace.credits.balance


def _right_results(mock: Mock, api: str, job: str) -> list[Any]:
    """Return the values that are right to return for a completed job: its answer, its people, its profile."""
    replies = (mock.poll(api, job) for _ in range(_READS))
    answer = next(json_of(reply) for reply in replies if reply.status == 200 and not reply.fault)
    if api == "clado":
        return [answer, answer["results"]]
    result = answer["result"] or {}
    profile = mock.send("GET", f"/v2/developer/profiles/{result.get('id')}", key=KEYS[api])
    return [answer, result, *([json_of(profile)] if profile.status == 200 else [])]


@cache
def _needed(name: str) -> int | None:
    """Return what the reference client spends in a scenario; None where it raises, and another may come further."""
    api = name.partition("/")[0]
    plan = Catalogue().resolve(name, api)
    stage = set_up(api, plan)
    balance = stage.namespace.credits.balance
    try:
        stage.simulation.run(_called(_SOURCE, api, Recorder(wire=stage.wire()), plan.scenario.run_shape))
    except Failed:
        return None
    return _spent(stage, balance)
