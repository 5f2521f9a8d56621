"""Exchanges are written at once, without waiting for scenarios, and with synthetic data only."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.recording.polling_client import poll_plan, without_data
from tests.recording.raw_exchanges import poll, status
from tests.support import HANGS

from jobmock import apis
from jobmock.catalogue import Catalogue, load_plan
from jobmock.checking.check import Check
from jobmock.checking.readers import open_recording
from jobmock.clock import Clock
from jobmock.models import Reply, Request
from jobmock.recording.files import LinesFile, ScenarioFolder
from jobmock.recording.hidden_values import LEFT_OUT
from jobmock.recording.infer_scenario import InferredScenario, ScenarioInference
from jobmock.recording.proxy import Proxy
from jobmock.recording.recorded_jobs import RecordedJob
from jobmock.recording.recorder import Recorder
from jobmock.recording.replay import ReplayedExchange
from jobmock.recording.sanitized_exchange import SanitizedExchange
from jobmock.recording.synthetic_host import SyntheticHost
from jobmock.recording.upstream import Upstream
from jobmock.service.service import Service


def test_line_waits_for_no_scenario(recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a scenario is inferred, exchanges are still written. One more inference covers them all."""
    under_way, go_on, plain, fits = threading.Event(), threading.Event(), ScenarioInference.infer, list[int]()

    def slow(
        inference: ScenarioInference, job: RecordedJob, previous: InferredScenario | None = None
    ) -> InferredScenario:
        fits.append(len(job.exchanges))
        under_way.set()
        assert go_on.wait(HANGS)
        return plain(inference, job, previous)

    monkeypatch.setattr(ScenarioInference, "infer", slow)
    recorder.record(poll(0, status("pending")))
    assert under_way.wait(HANGS)
    for number in range(1, 6):
        recorder.record(poll(5 * number, status("searching", search_chunk_done=number)))
        assert len((tmp_path / "seen.jsonl").read_bytes().splitlines()) == number + 1
    assert list((tmp_path / "out").iterdir()) == []
    go_on.set()
    assert recorder.close()
    assert fits == [1, 6]
    assert len(load_plan(tmp_path / "out" / "job-1.yaml", "again").scenario.progression) == 6


def test_many_people_are_generated_once(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer with all of its people is generated only once, however many switches are tried."""
    plain, sizes = Service.handle, list[int]()

    def counted(service: Service, request: Request) -> Reply:
        reply = plain(service, request)
        if threading.current_thread() is threading.main_thread():
            sizes.append(len(reply.body))
        return reply

    monkeypatch.setattr(Service, "handle", counted)
    person = {"profile": {"id": "p", "name": "n"}, "experience": [{"title": "t"}]}
    recorder.record(poll(0, status("completed", results=[person] * 400)))
    assert (len(sizes) > 5, sum(size > max(sizes) / 2 for size in sizes)) == (True, 1)
    assert recorder.close()


def test_line_waits_for_no_other_job(recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the synthetic answer of one job is made, another job's exchange is written."""
    under_way, go_on, plain = threading.Event(), threading.Event(), SyntheticHost.play

    def slow(host: SyntheticHost, one: SanitizedExchange) -> ReplayedExchange:
        if one.people.visible:
            under_way.set()
            assert go_on.wait(HANGS)
        return plain(host, one)

    async def two() -> None:
        proxy = Proxy(apis.load("clado"), Upstream("http://127.0.0.1:1"), recorder, Clock())
        many = asyncio.ensure_future(proxy.record(poll(0, status("completed", results=[{"name": "n"}]))))
        assert await asyncio.to_thread(under_way.wait, HANGS)
        await asyncio.wait_for(proxy.record(poll(1, status("pending"), job="k")), HANGS)
        assert len((tmp_path / "seen.jsonl").read_bytes().splitlines()) == 1
        go_on.set()
        await many

    monkeypatch.setattr(SyntheticHost, "play", slow)
    asyncio.run(two())
    assert recorder.close()
    assert len((tmp_path / "seen.jsonl").read_bytes().splitlines()) == 2


def test_lines_have_consistent_synthetic_data(catalogue: Catalogue, tmp_path: Path) -> None:
    """Ids and people in the lines are the mock's own, the same in all lines, and obey the contract."""
    live = poll_plan(catalogue, catalogue.plan("orbit/usual-discovery"))
    lines = LinesFile(tmp_path / "seen.jsonl", print)
    recorder = Recorder(apis.load("orbit"), ScenarioFolder(tmp_path, print), print, lines=lines, catalogue=catalogue)
    for one in live.exchanges:
        recorder.record(one)
    assert recorder.close()
    rows = [json.loads(line) for line in (tmp_path / "seen.jsonl").read_bytes().splitlines()]
    shown = next(row["body"]["result"] for row in reversed(rows) if row["body"].get("result"))["candidate_profile_ids"]
    reads = [row for row in rows if "/profiles/" in row["path"]]
    assert [row["path"].rpartition("/")[2] for row in reads] == [each for each in shown[:2] for _ in range(2)]
    assert [row["body"]["payload"]["id"] for row in reads] == [each for each in shown[:2] for _ in range(2)]
    check = Check("orbit")
    answered = [one for one in open_recording(tmp_path / "seen.jsonl").exchanges if one.status < 400]
    assert (len(answered) > 20, [check.judge(one) for one in answered]) == (True, [[]] * len(answered))


@pytest.mark.parametrize(
    "name", ["clado/hostile-pages", "clado/cancelled-elsewhere", "orbit/chatty-sections", "orbit/not-found-as-run"]
)
def test_lines_have_the_recorded_form(name: str, catalogue: Catalogue, tmp_path: Path) -> None:
    """Each line is the exchange, apart from ids, people and free texts, with whatever switches the live host runs."""
    api, live = apis.load(name.partition("/")[0]), poll_plan(catalogue, catalogue.plan(name))
    lines = LinesFile(tmp_path / "seen.jsonl", print)
    words = ("route_removed",)
    recorder = Recorder(api, ScenarioFolder(tmp_path, print), print, lines=lines, words=words, catalogue=catalogue)
    for one in live.exchanges:
        recorder.record(one)
    assert recorder.close()
    rows = [json.loads(line) for line in (tmp_path / "seen.jsonl").read_bytes().splitlines()]
    answered = [one for one in live.exchanges if not one.network_fault]
    seen = [(one.status, without_data(json.loads(one.body or b"{}"))) for one in answered]
    assert [(row["status"], without_data(row["body"])) for row in rows] == seen
    assert LEFT_OUT not in (tmp_path / "seen.jsonl").read_text()


def test_lines_go_on_after_a_cancel(recorder: Recorder, tmp_path: Path, warnings: list[str]) -> None:
    """The exchanges after the cancel of a running job are written like those before it."""
    call = poll(5, {"success": True, "message": "Hush."}, job="j/cancel")
    cancel = replace(call, request=call.request._replace(method="POST"))
    ends = (poll(10, status("cancelled")), poll(15, status("cancelled")))
    for one in (poll(0, status("searching")), cancel, *ends):
        recorder.record(one)
    assert recorder.close()
    rows = [json.loads(line) for line in (tmp_path / "seen.jsonl").read_bytes().splitlines()]
    assert [row["body"].get("status") for row in rows] == ["searching", None, "cancelled", "cancelled"]
    assert warnings == []
