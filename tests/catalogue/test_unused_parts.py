"""What a scenario says in vain is a warning of `jobmock lint`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import scenario

from jobmock import scenario as language
from jobmock.catalogue.scenario_validation import check_scenario
from jobmock.catalogue.unused_parts import used_faults
from jobmock.clock import SECOND
from jobmock.engine.faults import matching
from jobmock.models import Fault, When

ALL_BUT_THE_FIRST = {"requests": {"from": 2, "to": 1_000_000}}


def warnings(played: dict[str, Any]) -> list[str]:
    """Return the pointers of the warnings about a scenario."""
    found = check_scenario(language.from_mapping(played))[1]
    assert all(problem.severity == "warning" for problem in found)
    return [problem.pointer for problem in found]


@pytest.mark.parametrize(
    ("earlier", "when"),
    [
        ([{"request": 3}], {"request": 3}),
        ([{"requests": {"from": 2, "to": 5}}], {"requests": {"from": 3, "to": 4}}),
        ([{"requests": {"from": 1, "to": 2}}, {"request": 3}], {"requests": {"from": 1, "to": 3}}),
        ([{"request": 1}, ALL_BUT_THE_FIRST], {"requests": {"from": 1, "to": 1_000_000}}),
        ([{"every": 2}, {"request": 3}], {"requests": {"from": 2, "to": 4}}),
        ([{"every": 3}], {"every": 6}),
        ([{"every": 1}], {"chance": 0.5}),
        ([{"chance": 1}], {"seconds": {"from": 1, "to": 2}}),
        ([{"seconds": {"from": 0, "to": 5}}, {"seconds": {"from": 5, "to": 9}}], {"seconds": {"from": 4, "to": 8.5}}),
        ([], {"chance": 0}),
    ],
)
def test_a_fault_that_no_request_meets(earlier: list[Any], when: Any) -> None:
    """A fault is a warning if the faults before it match all of its requests, or if its chance is 0."""
    faults = [{"when": one, "hang": True} for one in (*earlier, when)]
    place = f"/faults/{len(earlier)}/when" + ("/chance" if when == {"chance": 0} else "")
    assert warnings(scenario("clado", "completed", faults=faults)) == [place]
    assert warnings(scenario("clado", "completed", faults=[*faults[:-1], {**faults[-1], "operation": "cancel"}])) == (
        [place] if when == {"chance": 0} else []
    )


@pytest.mark.parametrize(
    ("earlier", "when"),
    [
        ([{"request": 3}], {"requests": {"from": 3, "to": 4}}),
        ([{"requests": {"from": 1, "to": 3}}, {"request": 5}], {"requests": {"from": 2, "to": 5}}),
        ([{"every": 6}], {"every": 3}),
        ([{"every": 2}], {"every": 3}),
        ([{"every": 2}], {"request": 3}),
        ([{"chance": 0.9}], {"request": 1}),
        ([{"seconds": {"from": 0, "to": 900}}], {"request": 1}),
        ([ALL_BUT_THE_FIRST], {"chance": 0.1}),
        ([], {"request": 50}),
    ],
)
def test_a_fault_that_a_request_may_meet(earlier: list[Any], when: Any) -> None:
    """A fault that may be met is no warning: how often and how fast a client polls isn't known."""
    faults = [{"when": one, "hang": True} for one in (*earlier, when)]
    assert warnings(scenario("clado", "completed", faults=faults)) == []


@pytest.mark.parametrize(
    ("count", "pages", "is_unused"),
    [
        (3, {"empty": [3]}, False),
        (3, {"empty": [4]}, True),
        (3, {"repeat": {"4": 1}}, True),
        (3, {"repeat": {"4": 1}, "total": 9}, False),
        (3, {"swap": [[1, 4]]}, True),
        (3, {"swap": [[1, 3]]}, False),
        (0, {"empty": [1]}, True),
    ],
)
def test_pages_that_the_step_does_not_have(count: int, pages: Any, is_unused: bool) -> None:
    """Hostile pages that name a page or a person beyond the last one are a warning."""
    step = {"status": "completed", "pages": pages, "violates": ["pagination"]}
    assert warnings(scenario("clado", step, results={"count": count})) == ["/progression/0/pages"] * is_unused


WHENS = st.one_of(
    st.tuples(st.integers(1, 6), st.integers(0, 4)).map(lambda pair: When(requests=(pair[0], sum(pair)))),
    st.integers(1, 4).map(lambda every: When(every=every)),
    st.tuples(st.integers(0, 6), st.integers(1, 4)).map(
        lambda pair: When(during=(pair[0] * SECOND, sum(pair) * SECOND))
    ),
    st.sampled_from([When(chance=0), When(chance=1)]),
)


@given(st.lists(WHENS, max_size=5))
def test_without_unused_faults_each_request_meets_the_same(whens: list[When]) -> None:
    """Faults that are left out are never applied."""
    faults = tuple(Fault(when=when, drip=None, hang=True, disconnect=str(index)) for index, when in enumerate(whens))
    used = used_faults(faults)
    for number in range(1, 15):
        for second in range(12):
            assert matching(faults, number, second * SECOND, 0) == matching(used, number, second * SECOND, 0)
