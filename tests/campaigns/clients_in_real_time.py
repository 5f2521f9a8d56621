"""200 correct clients in real time, over sockets: no rule finds an error.

They play bundled scenarios whose seconds, delays and Retry-Afters are divided by 100. Most of the time they sleep, so
many run at once.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from random import Random
from typing import NamedTuple

from tests.campaigns.clients import bundled
from tests.campaigns.clients.judging import Run, judged_run
from tests.campaigns.clients.runtimes import Place, run_in
from tests.campaigns.clients.styles import STYLES, Style
from tests.campaigns.clients.wire import Failed
from tests.campaigns.reporting import Report, progress_bar, scaled

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.engine.progression import plan
from jobmock.models import After, Delay, Drip, Fault, Limit, RetryAfter, Scenario, Step, When
from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.service.service import Service

CLIENTS, AT_ONCE, FASTER = 200, 100, 100
_TOO_LONG = {"long", "looked-up-25-hours-later", "constant-error-waits", "cancels-at-the-deadline"}
"""Styles whose clients wait for minutes, whatever the scenario does."""
_ENDLESS = {"clado/stuck"}


class Drawn(NamedTuple):
    """One client: its number, its style and what it plays."""

    number: int
    style: Style
    api: str
    name: str


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, rng = Report("clients-in-real-time"), Random(seed)
    styles = [style for style in STYLES if style.name not in _TOO_LONG]
    rows = [(style, api, name) for style in styles for api in style.apis for name in bundled(api)]
    rows = rng.sample([row for row in rows if row[2] not in _ENDLESS], scaled(CLIENTS, fraction))
    drawn = [Drawn(number, *row) for number, row in enumerate(rows)]
    service = Service(Catalogue(), Namespaces(clock=Clock))
    with running(create_app(service)) as url, ThreadPoolExecutor(AT_ONCE) as pool:
        runs = pool.map(partial(_run, service, url, seed), drawn)
        for one, ran in progress_bar(zip(drawn, runs, strict=True), "Clients", len(drawn)):
            for finding in ran.errors:
                report.fail(f"{finding.rule} ({one.style})", f"{finding.evidence}; {ran.outcome}; {one}")
            if not isinstance(ran.raised, Failed | None):
                report.fail(f"{type(ran.raised).__name__} raised ({one.style})", f"{ran.raised!r}; {one}")
    return report.end(f"{len(drawn)} clients, {AT_ONCE} at once")


def _run(service: Service, url: str, seed: int, drawn: Drawn) -> Run:
    """Run one client in a namespace of its own."""
    api, rng = apis.load(drawn.api), Random(f"{seed} {drawn.number}")
    scenario = faster(Catalogue().resolve(drawn.name, drawn.api).scenario)
    key = f"{api.prefix}client{drawn.number}"
    namespace = service.namespace(api, key)
    namespace.use(plan(scenario, api.shows))
    program = drawn.style.program(
        drawn.api, rng, interval=rng.uniform(1, 3), growth=1, first_wait=rng.uniform(0.5, 2), longest_wait=10
    )  # fmt: skip
    return judged_run(
        lambda: run_in(drawn.style.runtime, program, Place(url=url, key=key), scenario.run_shape), namespace, "real"
    )  # fmt: skip


def faster(scenario: Scenario) -> Scenario:
    """Return a scenario whose durations are a hundredth. A Retry-After has whole seconds, and is rounded up."""
    return replace(
        scenario,
        progression=tuple(map(_faster_step, scenario.progression)),
        faults=tuple(map(_faster_fault, scenario.faults)),
        more=scenario.more and replace(scenario.more, progression=tuple(map(_faster_step, scenario.more.progression))),
        limits={name: limit and _faster_limit(limit) for name, limit in scenario.limits.items()},
    )


def _faster_step(step: Step) -> Step:
    return replace(step, after=step.after and _faster_after(step.after))


def _faster_after(after: After) -> After:
    return after if after.time is None else After(time=after.time // FASTER)


def _faster_fault(fault: Fault) -> Fault:
    return replace(
        fault,
        when=_faster_when(fault.when),
        delay=fault.delay and _faster_delay(fault.delay),
        drip=fault.drip and Drip(size=fault.drip.size, every=fault.drip.every // FASTER),
        retry_after=fault.retry_after and _faster_retry(fault.retry_after),
    )


def _faster_when(when: When) -> When:
    return when if when.during is None else When(during=(when.during[0] // FASTER, when.during[1] // FASTER))


def _faster_delay(delay: Delay) -> Delay:
    return replace(delay, a=delay.a // FASTER, b=delay.b // FASTER)


def _faster_retry(retry: RetryAfter) -> RetryAfter:
    return retry if retry.seconds is None else replace(retry, seconds=-(-retry.seconds // FASTER))


def _faster_limit(limit: Limit) -> Limit:
    return limit._replace(period=limit.period // FASTER)
