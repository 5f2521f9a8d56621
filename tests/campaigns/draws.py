"""100,000 draws from all strategies: scenarios are valid, answers obey the contract, breaks are where they say.

Scenarios, progressions and faults are compiled, or written and read again. Answers are validated with the document of
their operation: all by `jsonschema-rs`, and each new shape and a sample also by `jsonschema`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from statistics import median
from typing import Any, NamedTuple

import orjson
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy
from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.campaigns.requests import Shapes, fast

from jobmock import apis, catalogue, scenario, strategies
from jobmock.catalogue.scenario_validation import check_scenario
from jobmock.contract import body_validation, documents
from jobmock.engine.pagination import cut, order
from jobmock.errors import UsageError
from jobmock.models import Fault, Results, Scenario, Step

DRAWS = 100_000
_SAMPLE = 0.02
_END = {api.name: next(s for s in sorted(api.terminal) if api.shows.get(s) == "all") for api in apis.all_apis()}


class Row(NamedTuple):
    """A strategy, its share of a thousand draws, and the check of each draw."""

    name: str
    strategy: SearchStrategy[Any]
    share: int
    check: Callable[[Any], None]


class DrawChecker:
    """Checks each draw, and counts."""

    def __init__(self, report: Report, rng: Random) -> None:
        self.report, self.rng, self.shapes = report, rng, Shapes()
        self.validated_twice, self.breaches = 0, Counter[str]()

    def scenario(self, drawn: Scenario) -> None:
        _, problems = check_scenario(drawn)
        valid = self.report.check(not problems, "an invalid scenario", f"{[*map(str, problems)]} {drawn}")
        if valid and self.rng.random() < _SAMPLE:
            catalogue.compile_scenario(drawn)
            again = scenario.from_text(scenario.to_text(drawn), name=drawn.name)
            self.report.check(again == drawn, "a scenario that is another one when read again", drawn)

    def progression(self, api: str, steps: tuple[Step, ...]) -> None:
        self.scenario(_scenario(api, progression=steps))

    def faults(self, api: str, faults: tuple[Fault, ...]) -> None:
        """Write the faults in the scenario language, which checks them by reading."""
        scenario.to_mapping(_scenario(api, faults=faults))

    def paging(self, drawn: strategies.Paging) -> None:
        """Walk the pages: honest ones show all people once; hostile ones don't, or have a wrong total."""
        people = order(range(drawn.count), drawn.pages)
        number = -(-drawn.count // drawn.page_size)
        pages = [cut(drawn.count, page + 1, drawn.page_size, drawn.pages) for page in range(number)]
        seen = [person for page in pages for person in people[page.start : page.stop]]
        honest = seen == [*range(drawn.count)] and all(page.total_results == drawn.count for page in pages)
        self.report.check(honest is (drawn.pages is None), "pages that aren't honest or hostile as drawn", drawn)
        visible = (*drawn.growing, drawn.count)
        self.report.check(list(visible) == sorted({*visible}), "a list that doesn't grow", drawn)

    def answer(self, document: str, body: Any) -> None:
        accepted = fast(document).is_valid(body)
        self.report.check(accepted, f"not {document}", orjson.dumps(body))
        if self.shapes.is_new(document, body) or self.rng.random() < _SAMPLE:
            self.validated_twice += 1
            self.report.check(documents.validator(document).is_valid(body), f"not {document}, by jsonschema", body)

    def response(self, api: str, drawn: tuple[str, strategies.Response]) -> None:
        name, response = drawn
        replies = next(operation.replies for operation in apis.load(api).operations if operation.name == name)
        if self.report.check(response.status in replies, f"{name} {response.status} is in no document", response):
            self.answer(f"{api}/{replies[response.status]}", response.json())
        length = response.headers["content-length"] == str(len(response.body))
        self.report.check(length, "a wrong content-length", response)

    def off_contract(self, drawn: strategies.OffContract) -> None:
        body, breach = drawn.response.json(), drawn.breach
        self.breaches[breach.kind] += 1
        found = [each for each in body_validation.violations(drawn.document, body) if each.kind == "breaking"]
        reported = [(each.pointer, each.message) for each in found]
        self.report.check(reported == [(breach.pointer, breach.message)], "a wrong tag", f"{drawn} {reported}")
        errors = fast(drawn.document).iter_errors(body)
        pointers = {"".join(f"/{part}" for part in error.instance_path) for error in errors}
        self.report.check(pointers == {breach.pointer}, "another pointer by jsonschema-rs", f"{drawn} {pointers}")


def _scenario(api: str, **parts: Any) -> Scenario:
    usual = {"progression": (Step(status=_END[api]),), "results": Results(count=3)}
    return Scenario(name="drawn", api=api, summary="", **{**usual, **parts})


def _operations(draw: Callable[..., SearchStrategy[Any]], api: str) -> SearchStrategy[tuple[str, Any]]:
    """Return a strategy for draws of each operation that `draw` accepts, with the operation's name."""
    every = []
    for name in dict.fromkeys(operation.name for operation in apis.load(api).operations):
        try:
            every.append(st.tuples(st.just(name), draw(api, operation=name)))
        except UsageError:
            continue
    return st.one_of(every)


def rows(checker: DrawChecker) -> Iterator[Row]:
    """Yield all strategies with their shares of a thousand draws."""
    paged = [name for name in apis.names() if _accepts(strategies.scenarios, name, hostile=True)]
    for api in apis.names():
        yield from _of_an_api(checker, api, api in paged)
    yield Row("pagination", strategies.pagination(), 30, checker.paging)
    yield Row("hostile pagination", strategies.pagination(hostile=True), 60, checker.paging)


def _accepts(draw: Callable[..., object], *args: Any, **named: Any) -> bool:
    try:
        draw(*args, **named)
    except UsageError:
        return False
    return True


def _of_an_api(checker: DrawChecker, api: str, paged: bool) -> Iterator[Row]:
    s = strategies
    yield Row(f"{api} scenarios", s.scenarios(api), 24, checker.scenario)
    yield Row(f"{api} scenarios, absent", s.scenarios(api, absent=True), 6, checker.scenario)
    yield Row(f"{api} behaviours", s.behaviours(api), 12, checker.scenario)
    if paged:
        yield Row(f"{api} hostile scenarios", s.scenarios(api, hostile=True), 12, checker.scenario)
    progressions = s.progressions(api, absent=True)
    yield Row(f"{api} progressions", progressions, 20, lambda drawn: checker.progression(api, drawn))
    names = tuple(dict.fromkeys(operation.name for operation in apis.load(api).operations))
    faults = s.failure_sequences(api, operations=names)
    yield Row(f"{api} failures", faults, 30, lambda drawn: checker.faults(api, drawn))
    yield Row(f"{api} storms", s.rate_limit_storms(api), 30, lambda drawn: checker.faults(api, drawn))
    answers = st.tuples(st.just("status"), s.responses(api))
    yield Row(f"{api} responses", answers, 110, lambda drawn: checker.response(api, drawn))
    others = _operations(s.responses, api)
    yield Row(f"{api} responses of all", others, 50, lambda drawn: checker.response(api, drawn))
    errors = _operations(s.error_responses, api)
    yield Row(f"{api} errors", errors, 110, lambda drawn: checker.response(api, drawn))
    if _accepts(s.people, api):
        document = f"{api}/person-any.json"
        yield Row(f"{api} people", s.people(api), 50, lambda drawn: checker.answer(document, drawn))
    if _accepts(s.profiles, api):
        yield Row(f"{api} profiles", s.profiles(api), 50, lambda drawn: checker.answer(f"{api}/profile.json", drawn))
    yield Row(f"{api} off-contract", s.off_contract_responses(api, errors=True), 37, checker.off_contract)


def draw_and_check(row: Row, number: int, seed: int) -> Iterator[float]:
    """Draw and check so many values; yield the seconds that each draw took."""
    took: list[float] = []

    def body(data: DataObject) -> None:
        began = time.perf_counter()
        value = data.draw(row.strategy)
        took.append(time.perf_counter() - began)
        row.check(value)

    while len(took) < number:
        chosen = settings(
            max_examples=number - len(took), database=None, phases=(Phase.generate,), deadline=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        seeded(seed + len(took))(chosen(given(st.data())(body)))()
    yield from took


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report = Report("draws")
    checker = DrawChecker(report, Random(seed))
    every = list(rows(checker))
    whole, times = sum(row.share for row in every), dict[str, list[float]]()
    for row in progress_bar(every, "Strategies"):
        try:
            times[row.name] = list(draw_and_check(row, scaled(-(-DRAWS * row.share // whole), fraction), seed))
        except Exception as error:  # any error is a failure of the campaign
            report.fail(f"{row.name}: {type(error).__name__} raised", error)
    scenarios = [took for name, all_took in times.items() if "scenarios" in name for took in all_took]
    middle = median(scenarios) * 1000
    number = sum(map(len, times.values()))
    return report.end(
        f"{number} draws of {len(every)} strategies, {len(checker.shapes.met)} shapes, {checker.validated_twice} also "
        f"by jsonschema, {dict(checker.breaches)}; median ms to draw: scenario {middle:.2f}, "
        + ", ".join(f"{name} {median(took) * 1000:.2f}" for name, took in times.items())
    )
