"""Describes a scenario in text: how long each status lasts, and which requests meet a fault."""

from __future__ import annotations

from collections.abc import Iterator

from .. import apis
from ..clock import SECOND
from ..dialect.api import Api
from ..dialect.scripted_answers import scripted_answer
from ..engine.headers import retry_due
from ..engine.progression import Plan, Stage, stages
from ..models import After, Delay, Fault, More, When
from .scenario_validation import isolated_request


def explain(plan: Plan) -> str:
    """Return the timeline of a scenario, ending with a newline."""
    scenario = plan.scenario
    head = f"{scenario.name} ({scenario.api}): {scenario.summary}".rstrip(": ")
    api = apis.load(scenario.api)
    nouns = api.result_nouns[api.kind(scenario.run_shape)]
    count = scenario.results.count
    rows = [_step(stage, count, nouns) for stage in plan.stages]
    blocks = [head, "From the moment the job is made:\n" + _table(rows)]
    if scenario.more:
        blocks.append(_continuation(scenario.more, plan, api, nouns))
    if scenario.faults:
        blocks.append("Requests that meet a fault:\n" + _table([_fault(fault, plan, api) for fault in scenario.faults]))
    own = [f"{name} = {value!r}" for name, value in scenario.switches.items()]
    own += [f"at most {_limit(name, plan)}" for name in scenario.limits]
    if own:
        blocks.append("Beside that:\n" + _table([(line,) for line in own]))
    return "\n\n".join(blocks) + "\n"


def duration(nanoseconds: int) -> str:
    """Return a duration for people: `250 ms`, `30 s`, `15 min`, `1 h 30 min`."""
    if nanoseconds < SECOND:
        return f"{nanoseconds / 1_000_000:g} ms"
    minutes, rest = divmod(nanoseconds, 60 * SECOND)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (rest / SECOND, "s"))
    return " ".join(f"{amount:g} {unit}" for amount, unit in parts if amount)


def _table(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _continuation(more: More, plan: Plan, api: Api, nouns: tuple[str, str]) -> str:
    """Return the timeline of a reopened job, with all people that continuations may add."""
    kept = plan.stages[-1].shows(plan.scenario.results.count)
    reopened = stages(more.progression or api.continuation, api.shows, people=kept)
    rows = [_step(stage, kept + more.count, nouns, kept) for stage in reopened]
    return f"After continuations, which may add {more.count} people to the {kept}:\n" + _table(rows)


def _step(stage: Stage, count: int, nouns: tuple[str, str], kept: int = 0) -> tuple[str, ...]:
    """Return the row of a stage. `kept` is how many people there were before its progression."""
    results = (_results(stage, count, nouns),) if nouns[0] else ()
    return f"{stage.number + 1}.", stage.status, _until(stage.after), *results, _notes(stage, count, kept)


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


def _fault(fault: Fault, plan: Plan, api: Api) -> tuple[str, ...]:
    effects = [fault.label] if fault.label not in ("delay", "drip") else []
    if fault.drip:
        effects.append(f"sent in pieces of {fault.drip.size} bytes, one every {duration(fault.drip.every)}")
    if fault.delay:
        effects.append(f"held {_delay(fault.delay)}")
    if fault.respond:
        effects += _retry_after(fault, plan, api)
    return fault.operation, _when(fault.when), ", ".join(effects)


def _retry_after(fault: Fault, plan: Plan, api: Api) -> Iterator[str]:
    """Yield the Retry-After of the answer that the mock sends, or that a refusal which may have one has none."""
    operation = next(operation for operation in api.operations if operation.name == fault.operation)
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
