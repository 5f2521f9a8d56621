"""Each key has its own namespace; above the limit the least recently used one is closed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import RFC_4122, UUID

import pytest
from tests.support import EPOCH, put

from jobmock.clock import SECOND, Clock
from jobmock.engine import closed_namespaces, job_index, job_room
from jobmock.engine.closed_namespaces import ClosedNamespaces, Remains
from jobmock.engine.credits import OPENING_BALANCE
from jobmock.engine.job_index import MAX_ALL_JOBS, JobIndex
from jobmock.engine.job_room import MAX_JOBS
from jobmock.engine.jobs import Job
from jobmock.engine.namespace import MAX_NAMESPACES, Namespace, Namespaces
from jobmock.engine.progression import ALL, Plan, Stage, State, plan
from jobmock.errors import UsageError
from jobmock.models import After, Exchange, Limit, Results, Scenario, Step

CLOSED = "closed the {} namespaces used least recently, {} of them with jobs; {} since the start."
LIMIT = Limit(requests=2, period=SECOND)


def clock() -> Clock:
    return Clock("manual", start=EPOCH)


def planned(name: str = "clado/any", seed: int = 1) -> Plan:
    steps = (Step(status="completed"),)
    scenario = Scenario(name=name, api="clado", summary="", progression=steps, results=Results(seed=seed))
    return plan(scenario, {})


def job(job_id: str, seed: int = 1) -> Job:
    return Job(id=job_id, plan=planned(seed=seed), created=EPOCH, count=3, state=State(0, EPOCH))


def new_namespace(key: str = "lk_test", seed: int = 0) -> Namespace:
    return Namespace("clado", key, clock(), seed=seed)


@pytest.fixture
def make() -> Callable[..., Namespaces]:
    """Make the namespaces of a server whose clocks stand still."""
    return lambda **options: Namespaces(clock=clock, **options)


def used(namespace: Namespace) -> Namespace:
    """Return a namespace with some content of every kind."""
    namespace.add(job("j1"))
    namespace.bucket("status", LIMIT).take(EPOCH)
    namespace.requests["start"] = 4
    namespace.clock.advance(9 * SECOND)
    namespace.credits.charge(10)
    namespace.open_charges["j1"] = namespace.jobs["j1"]
    namespace.kept_replies.add("start", "once", "j1", 2)
    put(namespace.journal, Exchange(1, EPOCH, "clado", "status", "j1", "GET", "/a", "", 200))
    return namespace


def test_a_new_namespace() -> None:
    """A namespace begins with nothing in it, and counts its faults' seconds from its clock's reading."""
    late = clock()
    late.advance(5)
    namespace = Namespace("orbit", "sk_orb_a", late, seed=0)
    assert (namespace.api, namespace.key, namespace.clock) == ("orbit", "sk_orb_a", late)
    assert (namespace.key_plan, namespace.plan) == (None, None)
    assert (namespace.jobs, namespace.buckets, namespace.requests, len(namespace.journal)) == ({}, {}, {}, 0)
    assert namespace.counting_since == EPOCH + 5


def test_namespaces_share_nothing(make: Callable[..., Namespaces]) -> None:
    """Changes in one namespace don't affect another."""
    namespaces = make()
    first, second = namespaces.open("clado", "lk_a", None), namespaces.open("clado", "lk_b", None)
    used(first).use(planned())
    assert (second.jobs, second.buckets, second.requests, len(second.journal)) == ({}, {}, {}, 0)
    assert (second.plan, second.clock.elapsed, second.counting_since) == (None, 0, EPOCH)
    assert (second.credits.balance, second.open_charges, len(second.kept_replies)) == (OPENING_BALANCE, {}, 0)
    assert second.bucket("status", LIMIT) is not first.bucket("status", LIMIT)
    assert (len(namespaces.outside), namespaces.clock.elapsed) == (0, 0)
    second.add(job("j1"))


def test_jobs_share_nothing() -> None:
    """Each job counts its own polls and requests."""
    first, second = job("j1"), job("j2")
    first.requests["status"] = 7
    first.polls = 3
    assert (second.requests, second.polls, dict(second.facts)) == ({}, 0, {})


def test_seed_of_a_job() -> None:
    """A job's people come from the seed of its scenario."""
    assert job("j1", seed=9).seed == 9


@pytest.mark.parametrize(
    ("visible", "count", "shows"),
    [(None, 3, 0), (0, 3, 0), (2, 3, 2), (3, 3, 3), (9, 3, 3), (ALL, 3, 3), (ALL, 0, 0)],
)
def test_people_of_a_job(visible: int | None, count: int, shows: int) -> None:
    """A job shows the people of its stage, but no more than it ends with."""
    stage = Stage(number=0, step=Step(status="completed"), before=None, nth=0, visible=visible)
    shown = job("j1")
    shown.count = count
    assert shown.shows(stage) == shows


def test_stage_of_a_job() -> None:
    """The stage of a job depends on the clock, and reading it changes nothing."""
    steps = (Step(status="pending", after=After(time=SECOND)), Step(status="completed"))
    looked = Job(
        id="j1", count=3, created=EPOCH, state=State(0, EPOCH),
        plan=plan(Scenario(name="clado/any", api="clado", summary="", progression=steps), {}),
    )  # fmt: skip
    assert looked.stage(EPOCH + SECOND - 1).status == "pending"
    assert looked.stage(EPOCH + SECOND).status == "completed"
    assert (looked.state, looked.polls) == (State(0, EPOCH), 0)


def test_taken_id() -> None:
    """A second job with the same id is refused, and the first one stays."""
    namespace, first = new_namespace(), job("j1")
    namespace.add(first)
    with pytest.raises(UsageError, match=r"^The id 'j1' is taken by another job of this key\.$"):
        namespace.add(job("j1"))
    assert namespace.jobs == {"j1": first}


def test_use_counts_anew() -> None:
    """A new default scenario counts requests and seconds of its faults from now, and changes nothing else."""
    namespace, script = used(new_namespace()), planned("clado/other")
    bucket = namespace.buckets["status", LIMIT]
    namespace.use(script)
    assert namespace.plan is script
    assert (namespace.requests, namespace.counting_since) == ({}, EPOCH + 9 * SECOND)
    assert (list(namespace.jobs), namespace.buckets, len(namespace.journal)) == (["j1"], {("status", LIMIT): bucket}, 1)
    assert namespace.clock.elapsed == 9 * SECOND


def test_use_leaves_running_jobs_alone() -> None:
    """A running job keeps the scenario it began with."""
    namespace, running = new_namespace(), job("j1")
    began = running.plan
    namespace.add(running)
    namespace.use(planned("clado/other"))
    assert running.plan is began


def test_bucket_is_kept() -> None:
    """Each operation has its own bucket, which stays the same while the limit does."""
    namespace = new_namespace()
    bucket = namespace.bucket("status", LIMIT)
    assert namespace.bucket("status", Limit(requests=2, period=SECOND)) is bucket
    assert namespace.bucket("start", LIMIT) is not bucket
    assert bucket.limit == LIMIT


def test_each_limit_has_a_bucket_of_its_own() -> None:
    """Two limits of one operation count separately, and each continues where it was."""
    namespace, other = new_namespace(), Limit(requests=3, period=SECOND)
    first, second = namespace.bucket("status", LIMIT), namespace.bucket("status", other)
    assert first is not second and second.limit == other
    assert namespace.bucket("status", LIMIT) is first and namespace.bucket("status", other) is second
    assert set(namespace.buckets) == {("status", LIMIT), ("status", other)}


def test_reset() -> None:
    """A reset clears jobs, clock, buckets, credits, journal and counters, and returns the amount of each."""
    namespace = new_namespace()
    namespace.clock.advance(SECOND)
    namespace.use(planned())
    used(namespace).add(job("j2"))
    cleared = namespace.reset()
    assert cleared == {"jobs": 2, "clock": 10.0, "buckets": 1, "credits": 10, "journal": 1}
    assert (namespace.jobs, namespace.buckets, namespace.requests, len(namespace.journal)) == ({}, {}, {}, 0)
    assert (namespace.clock.elapsed, namespace.counting_since) == (0, EPOCH)
    assert (namespace.credits.balance, namespace.open_charges, len(namespace.kept_replies)) == (OPENING_BALANCE, {}, 0)
    assert not any(namespace.reset().values())


def test_reset_keeps_the_default_scenario() -> None:
    """A reset keeps the default scenario of a namespace."""
    namespace, script = new_namespace(), planned()
    namespace.use(script)
    namespace.reset()
    assert namespace.plan is script


def test_reset_keeps_the_scenario_of_the_key() -> None:
    """A scenario named by the key stays after a reset and a PUT of another scenario."""
    named, put = planned("clado/named"), planned("clado/put")
    namespace = Namespace("clado", "lk_a--named", clock(), key_plan=named)
    namespace.use(put)
    namespace.reset()
    assert (namespace.key_plan, namespace.plan) == (named, put)


def test_reset_gives_the_same_ids_again() -> None:
    """After a reset a key gets the same ids again."""
    namespace = new_namespace()
    before = [namespace.unique("job") for _ in range(3)]
    namespace.reset()
    assert [namespace.unique("job") for _ in range(3)] == before


def test_unique_ids_have_the_form_of_uuid4() -> None:
    """Ids are lower-case UUIDs of version 4, all different."""
    namespace = new_namespace()
    ids = [namespace.unique("job") for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(str(UUID(one)) == one and UUID(one).version == 4 and UUID(one).variant == RFC_4122 for one in ids)


def test_unique_ids_are_reproducible() -> None:
    """An id depends only on the server's seed, the key, the kind and the number of earlier ids, in every release."""
    again = [[namespace.unique("job") for _ in range(3)] for namespace in (new_namespace(), new_namespace())]
    assert again[0] == again[1]
    assert again[0][0] == "9f87b4f5-60c8-4861-b9ff-e0aa306d353d"


@pytest.mark.parametrize(
    ("other", "what"),
    [(new_namespace(seed=1), "job"), (new_namespace("lk_other"), "job"), (new_namespace(), "run")],
    ids=["seed", "key", "what"],
)
def test_unique_ids_differ(other: Namespace, what: str) -> None:
    """Another seed, key or kind gives other ids."""
    namespace = new_namespace()
    assert not {namespace.unique("job") for _ in range(20)} & {other.unique(what) for _ in range(20)}


def test_unique_ids_go_on() -> None:
    """All kinds are numbered together, so two kinds never share an id."""
    mixed, plain = new_namespace(), new_namespace()
    first = mixed.unique("run")
    assert mixed.unique("job") != plain.unique("job")
    assert first not in {plain.unique("job") for _ in range(20)}


def test_open_and_get(make: Callable[..., Namespaces]) -> None:
    """A key's namespace is opened once, with a clock of its own, and found by that key alone."""
    namespaces, script = make(), planned()
    opened = namespaces.open("clado", "lk_a", script)
    assert namespaces.get("lk_a") is opened
    assert namespaces.get("lk_b") is None
    assert (opened.api, opened.key, opened.key_plan, opened.plan) == ("clado", "lk_a", script, None)
    assert opened.clock is not namespaces.clock
    assert (len(namespaces), list(namespaces), namespaces.evicted) == (1, [opened], 0)


def test_server_seed_reaches_the_ids(make: Callable[..., Namespaces]) -> None:
    """The ids of a namespace come from the seed of its server."""
    opened = make(seed=7).open("clado", "lk_test", None)
    assert opened.unique("job") == new_namespace(seed=7).unique("job") != new_namespace().unique("job")


def test_eviction(make: Callable[..., Namespaces], caplog: pytest.LogCaptureFixture) -> None:
    """Above the limit the least recently used namespace is closed, counted, and logged without its key."""
    namespaces = make(most=3)
    for key in ("lk_a", "lk_b", "lk_c"):
        namespaces.open("clado", key, None)
    assert (namespaces.evicted, caplog.records) == (0, [])
    newest = namespaces.open("clado", "lk_d", None)
    assert [one.key for one in namespaces] == ["lk_b", "lk_c", "lk_d"]
    assert (namespaces.evicted, len(namespaces), namespaces.get("lk_a"), namespaces.get("lk_d")) == (1, 3, None, newest)
    assert caplog.record_tuples == [
        ("jobmock", logging.WARNING, f"More than 3 namespaces: {CLOSED.format(1, 0, 1)}")
    ]


def test_evictions_are_logged_once_a_minute(
    make: Callable[..., Namespaces], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood of new keys makes one line a minute, with how many namespaces were closed, and how many had jobs."""
    now = 1000.0
    monkeypatch.setattr(closed_namespaces, "monotonic", lambda: now)
    namespaces = make(most=3)
    for number in range(50):
        namespace = namespaces.open("clado", f"lk_{number}", None)
        if number % 5 == 0:
            namespace.add(job("x"))
        now += 2
    lines = [record.getMessage().partition(": ")[2] for record in caplog.records]
    assert lines == [CLOSED.format(1, 1, 1), CLOSED.format(30, 6, 31)]
    namespaces.closed.log_rest()
    namespaces.closed.log_rest()
    rest = [record.getMessage() for record in caplog.records[2:]]
    assert rest == [f"More than 3 namespaces: {CLOSED.format(16, 3, 47)}"]


def test_log_names_the_limit(
    make: Callable[..., Namespaces], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log says which limits closed namespaces, with the number of each if there were several."""
    namespaces = make(most=2)
    namespaces.jobs._most = 1
    for key in ("lk_a", "lk_b", "lk_c"):
        namespaces.open("clado", key, None).add(job("x"))
    namespaces.open("clado", "lk_d", None)
    namespaces.open("clado", "lk_e", None)
    monkeypatch.setattr(job_index, "MAX_ALL_ID_LENGTHS", 3)
    namespaces.jobs._most = 5
    namespaces.open("clado", "lk_f", None).add(job("long"))
    namespaces.closed.log_rest()
    several = "More than 1 jobs (1), more than 2 namespaces (2), more than 3 bytes of job ids (1)"
    assert [record.getMessage() for record in caplog.records] == [
        f"More than 1 jobs: {CLOSED.format(1, 1, 1)}", f"{several}: {CLOSED.format(4, 2, 5)}"
    ]  # fmt: skip


def test_jobs_of_a_closed_namespace_are_remembered(make: Callable[..., Namespaces]) -> None:
    """A key that comes back knows its jobs that went, also of earlier times, and how many exchanges there were."""
    namespaces = make(most=1)
    for name, count in (("a", 5), ("b", 7)):
        opened = namespaces.open("clado", "lk_a", None)
        opened.add(job(name))
        opened.journal.count += count
        namespaces.open("clado", "lk_b", None)
    back = namespaces.open("clado", "lk_a", None)
    assert back.closed_jobs == {"a", "b"} and back.jobs == {}
    assert (back.journal.count, back.journal.dropped, len(back.journal)) == (12, 12, 0)
    back.reset()
    assert (back.closed_jobs, back.journal.dropped) == (frozenset(), 0)


def test_memory_of_closed_namespaces_is_bounded() -> None:
    """The ids of the newest closed jobs are remembered, up to a bound; what a key took back counts no more."""
    closed = ClosedNamespaces(most_jobs=10)
    for number in range(100):
        closed.add(f"lk_{number}", [f"{number}/{job}" for job in range(3)], 1, "more than 5 jobs")
    assert [len(closed.take(f"lk_{number}").jobs) for number in range(95, 100)] == [0, 0, 3, 3, 3]
    closed.add("lk_many", list(map(str, range(11))), 1, "more than 5 jobs")
    assert closed.take("lk_many") == closed.take("lk_99") == Remains()
    closed.add("lk_few", list(map(str, range(10))), 1, "more than 5 jobs")
    assert len(closed.take("lk_few").jobs) == 10


def test_a_look_up_is_a_use(make: Callable[..., Namespaces]) -> None:
    """A successful look-up counts as a use, so the namespace with the oldest look-up is closed."""
    namespaces = make(most=3)
    for key in ("lk_a", "lk_b", "lk_c"):
        namespaces.open("clado", key, None)
    namespaces.get("lk_a")
    namespaces.get("lk_none")
    assert [one.key for one in namespaces] == ["lk_b", "lk_c", "lk_a"]
    namespaces.open("clado", "lk_d", None)
    namespaces.open("clado", "lk_e", None)
    assert [one.key for one in namespaces] == ["lk_a", "lk_d", "lk_e"]
    assert namespaces.evicted == 2


def test_a_peek_is_no_use(make: Callable[..., Namespaces]) -> None:
    """A peek opens nothing and doesn't count as a use."""
    namespaces = make(most=2)
    first = namespaces.open("clado", "lk_a", None)
    namespaces.open("clado", "lk_b", None)
    assert namespaces.peek("lk_a") is first and namespaces.peek("lk_none") is None
    assert [one.key for one in namespaces] == ["lk_a", "lk_b"]
    namespaces.open("clado", "lk_c", None)
    assert namespaces.peek("lk_a") is None and len(namespaces) == 2


def test_a_key_that_comes_back_begins_anew(make: Callable[..., Namespaces]) -> None:
    """A key whose namespace was closed gets a new, empty one."""
    namespaces = make(most=1)
    used(namespaces.open("clado", "lk_a", None))
    namespaces.open("clado", "lk_b", None)
    assert namespaces.open("clado", "lk_a", None).jobs == {}
    assert namespaces.evicted == 2


def test_documented_bound(make: Callable[..., Namespaces]) -> None:
    """By default a server keeps 10,000 namespaces open."""
    assert MAX_NAMESPACES == 10_000
    namespaces = make()
    for number in range(10_001):
        namespaces.open("clado", f"lk_{number}", None)
    assert (len(namespaces), namespaces.evicted, namespaces.get("lk_0")) == (10_000, 1, None)


def test_may_change_while_walked(make: Callable[..., Namespaces]) -> None:
    """Namespaces can be opened while another caller iterates over them."""
    namespaces = make()
    for key in ("lk_a", "lk_b"):
        namespaces.open("clado", key, None)
    for one in namespaces:
        namespaces.open("clado", one.key + "2", None)
    assert [one.key for one in namespaces] == ["lk_a", "lk_b", "lk_a2", "lk_b2"]


def test_set_clocks(make: Callable[..., Namespaces]) -> None:
    """`set_clocks` sets the mode of new namespaces, which begin at the server's start, and not of open ones."""
    namespaces = make()
    before = namespaces.open("clado", "lk_a", None)
    kept = before.clock
    namespaces.set_clocks("scaled", 60)
    after = namespaces.open("clado", "lk_b", None)
    assert before.clock is kept and kept.mode == "manual"
    assert (after.clock.mode, after.clock.speed) == (namespaces.clock.mode, namespaces.clock.speed) == ("scaled", 60.0)
    assert after.clock.started == EPOCH and after.clock is not namespaces.clock


def test_the_last_set_clocks_counts(make: Callable[..., Namespaces]) -> None:
    """After two calls new clocks have the last mode, and still begin at the server's start."""
    namespaces = make()
    for mode in ("real", "scaled", "manual"):
        namespaces.set_clocks(mode, 2)
    opened = namespaces.open("clado", "lk_a", None).clock
    assert (opened.mode, opened.now(), opened.started) == ("manual", EPOCH, EPOCH)


def test_set_clocks_goes_on_from_the_present_reading(make: Callable[..., Namespaces]) -> None:
    """The shared clock keeps its reading; only its mode changes."""
    namespaces = make()
    namespaces.clock.advance(7 * SECOND)
    shared = namespaces.clock
    namespaces.set_clocks("scaled", 1e-6)
    namespaces.set_clocks("manual", 1)
    assert namespaces.clock is shared and (shared.mode, shared.elapsed // SECOND) == ("manual", 7)


def test_index_of_jobs(make: Callable[..., Namespaces]) -> None:
    """The index has a job while some open namespace has it."""
    namespaces = make(most=2)
    assert "j1" not in namespaces.jobs
    namespaces.open("clado", "lk_a", None).add(job("j1"))
    second = namespaces.open("clado", "lk_b", None)
    second.add(job("j2"))
    assert "j1" in namespaces.jobs and "j2" in namespaces.jobs and "j3" not in namespaces.jobs
    namespaces.open("clado", "lk_c", None)
    assert "j1" not in namespaces.jobs and "j2" in namespaces.jobs
    second.reset()
    assert "j2" not in namespaces.jobs


def test_the_oldest_ended_job_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above its limit a namespace drops the oldest job that has ended, and counts it; running ones stay."""
    monkeypatch.setattr(job_room, "MAX_JOBS", 4)
    namespaces = Namespaces(clock=clock)
    namespace = namespaces.open("clado", "lk_a", None)
    for number in range(4):
        namespace.add(running(f"r{number}") if number in (0, 2) else job(f"e{number}"))
    for added, left in (("x", ["r0", "r2", "e3", "x"]), ("y", ["r0", "r2", "x", "y"])):
        namespace.add(running(added))
        assert list(namespace.jobs) == left
    assert namespaces.jobs.dropped == 2 and "e1" not in namespaces.jobs
    namespace.add(running("z"))
    assert list(namespace.jobs) == ["r2", "x", "y", "z"]
    assert MAX_JOBS == 10_000


def running(job_id: str) -> Job:
    steps = (Step(status="pending", after=After(polls=5)), Step(status="completed"))
    endless = plan(Scenario(name="clado/any", api="clado", summary="", progression=steps), {})
    return Job(id=job_id, plan=endless, created=EPOCH, count=3, state=State(0, EPOCH))


def test_a_dropped_job_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that goes is no longer among those that may be charged."""
    monkeypatch.setattr(job_room, "MAX_JOBS", 1)
    namespace = new_namespace()
    for number in range(3):
        one = running(f"j{number}")
        namespace.add(one)
        namespace.open_charges[one.id] = one
    assert list(namespace.jobs) == list(namespace.open_charges) == ["j2"]


def test_all_jobs_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """If all namespaces together have too many jobs, the least recently used one is closed and counted."""
    namespaces = Namespaces(clock=clock)
    namespaces.jobs._most = 5
    for key in ("lk_a", "lk_b", "lk_c"):
        namespace = namespaces.open("clado", key, None)
        for number in range(2):
            namespace.add(job(f"{key}{number}"))
    assert [one.key for one in namespaces] == ["lk_b", "lk_c"]
    assert (namespaces.evicted, namespaces.jobs.count, "lk_a0" in namespaces.jobs) == (1, 4, False)
    for number in range(10):
        namespace.add(job(f"more{number}"))
    assert [one.key for one in namespaces] == ["lk_c"] and len(namespace.jobs) == 12
    assert MAX_ALL_JOBS == 100_000


@pytest.mark.parametrize("owners", [1, 3])
def test_a_job_id_of_several_namespaces(owners: int) -> None:
    """An id counts until the last namespace that has it has lost it."""
    index = JobIndex()
    for _ in range(owners):
        index.add("j")
    for _ in range(owners):
        assert "j" in index
        index.remove("j")
    assert "j" not in index and index.count == 0


def test_long_ids_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs go also if their ids together are too long: those of a namespace, or the oldest namespace."""
    namespaces = Namespaces(clock=clock)
    namespace = namespaces.open("clado", "lk_a", None)
    for number in range(10):
        namespace.add(job(f"{number}" + "x" * (1 << 20)))
    assert [job_id[0] for job_id in namespace.jobs] == ["7", "8", "9"]
    assert (namespace.reset()["jobs"], namespaces.jobs.count) == (3, 0)
    monkeypatch.setattr(job_index, "MAX_ALL_ID_LENGTHS", 500)
    for key in ("lk_b", "lk_c", "lk_d"):
        namespaces.open("clado", key, None).add(job(key + "x" * 200))
    assert [one.key for one in namespaces] == ["lk_c", "lk_d"]
