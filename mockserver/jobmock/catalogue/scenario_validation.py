"""Checks a scenario against its API: its transitions, its counters and its bodies.

The bodies are those that are served: the API's own status operation answers for each step. They have no people,
because tests prove that every person is valid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import orjson

from .. import apis, json_pointer
from ..contract import body_validation
from ..contract.violation import Violation
from ..dialect.answers import Part, compact
from ..dialect.api import Api
from ..dialect.sample_answers import sample_answer
from ..engine.progression import Plan, plan, shrinking, stages
from ..engine.transitions import illegal_steps
from ..errors import Problem, first_problems, hint, short_repr
from ..models import MOST_PEOPLE, Scenario, Step
from .unused_parts import unused_faults, unused_pages

_MOST_HINTS = 20
_LONG, _MANY = 20_000, 20
"""A body of so many bytes, or with so many violations, of 1 kB each, isn't cached, so that memory is bounded."""
FoundProblem = tuple[str, str, str]
"""Severity, message, JSON Pointer."""
_MEANT = " Say `violates: [{}]` if it is meant."


def check_scenario(scenario: Scenario) -> tuple[Plan, list[Problem]]:
    """Return the plan of a scenario and its first problems. A scenario with nothing but warnings can be played."""
    api = apis.load(scenario.api)
    planned = plan(scenario, api.shows)
    found = list(_too_many_people(scenario))
    found += _progression(scenario.progression, planned, api, "/progression")
    if scenario.more and scenario.more.progression:
        people_before = scenario.results.count
        continuation = replace(planned, stages=stages(scenario.more.progression, api.shows, people=people_before))
        found += _progression(scenario.more.progression, continuation, api, "/more/progression", people_before)
    found += [("warning", message, pointer) for message, pointer in unused_faults(scenario.faults)]
    problems = [
        Problem(message=message, origin=scenario.origin, pointer=pointer, severity=severity)
        for severity, message, pointer in found
    ]
    return planned, first_problems(problems)


def _too_many_people(scenario: Scenario) -> Iterator[FoundProblem]:
    """Yield a problem for each number of people above the limit. In a file, the schema finds it before."""
    counts: dict[str, int | None] = {"/results/count": scenario.results.count}
    phases = {"/progression": scenario.progression}
    if scenario.more:
        counts["/more/count"], phases["/more/progression"] = scenario.more.count, scenario.more.progression
    for place, steps in phases.items():
        counts |= {f"{place}/{number}/results": step.results for number, step in enumerate(steps)}
    for pointer, count in counts.items():
        if count is not None and count > MOST_PEOPLE:
            yield "error", f"A scenario has at most {MOST_PEOPLE} people, not {count}.", pointer


def _progression(
    steps: Sequence[Step], planned: Plan, api: Api, pointer: str, people_before: int | None = None
) -> Iterator[FoundProblem]:
    """Yield the problems of one progression. `people_before` is how many people a continued job had before."""
    yield from _transitions(steps, api, pointer)
    yield from _results(planned, pointer, people_before or 0)
    yield from _bodies(planned, api, pointer, people_before)
    scenario = planned.scenario
    added = scenario.more.count if scenario.more and people_before is not None else 0
    unused = unused_pages(planned.stages, scenario.results.count + added, pointer)
    yield from (("warning", message, place) for message, place in unused)


def _transitions(steps: Sequence[Step], api: Api, pointer: str) -> Iterator[FoundProblem]:
    broken = {index: (before, status) for index, before, status in illegal_steps(steps, api.transitions)}
    for index, step in enumerate(steps):
        if json_pointer.has(step.body, api.status_path):
            text = "A step's status stands in 'status', not in its 'body': there it would evade the transitions."
            yield "error", text, f"{pointer}/{index}/body{json_pointer.join(api.status_path)}"
        declared, place = "transition" in step.violates, f"{pointer}/{index}/status"
        if index in broken and not declared:
            before, status = broken[index]
            after = ", ".join(sorted(api.transitions[before])) or "nothing, it is terminal"
            yield "error", f"{status!r} can't follow {before!r} (allowed: {after}).{_MEANT.format('transition')}", place
        elif declared and index not in broken:
            yield "warning", "The step declares `violates: [transition]`, but its transition is legal.", place


def _results(planned: Plan, pointer: str, people_before: int) -> Iterator[FoundProblem]:
    for number, before, visible in shrinking(planned.stages, people_before):
        if "pagination" not in planned.stages[number].step.violates:
            silent = planned.stages[number].step.results is None
            why = f" The step has no `results`: `results: {before}` keeps them." if silent else ""
            text = f"The results shrink from {before} to {visible}.{why}{_MEANT.format('pagination')}"
            yield "error", text, f"{pointer}/{number}/results"
    for stage in planned.stages:
        if stage.step.pages and "pagination" not in stage.step.violates:
            yield "error", "Hostile `pages` need `violates: [pagination]`.", f"{pointer}/{stage.number}/pages"


def _bodies(planned: Plan, api: Api, place: str, people_before: int | None) -> Iterator[FoundProblem]:
    """Yield the problems of the answers of each step."""
    operation = api.operation_named("status")
    highest: dict[tuple[str, ...], int] = {}
    for stage in planned.stages:
        step, pointer = stage.step, f"{place}/{stage.number}"
        found: dict[str, set[Violation]] = {"breaking": set(), "additive": set()}
        for query in operation.sample_queries:
            answer = sample_answer(api, operation, planned, stage.number, query, people_before)
            raw = compact(orjson.dumps(without_people(answer.body)))
            document, body = f"{api.name}/{operation.replies[answer.status]}", orjson.loads(raw)
            for violation in _violations(document, raw):
                found[violation.kind].add(violation)
        yield from _breaking(step, found["breaking"], pointer)
        yield from _unlisted(step, found["additive"], pointer)
        yield from _useless_omissions(step, document, f"{pointer}/omit")
        if "pagination" not in step.violates:
            yield from _decreasing_counters(body, api, highest, pointer)


def _violations(document: str, body: bytes) -> tuple[Violation, ...]:
    """Return the violations of a body."""
    cached = _few_violations(document, body) if len(body) < _LONG else None
    return _find_violations(document, body) if cached is None else cached


@lru_cache(maxsize=1024)
def _few_violations(document: str, body: bytes) -> tuple[Violation, ...] | None:
    """Return the violations of a body, or None for many. Cached, as a scenario that grows is checked many times."""
    found = _find_violations(document, body)
    return found if len(found) < _MANY else None


def _find_violations(document: str, body: bytes) -> tuple[Violation, ...]:
    return tuple(body_validation.violations(document, orjson.loads(body)))


def _breaking(step: Step, breaking: set[Violation], pointer: str) -> Iterator[FoundProblem]:
    if "schema" in step.violates:
        if not breaking:
            yield "warning", "The step declares `violates: [schema]`, but its body obeys the contract.", pointer
        return
    for violation in sorted(breaking, key=lambda violation: violation.pointer):
        source = f" ({violation.source})" if violation.source else ""
        text = f"The body breaks the contract at {violation}{source}{_MEANT.format('schema')}"
        yield "error", text, f"{pointer}/body{violation.pointer}"


def _unlisted(step: Step, additive: set[Violation], pointer: str) -> Iterator[FoundProblem]:
    """Warn about members of the step's own `body` that no document lists."""
    for violation in sorted(additive, key=lambda violation: violation.pointer):
        if violation.pointer.split("/")[1] in step.body:
            yield "warning", f"{violation.pointer}: {violation.message}", f"{pointer}/body{violation.pointer}"


def _useless_omissions(step: Step, document: str, pointer: str) -> Iterator[FoundProblem]:
    """Warn about members of `omit` that no document lists."""
    listed = body_validation.members(document)
    for number, member in enumerate(dict.fromkeys(member for member in step.omit if member not in listed)):
        near = hint(member, listed) if number < _MOST_HINTS else ""
        yield "warning", f"No document lists {short_repr(member)}, so there is nothing to omit.{near}", pointer


def _decreasing_counters(
    body: Any, api: Api, highest: dict[tuple[str, ...], int], pointer: str
) -> Iterator[FoundProblem]:
    for path in api.counters:
        value = body
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if type(value) is not int:
            continue
        if value < highest.get(path, value):
            text = f"{'.'.join(path)!r} goes back from {highest[path]} to {value}.{_MEANT.format('pagination')}"
            yield "error", text, f"{pointer}/body/{'/'.join(path)}"
        highest[path] = max(value, highest.get(path, value))


def without_people(body: Any) -> Any:
    """Return the body with every list of people emptied."""
    if isinstance(body, Mapping):
        return {key: without_people(value) for key, value in body.items()}
    return [] if isinstance(body, Part) else body
