"""Of the jobs that show the same at a moment, the newest one is looked at."""

from __future__ import annotations

from collections.abc import Hashable
from random import Random

import pytest
from tests.engine.test_tracked_jobs import POLLED, TIMED, job
from tests.support import examples

from jobmock.engine.job_groups import JobGroups
from jobmock.engine.jobs import Job
from jobmock.engine.progression import poll


def kind(one: Job) -> tuple[str | None, Hashable]:
    return one.facts["name"], one.plan


@pytest.mark.parametrize("seed", range(examples(400)))
def test_newest_of_each_group(seed: int) -> None:
    """After any changes, the newest jobs are those that a look at every job finds."""
    rng, now, jobs = Random(seed), 0, dict[str, Job]()
    groups = JobGroups(kind, ())
    for number in range(60):
        now += rng.choice((0, 0, 1, 5))
        if rng.random() < 0.4 or not jobs:
            one = job(f"j{number}", rng.choice((TIMED, POLLED)), now)
            one.facts = {"name": rng.choice((None, "a"))}
            jobs[one.id] = one
            groups.add(one)
        elif rng.random() < 0.2:
            groups.remove(removed := rng.choice(tuple(jobs)))
            del jobs[removed]
        else:
            one = rng.choice(tuple(jobs.values()))
            _, one.state = poll(one.plan.stages, one.state, now)
            groups.mark_changed(one.id)
        if rng.random() < 0.5:
            wanted = rng.choice(((None,), (None, "a"), ("a", "b")))
            newest = {(kind(one), one.stage(now).number): one for one in jobs.values() if one.facts["name"] in wanted}
            expected = [one for one in reversed(jobs.values()) if one in newest.values()]
            assert groups.newest(wanted, now, 100) == expected
            assert groups.newest(wanted, now, 2) == expected[:2]
