"""`GET metrics`: what the server has counted, in Prometheus' text format."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.support import EPOCH, HANGS, JOBS, KEYS, Mock, scenario

import jobmock
from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.server.app import create_app
from jobmock.server.handling_times import EVERY, HandlingTimes
from jobmock.server.serving import running
from jobmock.service.service import Service

BEARER = {api: {"authorization": f"Bearer {key}"} for api, key in KEYS.items()}
Samples = Mapping[tuple[str, tuple[str, ...]], float]


class Site:
    """A running server, its mock and a client of it."""

    def __init__(self, http: httpx.Client, mock: Mock) -> None:
        self.http, self.mock = http, mock

    def metrics(self) -> Samples:
        """Return each sample by its name and the values of its labels."""
        answer = self.http.get("/__jobmock/metrics").raise_for_status()
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        return {
            (sample.name, tuple(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(answer.text) for sample in family.samples
        }  # fmt: skip

    def poll(self, job: str, api: str = "clado") -> httpx.Response:
        return self.http.get(f"{JOBS[api]}/{job}", headers=BEARER[api])


@contextmanager
def serving(catalogue: Catalogue, *, most: int = 100, token: str | None = None) -> Iterator[Site]:
    mock = Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH), most=most)))
    app = create_app(mock.service, control_token=token)
    with running(app) as url, httpx.Client(base_url=url, timeout=HANGS) as http:
        yield Site(http, mock)


@pytest.fixture
def site(catalogue: Catalogue) -> Iterator[Site]:
    with serving(catalogue) as one:
        yield one


def test_requests_by_api_operation_and_status(site: Site) -> None:
    """Each answered request counts once, also one without a route or with a wrong key, and one of the other API."""
    job = site.mock.play("clado", "clado/stuck")
    for _ in range(3):
        site.poll(job)
    site.poll("none")
    site.http.get("/api/nothing")
    site.http.get(f"{JOBS['clado']}/{job}", headers={"authorization": "Bearer lk_revoked"})
    site.poll("none", "orbit")
    found = {labels: value for (name, labels), value in site.metrics().items() if name == "jobmock_requests_total"}
    assert found == {
        ("clado", "start", "200"): 1, ("clado", "status", "200"): 3, ("clado", "status", "404"): 1,
        ("clado", "status", "401"): 1, ("clado", "unknown", "404"): 1, ("orbit", "status", "404"): 1,
    }  # fmt: skip


def test_counters_outlive_a_reset_and_the_journal(site: Site) -> None:
    """A counter never falls, whatever the journal has lost."""
    job = site.mock.play("clado", "clado/stuck")
    site.poll(job)
    site.http.post("/__jobmock/reset")
    site.http.delete("/__jobmock/journal")
    assert site.metrics()["jobmock_requests_total", ("clado", "status", "200")] == 1


FAULTS = [
    {"operation": "status", "when": {"request": 1}, "respond": "rate_limited"},
    {"operation": "status", "when": {"request": 2}, "corrupt": "truncated_json"},
    {"operation": "status", "when": {"request": 3}, "delay": "10s"},
]


def test_faults_and_held_answers(site: Site) -> None:
    """A fault counts by API and its name in the journal. A delayed answer is a held one until it goes out."""
    job = site.mock.play("clado", scenario("clado", "completed", faults=FAULTS))
    for _ in range(2):
        site.poll(job)
    waiting = threading.Thread(target=site.poll, args=(job,))
    waiting.start()
    end = time.monotonic() + HANGS
    while not (during := site.metrics())["jobmock_held_answers", ()] and time.monotonic() < end:
        time.sleep(0.01)
    site.mock.advance(10)
    waiting.join(HANGS)
    after = site.metrics()
    assert (during["jobmock_held_answers", ()], after["jobmock_held_answers", ()]) == (1, 0)
    found = {labels: value for (name, labels), value in after.items() if name == "jobmock_faults_total"}
    assert found == {
        ("clado", "respond rate_limited"): 1, ("clado", "corrupt truncated_json"): 1, ("clado", "delay"): 1,
    }  # fmt: skip


def test_jobs_by_their_present_status(site: Site) -> None:
    """Jobs count by the status that a poll would show now, which may change by time alone."""
    plan = scenario("clado", {"status": "pending", "after": {"seconds": 5}}, "completed")
    for key in ("lk_a", "lk_b"):
        site.mock.play("clado", plan, key)
    site.mock.play("orbit", "orbit/slow")
    site.mock.advance(5, key="lk_a")
    found = {labels: value for (name, labels), value in site.metrics().items() if name == "jobmock_jobs"}
    assert found == {("clado", "completed"): 1, ("clado", "pending"): 1, ("orbit", "running"): 1}


def test_namespaces_and_evictions(catalogue: Catalogue) -> None:
    """Open namespaces are a gauge, and those that made room for others a counter."""
    with serving(catalogue, most=2) as site:
        for number in range(5):
            site.mock.start("clado", f"lk_{number}")
        found = site.metrics()
    assert (found["jobmock_namespaces", ()], found["jobmock_namespaces_evicted_total", ()]) == (2, 3)


def test_dropped_exchanges_by_what_was_full(site: Site) -> None:
    """An exchange that a full journal loses counts under `namespace`; one for the sake of others under `server`."""
    job = site.mock.play("clado", "clado/stuck")
    site.mock.namespace("clado").journal._most = 4
    for _ in range(6):
        site.poll(job)
    site.mock.service.namespaces.room.dropped = 7
    found = site.metrics()
    assert found["jobmock_exchanges_dropped_total", ("namespace",)] == 3
    assert found["jobmock_exchanges_dropped_total", ("server",)] == 7


def test_handling_times_are_a_histogram(site: Site) -> None:
    """Each timed request, which is one of eleven, is in all buckets from its own on, and their sum is there."""
    job = site.mock.play("clado", "clado/stuck")
    for _ in range(3 * EVERY):
        site.poll(job)
    found = site.metrics()
    buckets = [value for (name, _), value in found.items() if name == "jobmock_handling_seconds_bucket"]
    assert buckets == sorted(buckets)
    assert buckets[-1] == found["jobmock_handling_seconds_count", ()] == 3
    assert found["jobmock_handling_seconds_sum", ()] > 0


def test_a_time_is_below_its_bound() -> None:
    """A time that is exactly a bound, or a nanosecond less, is in the right bucket."""
    times = HandlingTimes()
    for nanoseconds in (2**14 - 1, 2**14, 2**20, 2**40):
        times.add(nanoseconds)
    counts = dict(times.buckets())
    assert [counts[2**bits / 1e9] for bits in (14, 15, 20, 21, 33)] == [1, 2, 2, 3, 3]
    assert counts[float("inf")] == 4
    assert times.nanoseconds == 2**14 - 1 + 2**14 + 2**20 + 2**40


def test_broken_files_and_the_version(tmp_path: Path) -> None:
    """The number of broken scenario files is a gauge, and the version a label."""
    (tmp_path / "broken.yaml").write_text("[")
    with serving(Catalogue([tmp_path])) as site:
        found = site.metrics()
    assert found["jobmock_broken_scenarios", ()] == 1
    assert found["jobmock_info", (jobmock.__version__,)] == 1


def test_no_label_has_a_key_or_a_job(site: Site) -> None:
    """Many keys, jobs and paths make no more samples than one."""
    site.mock.play("clado", "clado/stuck")
    site.http.get("/api/x", headers=BEARER["clado"])
    before = set(site.metrics())
    for number in range(20):
        job = site.mock.play("clado", "clado/stuck", f"lk_secret{number}")
        site.mock.poll("clado", job, f"lk_secret{number}")
        site.http.get(f"/api/{number}?x={number}", headers=BEARER["clado"])
    after = set(site.metrics())
    assert after - before == {("jobmock_requests_total", ("clado", "status", "200"))}


def test_who_may_read_metrics(catalogue: Catalogue) -> None:
    """A call with a key or an unknown field is refused; with a control token, metrics need it as other calls do."""
    with serving(catalogue, token="t0ken") as site:
        assert site.http.get("/__jobmock/metrics").status_code == 403
        token = {"X-Jobmock-Token": "t0ken"}
        assert site.http.get("/__jobmock/metrics", headers=token).status_code == 200
        assert site.http.get("/__jobmock/metrics?x=1", headers=token).status_code == 400
        refused = site.http.get("/__jobmock/metrics", headers={**token, **BEARER["clado"]})
    assert (refused.status_code, refused.json()["detail"]) == (400, "Metrics are of the whole server: send no key.")
