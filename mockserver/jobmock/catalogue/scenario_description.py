"""Describes a scenario in words: how long each status lasts, which requests meet a fault, and its own settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .. import apis
from ..clock import SECOND
from ..dialect.api import Api
from ..dialect.sample_answers import isolated_request
from ..dialect.scripted_answers import scripted_answer
from ..engine.body_changes import describe_change
from ..engine.headers import retry_due
from ..engine.progression import Plan, Stage, stages
from ..models import After, Delay, Fault, When


class DescribedStep(NamedTuple):
    """A step in words: how long its status lasts, how many results it shows, and what is special.

    `results` is None where the kind of job has none.
    """

    stage: Stage
    until: str
    results: str | None
    notes: str


class DescribedFault(NamedTuple):
    """A fault in words: which requests meet it, and what happens to them."""

    fault: Fault
    requests: str
    effects: str


class DescribedScenario(NamedTuple):
    """A scenario in words. `continuation` are the steps of a reopened job, which has `kept` people; none if it ends.

    `settings` are the switches and limits that the scenario changes.
    """

    plan: Plan
    steps: tuple[DescribedStep, ...]
    continuation: tuple[DescribedStep, ...]
    kept: int
    faults: tuple[DescribedFault, ...]
    settings: tuple[str, ...]

    @property
    def continuation_title(self) -> str:
        """What stands above the steps of a reopened job."""
        more = self.plan.scenario.more
        return f"After continuations, which may add {more.count if more else 0} people to the {self.kept}"


def described(plan: Plan) -> DescribedScenario:
    """Return a scenario in words."""
    scenario = plan.scenario
    api = apis.load(scenario.api)
    nouns, count = api.result_nouns[api.kind(scenario.run_shape)], scenario.results.count
    kept = plan.stages[-1].shows(count)
    own = [f"{name} = {value!r}" for name, value in scenario.switches.items()]
    return DescribedScenario(
        plan=plan, steps=tuple(_step(stage, count, nouns) for stage in plan.stages),
        continuation=tuple(_continuation(plan, api, nouns, kept)), kept=kept,
        faults=tuple(_fault(fault, plan, api) for fault in scenario.faults),
        settings=(*own, *(f"at most {_limit(name, plan)}" for name in scenario.limits)),
    )  # fmt: skip


def duration(nanoseconds: int) -> str:
    """Return a duration for people: `250 ms`, `30 s`, `15 min`, `1 h 30 min`."""
    if nanoseconds < SECOND:
        return f"{nanoseconds / 1_000_000:g} ms"
    minutes, rest = divmod(nanoseconds, 60 * SECOND)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (rest / SECOND, "s"))
    return " ".join(f"{amount:g} {unit}" for amount, unit in parts if amount)


def _continuation(plan: Plan, api: Api, nouns: tuple[str, str], kept: int) -> Iterator[DescribedStep]:
    """Yield the steps of a reopened job, with all people that continuations may add."""
    if more := plan.scenario.more:
        for stage in stages(more.progression or api.continuation, api.shows, people=kept):
            yield _step(stage, kept + more.count, nouns, kept)


def _step(stage: Stage, count: int, nouns: tuple[str, str], kept: int = 0) -> DescribedStep:
    """Return a stage in words. `kept` is how many people there were before its progression."""
    results = _results(stage, count, nouns) if nouns[0] else None
    return DescribedStep(stage, _until(stage.after), results, _notes(stage, count, kept))


def _until(after: After | None) -> str:
    if after is None:
        return "for ever"
    if after.time is not None:
        return f"for {duration(after.time)}"
    return "until 1 poll is answered" if after.polls == 1 else f"until {after.polls} polls are answered"


def _results(stage: Stage, count: int, nouns: tuple[str, str]) -> str:
    if stage.visible is None:
        return "no results"
    shown = stage.shows(count)
    return f"{shown} {nouns[shown != 1]}"


def _notes(stage: Stage, count: int, kept: int) -> str:
    step = stage.step
    hides = step.results is None and stage.visible is not None and stage.shows(count) < kept
    notes = [f"hides the {kept} people from before, because it has no `results`"] if hides else []
    notes += [f"body: {', '.join(step.body)}"] if step.body else []
    notes += [f"without {', '.join(step.omit)}"] if step.omit else []
    notes += ["hostile pages"] if step.pages else []
    notes += [f"violates {', '.join(sorted(step.violates))}"] if step.violates else []
    return "; ".join(notes)


def _fault(fault: Fault, plan: Plan, api: Api) -> DescribedFault:
    effects = [fault.label] if fault.label not in ("delay", "drip", "change") else []
    if fault.change:
        effects += describe_change(fault.change)
    if fault.drip:
        effects.append(f"sent in pieces of {fault.drip.size} bytes, one every {duration(fault.drip.every)}")
    if fault.delay:
        effects.append(f"held {_delay(fault.delay)}")
    if fault.respond:
        effects += _retry_after(fault, plan, api)
    return DescribedFault(fault, _when(fault.when), ", ".join(effects))


def _retry_after(fault: Fault, plan: Plan, api: Api) -> Iterator[str]:
    """Yield the Retry-After of the answer that the mock sends, or that a refusal which may have one has none."""
    operation = api.operation_named(fault.operation)
    call = isolated_request(api, operation, plan)
    call.fault = fault
    answer = scripted_answer(call, fault)
    value = next((value for name, value in answer.headers if name == b"retry-after"), None)
    scripted = {name.lower(): text for name, text in fault.respond.headers.items()} if fault.respond else {}
    due = retry_due(answer.headers, call.now)
    if value is None:
        yield from ["without Retry-After"] if fault.retry_after or answer.status == 429 else []
    elif "retry-after" in scripted or due is None:
        yield f"Retry-After: {value.decode()}{' s' * value.isdigit()}"
    else:
        form = "" if value.isdigit() else "as a date, "
        yield f"Retry-After: {form}{(due - call.now) // SECOND} s"


def _when(when: When) -> str:
    if when.requests is not None:
        first, last = when.requests
        return f"request {first}" if first == last else f"requests {first} to {last}"
    if when.every is not None:
        return "every request" if when.every == 1 else f"every {_ordinal(when.every)} request"
    if when.during is not None:
        return f"from {duration(when.during[0])} until before {duration(when.during[1])}"
    return f"one in {1 / when.chance:g} requests, by chance" if when.chance else "no request"


def _ordinal(number: int) -> str:
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _delay(delay: Delay) -> str:
    if delay.kind == "constant":
        return duration(delay.a)
    if delay.kind == "uniform":
        return f"{duration(delay.a)} to {duration(delay.b)}"
    return f"around {duration(delay.a)} (lognormal, sigma {delay.sigma:g})"


def _limit(operation: str, plan: Plan) -> str:
    limit = plan.scenario.limits[operation]
    if limit is None:
        return f"any number of {operation} requests"
    burst = f", bursts up to {limit.burst}" if limit.burst else ""
    return f"{limit.requests} {operation} requests in {duration(limit.period)}{burst}"
