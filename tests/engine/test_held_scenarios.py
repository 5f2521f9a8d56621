"""How much memory scenarios may take in a namespace, and in all of them."""

from __future__ import annotations

import gc
import json
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest
from tests.support import EPOCH, JOBS, KEYS, Mock, scenario

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine import held_scenarios
from jobmock.engine.held_scenarios import MAX_ALL_BYTES, MAX_BYTES, size_of
from jobmock.engine.jobs import Job
from jobmock.engine.lost_jobs import CLOSED, DROPPED
from jobmock.engine.namespace import Namespace, Namespaces
from jobmock.engine.progression import Plan, State, plan
from jobmock.models import After, Scenario, Step

LARGE = 1_000_000
MANY = 1_000
"""So many parts of a scenario that the memory of everything else hardly counts."""
_MEASURED: dict[str, dict[str, Any]] = {
    "steps": scenario("clado", *["searching"] * (MANY - 1), "completed"),
    "faults": scenario("clado", "completed", faults=[{"when": {"request": 1}, "hang": True}] * MANY),
    "members": scenario("clado", {"status": "completed", "body": {f"member{n}": n for n in range(MANY)}}),
    "left out": scenario("clado", {"status": "completed", "omit": [f"x{n}" for n in range(MANY)]}),
    "empty pages": scenario(
        "clado", {"status": "completed", "pages": {"empty": list(range(1, MANY + 1))}, "violates": ["pagination"]}
    ),
    "a long status": scenario("clado", {"status": "x" * 500_000, "violates": ["schema"]}),
}


def planned(name: str = "clado/any", *, size: int = LARGE, ends: bool = True) -> Plan:
    waiting = () if ends else (Step(status="pending", after=After(polls=5)),)
    steps = (*waiting, Step(status="completed"))
    return replace(plan(Scenario(name=name, api="clado", summary="", progression=steps), {}), size=size)


def job(job_id: str, played: Plan) -> Job:
    return Job(id=job_id, plan=played, created=EPOCH, count=3, state=State(0, EPOCH))


@pytest.fixture
def namespaces(monkeypatch: pytest.MonkeyPatch) -> Namespaces:
    """Namespaces with room for three large scenarios in each, and for five in all."""
    monkeypatch.setattr(held_scenarios, "MAX_BYTES", 3 * LARGE + LARGE // 2)
    monkeypatch.setattr(held_scenarios, "MAX_ALL_BYTES", 5 * LARGE + LARGE // 2)
    return Namespaces(clock=lambda: Clock("manual", start=EPOCH))


def opened(namespaces: Namespaces, name: str = "a") -> Namespace:
    return namespaces.open("clado", f"lk_{name}", None)


def test_limits() -> None:
    """The scenarios of a namespace take 64 MiB, those of all 256 MiB."""
    assert (MAX_BYTES, MAX_ALL_BYTES) == (64 << 20, 256 << 20)


def test_jobs_with_large_scenarios_go(namespaces: Namespaces) -> None:
    """Above its limit a namespace drops the oldest ended job, and counts it; running ones and the new one stay."""
    namespace = opened(namespaces)
    for number in range(6):
        namespace.add(job(f"j{number}", planned(ends=number not in (0, 2))))
    assert list(namespace.jobs) == ["j0", "j2", "j5"]
    assert namespaces.jobs.dropped == 3
    assert (namespace.why_lost("j1"), namespace.why_lost("j0")) == (DROPPED, None)
    namespace.add(job("huge", planned(size=50 * LARGE)))
    assert list(namespace.jobs) == ["huge"]


def test_what_is_shared_counts_once(namespaces: Namespaces) -> None:
    """A scenario counts once, however many jobs and namespaces hold it, and until the last of them lets it go."""
    shared = planned()
    for key in "abcdefgh":
        namespace = opened(namespaces, key)
        namespace.use(shared)
        for number in range(10):
            namespace.add(job(f"{key}{number}", shared))
    assert (namespaces.evicted, namespaces.jobs.dropped, namespaces.jobs.count) == (0, 0, 80)
    first, *others = namespaces
    for one in others:
        one.use(planned(size=0))
        one.reset()
    for number in range(3):
        first.add(job(f"own{number}", planned()))
    assert namespaces.jobs.dropped == 11


@pytest.mark.parametrize("way", ["jobs", "default", "refusal"])
def test_least_recently_used_namespace_goes(namespaces: Namespaces, caplog: pytest.LogCaptureFixture, way: str) -> None:
    """Above the limit of all, the namespace used least recently is closed, with the reason in the log, and counted."""
    for key in "abcdefg":
        namespace, own = opened(namespaces, key), planned()
        if way == "jobs":
            namespace.add(job(key, own))
        else:
            (namespace.use if way == "default" else namespace.note_refusal)(own)
        namespaces.get("lk_a")
    assert [one.key for one in namespaces] == ["lk_d", "lk_e", "lk_f", "lk_g", "lk_a"]
    assert namespaces.evicted == 2
    assert caplog.messages[0].startswith(f"More than {held_scenarios.MAX_ALL_BYTES} bytes of scenarios: closed the 1 ")
    assert opened(namespaces, "b").why_lost("b") == (CLOSED if way == "jobs" else None)


def test_what_is_replaced_or_reset_counts_no_more(namespaces: Namespaces) -> None:
    """A default scenario in place of another, a reset, and a closed namespace give room back."""
    namespace = opened(namespaces)
    for number in range(20):
        namespace.use(planned())
        namespace.note_refusal(planned())
        namespace.reset()
        namespace.add(job(str(number), planned()))
    assert (namespaces.jobs.dropped, len(namespaces)) == (0, 1)
    for number in range(3):
        opened(namespaces, f"x{number}").use(planned())
    namespaces.jobs._make_room("it is full")
    assert namespaces.peek("lk_a") is None
    opened(namespaces, "y").use(planned())
    assert namespaces.evicted == 1


def test_a_closed_namespace_takes_no_room(namespaces: Namespaces) -> None:
    """A call for all namespaces may close one of them before it comes to it. That one counts no more."""
    given = [opened(namespaces, key) for key in "ab"]
    for namespace in given:
        namespace.use(planned())
    namespaces.jobs._make_room("it is full")
    for namespace in given:
        namespace.use(planned(size=0))
    assert [one.key for one in namespaces] == ["lk_b"]


def test_catalogue_is_free(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that play scenarios of the catalogue share them, so no number of such scenarios is too much."""
    for name in ("MAX_BYTES", "MAX_ALL_BYTES"):
        monkeypatch.setattr(held_scenarios, name, 1000)
    namespace, catalogue = mock.namespace("clado"), mock.service.catalogue
    names = [name for name in catalogue.names() if name.startswith("clado/")]
    for name in names:
        mock.service.place(namespace, catalogue.plan(name))
    assert len(namespace.jobs) == len(names)


def test_a_continued_job_counts_its_own_steps(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Continued jobs have steps of their own; if these take too much, others go, not the continued job."""
    steps = {
        "count": 5,
        "progression": [*[{"status": "searching", "after": {"polls": 1}}] * 99, {"status": "completed"}],
    }
    planned = mock.service.catalogue.resolve({**scenario("clado", "completed"), "more": steps}, "clado")
    namespace = mock.namespace("clado")
    jobs = [mock.service.place(namespace, planned).id for _ in range(4)]
    mock.service.namespaces.jobs.catalogue_bytes = lambda: 0
    monkeypatch.setattr(held_scenarios, "MAX_BYTES", planned.size + 100 * held_scenarios._STAGE)
    assert mock.send("POST", f"{JOBS['clado']}/{jobs[0]}/more", key=KEYS["clado"], body={}).status == 200
    assert list(namespace.jobs) == jobs[:1]


@pytest.mark.parametrize("huge", _MEASURED)
def test_size_is_what_a_scenario_takes(catalogue: Catalogue, huge: str) -> None:
    """The size of a scenario is the memory that it really takes, also in hostile shapes."""
    text = json.dumps(_MEASURED[huge])
    tracemalloc.start()
    try:
        resolved = catalogue.resolve(json.loads(text))
        size, before = size_of(resolved), _traced()
        del resolved
        freed = before - _traced()
        assert freed - 5_000 <= size <= freed * 2 + 5_000
    finally:
        tracemalloc.stop()


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
