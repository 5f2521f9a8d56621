"""A settlement gets exactly the jobs that have changed since the last one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobmock.engine.jobs import Job
from jobmock.engine.progression import Plan, State, plan
from jobmock.engine.progression import poll as polled
from jobmock.engine.tracked_jobs import TrackedJobs
from jobmock.models import After, Scenario, Step


def planned(*afters: After | None) -> Plan:
    steps = tuple(Step(status="any", after=after) for after in afters)
    return plan(Scenario(name="s", api="clado", summary="", progression=steps), {})


TIMED = planned(After(time=10), After(time=5), None)
POLLED = planned(After(polls=1), After(time=10), None)


def job(job_id: str, script: Plan, made: int = 0) -> Job:
    return Job(id=job_id, plan=script, created=made, count=0, state=State(0, made))


def holding(*jobs: Job) -> TrackedJobs:
    open_charges = TrackedJobs()
    for one in jobs:
        open_charges[one.id] = one
    return open_charges


def ids(open_charges: TrackedJobs, now: int) -> list[str]:
    return [one.id for one in open_charges.pop_changed(now)]


def test_new_jobs_are_looked_at_once_in_the_order_in_which_they_came() -> None:
    """A new job is returned once, and not again while it stays the same."""
    open_charges = holding(job("b", POLLED), job("a", POLLED), job("c", TIMED))
    assert ids(open_charges, 0) == ["b", "a", "c"]
    assert ids(open_charges, 9) == []


def test_a_step_whose_time_is_up_brings_its_job_back() -> None:
    """A job is returned again exactly when a step's time ends, and no more after its last step."""
    open_charges = holding(job("a", TIMED))
    assert [ids(open_charges, now) for now in (0, 9, 10, 14, 15, 10**9)] == [["a"], [], ["a"], [], ["a"], []]


def test_a_job_that_moved_comes_again() -> None:
    """A job that is marked as changed is returned again, and the time of its new step counts from then."""
    one = job("a", POLLED)
    open_charges = holding(one)
    assert ids(open_charges, 0) == ["a"]
    _, one.state = polled(one.plan.stages, one.state, 3)
    open_charges.mark_changed("a")
    assert [ids(open_charges, now) for now in (3, 12, 13)] == [["a"], [], ["a"]]


def test_what_has_gone_is_not_looked_at() -> None:
    """Removed, unknown and cleared jobs aren't returned; a job that is added again is the last."""
    first, second = job("a", TIMED), job("b", TIMED)
    open_charges = holding(first, second)
    del open_charges["a"]
    open_charges.mark_changed("nobody")
    assert ids(open_charges, 0) == ["b"]
    open_charges["a"] = first
    open_charges.mark_changed("b")
    assert ids(open_charges, 0) == ["b", "a"]
    open_charges.clear()
    assert (open_charges, ids(open_charges, 10**9)) == ({}, [])


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 7), st.booleans()), max_size=40))
def test_no_move_is_missed(acts: list[tuple[int, int, bool]]) -> None:
    """Whatever polls and time do, a job at another step is returned by the next settlement."""
    jobs = [job(str(number), TIMED if number % 2 else POLLED) for number in range(5)]
    open_charges, now = holding(*jobs), 0
    seen = {one.id: -1 for one in jobs}
    for number, passes, asks in acts:
        now += passes
        if asks:
            before = jobs[number].state.step
            _, jobs[number].state = polled(jobs[number].plan.stages, jobs[number].state, now)
            if jobs[number].state.step != before:
                open_charges.mark_changed(jobs[number].id)
        looked = set(ids(open_charges, now))
        for one in jobs:
            step = one.stage(now).number
            assert one.id in looked or seen[one.id] == step
            seen[one.id] = step
