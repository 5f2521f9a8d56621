"""2,000 correct clients that Hypothesis generates, in bundled and generated scenarios: no rule finds anything.

The clients differ in interval, growth, deadline, paging, page size, query, and waits after errors.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from tests.campaigns.reporting import Report, scaled
from tests.etiquette.clients import Client, Failed, Habits, MockWire, Stopped
from tests.support import EPOCH, Mock, scenario

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.etiquette import judge
from jobmock.service.service import Service

CLIENTS = 2_000
_STEPS = {"clado": ("pending", "searching", "processing"), "orbit": ("running", "generating_sections")}
_ENDS = {"clado": ("completed", "completed", "completed", "error", "cancelled"), "orbit": ("completed", "failed")}
_MOST = 10_000
_CORRUPT = ("truncated_json", "garbage", "empty_body", "wrong_content_type")
_POLLS = {"clado": ("", "page=1&page_size=1", "page=1&page_size={size}"), "orbit": ("",)}


@cache
def bundled(api: str) -> tuple[str, ...]:
    """Return the names of the API's bundled scenarios."""
    return tuple(entry.name for entry in Catalogue().entries() if entry.name.startswith(f"{api}/"))


@st.composite
def habits(draw: st.DrawFn, api: str) -> Habits:
    """Draw the habits of a correct client."""
    size = draw(st.integers(1, 100))
    poll = draw(st.sampled_from(_POLLS[api])).format(size=size)
    walks = ("pages", "full") if poll else ("pages", "nothing")
    return Habits(
        interval=draw(st.floats(1, 60)),
        growth=draw(st.floats(1, 2)),
        longest=draw(st.floats(1, 300)),
        first_wait=draw(st.floats(0.5, 10)),
        wait_growth=draw(st.floats(1.3, 4)),
        deadline=draw(st.floats(25 * 60, 2 * 3600)),
        poll=poll,
        walk=draw(st.sampled_from((*walks, "rest") if poll.endswith(f"={size}") else walks)),
        size=size,
        patient=draw(st.integers(0, 1)),
        unknown=draw(st.sampled_from(("poll", "raise"))),
        profile=draw(st.booleans()),
    )


def _faults(api: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for a fault of some requests."""
    numbers = st.tuples(st.integers(1, 12), st.integers(0, 5)).map(lambda drawn: [drawn[0], sum(drawn)])
    when = st.one_of(
        numbers.map(lambda both: {"requests": {"from": both[0], "to": both[1]}}),
        st.floats(0.05, 0.5).map(lambda chance: {"chance": chance}),
        st.integers(2, 5).map(lambda every: {"every": every}),
    )
    waits = st.one_of(st.integers(0, 60), st.integers(0, 60).map(lambda date: {"date": date}), st.just("absent"))
    action = st.one_of(
        st.tuples(st.sampled_from(("rate_limited", "unavailable")), waits).map(
            lambda drawn: {"respond": drawn[0], "retry_after": drawn[1]}
        ),
        st.sampled_from((500, 502, 503)).map(lambda status: {"respond": {"status": status}}),
        st.sampled_from(("before_response", "reset", "mid_body")).map(lambda how: {"disconnect": how}),
        st.sampled_from(_CORRUPT).map(lambda how: {"corrupt": how}),
        st.just({"hang": True}),
        st.integers(100, 30_000).map(lambda wait: {"delay": f"{wait}ms"}),
    )
    operation = st.sampled_from(("status", "status", "status", "start"))
    return st.builds(lambda name, met, done: {"operation": name, "when": met, **done}, operation, when, action)


@st.composite
def drawn_scenarios(draw: st.DrawFn, api: str) -> dict[str, Any]:
    """Draw a job with up to three steps before its end, and up to three faults."""
    known = _STEPS[api]
    wanted = sorted(draw(st.sets(st.sampled_from(range(len(known))))))
    after = st.one_of(
        st.integers(1, 6).map(lambda polls: {"polls": polls}), st.integers(1, 900).map(lambda time: {"seconds": time})
    )
    steps = [{"status": known[index], "after": draw(after)} for index in wanted]
    faults = draw(st.lists(_faults(api), max_size=3))
    return scenario(
        api, *steps, draw(st.sampled_from(_ENDS[api])), results={"count": draw(st.integers(0, 120))}, faults=faults
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Any, Habits, bool]:
    """Draw an API, a scenario, the client's habits, and whether it accepts only a JSON content type."""
    api = draw(st.sampled_from(apis.names()))
    played = draw(st.one_of(st.sampled_from(bundled(api)), drawn_scenarios(api)))
    return api, played, draw(habits(api)), draw(st.booleans())


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, number, seen = Report("clients"), scaled(CLIENTS, fraction, 20), Counter[str]()
    service = Service(Catalogue(), Namespaces(clock=lambda: Clock("manual", start=EPOCH)))

    @seeded(seed)
    @settings(
        max_examples=number, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases())
    def check(case: tuple[str, Any, Habits, bool]) -> None:
        seen.update(_run_client(Mock(service), *case, report))

    check()
    figures = f"{seen['returned']} returned, {seen['raised']} raised, {seen['exchanges']} exchanges"
    return report.end(f"{seen['clients']} clients, {figures}")


def _run_client(mock: Mock, api: str, played: Any, chosen: Habits, strict: bool, report: Report) -> dict[str, int]:
    """Run one client in a fresh namespace; return counts."""
    namespace = mock.namespace(api)
    namespace.reset()
    plan = mock.service.catalogue.resolve(played, api)
    namespace.use(plan)
    outcome = "returned"
    try:
        Client(api, MockWire(mock, api, strict=strict, most=_MOST), chosen, plan.scenario.run_shape).run()
    except Failed:
        outcome = "raised"
    except Stopped:
        report.fail("it doesn't end", f"{played}, {chosen}")
    for reported in (outcome, None):
        verdict = judge(namespace.journal, apis.load(api), outcome=reported, now=namespace.clock.now())
        for finding in verdict.findings:
            report.fail(finding.rule, f"{finding.evidence}; {outcome}; {played}, {chosen}")
    return {"clients": 1, outcome: 1, "exchanges": len(namespace.journal)}
