"""Generated scenarios: a job with some steps before its end, and some faults."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from tests.support import scenario

_STEPS = {"clado": ("pending", "searching", "processing"), "orbit": ("running", "generating_sections")}
_ENDS = {"clado": ("completed", "completed", "completed", "error", "cancelled"), "orbit": ("completed", "failed")}
_CORRUPT = ("truncated_json", "garbage", "empty_body", "wrong_content_type")


def _faults(api: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return a strategy for a fault of some requests, with one item for each request that is named."""
    numbers = st.tuples(st.integers(1, 12), st.integers(1, 6)).map(lambda drawn: range(drawn[0], sum(drawn)))
    when = st.one_of(
        numbers.map(lambda some: [{"request": number} for number in some]),
        st.floats(0.05, 0.5).map(lambda chance: [{"chance": chance}]),
        st.integers(2, 5).map(lambda every: [{"every": every}]),
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
    return st.builds(
        lambda name, met, done: [{"operation": name, "when": one, **done} for one in met], operation, when, action
    )  # fmt: skip


@st.composite
def drawn_scenarios(draw: st.DrawFn, api: str) -> dict[str, Any]:
    """Draw a job with up to three steps before its end, and up to three faults."""
    known = _STEPS[api]
    wanted = sorted(draw(st.sets(st.sampled_from(range(len(known))))))
    after = st.one_of(
        st.integers(1, 6).map(lambda polls: {"polls": polls}), st.integers(1, 900).map(lambda time: {"seconds": time})
    )
    steps = [{"status": known[index], "after": draw(after)} for index in wanted]
    faults = [fault for some in draw(st.lists(_faults(api), max_size=3)) for fault in some]
    return scenario(
        api, *steps, draw(st.sampled_from(_ENDS[api])), results={"count": draw(st.integers(0, 120))}, faults=faults
    )
