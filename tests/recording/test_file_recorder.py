"""Files of exchanges become the scenarios that a proxy would have written, for what their form can hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.recording.both_ways import recorded_from, recorded_live
from tests.recording.forms import FORMS, har, saved
from tests.recording.polling_client import STEADY, PollingClient, poll_plan
from tests.recording.raw_exchanges import poll, status
from tests.support import EPOCH

from jobmock import apis
from jobmock.catalogue import Catalogue, load_plan
from jobmock.client_reports.traffic import Traffic
from jobmock.clock import SECOND, Clock
from jobmock.engine.namespace import Namespaces
from jobmock.recording.file_recorder import FileRecorder
from jobmock.recording.files import ScenarioFolder
from jobmock.recording.raw_exchange import RawExchange
from jobmock.recording.recorder import Recorder
from jobmock.service.service import Service

HAS_TIMES = ("har", "jsonl")


def held(seen: RawExchange, form: str) -> RawExchange:
    """Return what a form holds of an exchange."""
    if form in HAS_TIMES:
        return seen
    return replace(seen, at=seen.at // SECOND * SECOND if form == "ruby" else 0, took=0)


CASES = {
    "clado/two-pages": "the statuses, the pages and a refusal",
    "clado/more-to-come": "a continuation",
    "clado/unknown-status": "a word that no document lists",
    "orbit/usual-discovery": "candidates and their profiles",
    "orbit/tight-limits": "limits, and a date to wait for",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", CASES)
def test_live_and_from_a_file(name: str, form: str, catalogue: Catalogue, tmp_path: Path) -> None:
    """The same traffic is the same files, byte for byte, whether a proxy saw it or it lay in a file."""
    api = name.partition("/")[0]
    seen = [held(one, form) for one in poll_plan(catalogue, catalogue.plan(name)).exchanges]
    seen = [one for one in seen if not one.network_fault]
    said: tuple[list[str], list[str]] = ([], [])
    live = recorded_live(seen, api, tmp_path, said[0])
    path = saved(tmp_path / "traffic", FORMS[form](seen))
    assert recorded_from(path, tmp_path, said[1]) == live
    assert sorted(live) == ["job-1.yaml", "lines"]
    assert sorted(said[0]) == sorted(said[1])


@pytest.mark.parametrize("name", ["clado/lost-answers", "orbit/garbled-answers", "clado/hanging"])
def test_har_file_of_jobmock(name: str, catalogue: Catalogue, tmp_path: Path) -> None:
    """A HAR file of the plugin says how answers were broken, so it becomes what a proxy would have recorded."""
    plan = catalogue.plan(name)
    api = plan.scenario.api
    service = Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH)), plans={api: plan})
    traffic = Traffic(service.namespaces)
    service.watchers.append(traffic.watch)
    client = PollingClient(service, api, STEADY)
    client.run(plan.scenario.run_shape)
    path = traffic.write(tmp_path / "traffic.har", "http://mock")
    assert recorded_from(path, tmp_path, []) == recorded_live(client.exchanges, api, tmp_path, [])


@pytest.mark.parametrize("form", HAS_TIMES)
def test_times_and_delays_are_those_of_the_traffic(form: str, tmp_path: Path) -> None:
    """A step lasts as long as in the traffic, and an answer that came late is delayed as long."""
    seen = [poll(0, status("pending")), poll(600, status("pending"), took=3 * SECOND), poll(900, status("completed"))]
    recorded_from(saved(tmp_path / "traffic", FORMS[form](seen)), tmp_path, [])
    scenario = load_plan(tmp_path / "from" / "job-1.yaml", "x").scenario
    assert [step.after and step.after.time for step in scenario.progression] == [900 * SECOND, None]
    assert [(fault.when.requests, fault.delay and fault.delay.a) for fault in scenario.faults] == [((2, 2), 3 * SECOND)]


def test_cassette_without_times(tmp_path: Path) -> None:
    """Where a form has no times, the steps count polls."""
    seen = [poll(at, status(word)) for at, word in enumerate(["pending", "pending", "searching", "completed"])]
    recorded_from(saved(tmp_path / "traffic", FORMS["python"](seen)), tmp_path, [])
    scenario = load_plan(tmp_path / "from" / "job-1.yaml", "x").scenario
    assert [step.after and step.after.polls for step in scenario.progression] == [2, 1, None]


def test_answer_that_never_came(tmp_path: Path) -> None:
    """An entry without an answer is a connection that was closed before it."""
    seen = [poll(0, status("pending")), poll(5, b"", status=0), poll(9, status("pending"))]
    recorded_from(saved(tmp_path / "traffic", har(seen)), tmp_path, [])
    (fault,) = load_plan(tmp_path / "from" / "job-1.yaml", "x").scenario.faults
    assert (fault.label, fault.when.requests) == ("disconnect before_response", (2, 2))


def test_both_apis_in_one_file(tmp_path: Path) -> None:
    """The jobs of all APIs are recorded and numbered together, and what isn't of an API is counted."""
    orbit: dict[str, Any] = {"request_id": "j", "run_id": None, "status": "running", "result": None}
    other = replace(poll(1), request=poll(1).request._replace(path=b"/health"))
    seen = [poll(0, status("pending")), poll(1, orbit, api="orbit"), other]
    recorder = FileRecorder(ScenarioFolder(tmp_path / "out", print), print)
    recorder.read(saved(tmp_path / "traffic", har(seen)))
    assert recorder.close()
    assert [(one.path.name, one.exchanges) for one in recorder.written] == [("job-1.yaml", 1), ("job-2.yaml", 1)]
    assert [load_plan(one.path, "x").scenario.api for one in recorder.written] == ["clado", "orbit"]
    assert recorder.left_out == {"request to another path": 1}


def test_job_goes_on_in_another_file(tmp_path: Path) -> None:
    """A job that lies in two files is one job."""
    recorder = FileRecorder(ScenarioFolder(tmp_path / "out", print), print)
    recorder.read(saved(tmp_path / "first", har([poll(0, status("pending"))])))
    recorder.read(saved(tmp_path / "second", har([poll(5, status("completed"))])))
    assert recorder.close()
    assert [(one.path.name, one.exchanges) for one in recorder.written] == [("job-1.yaml", 2)]


@pytest.mark.parametrize("given", [(), ("/proxy/v1",)])
def test_client_behind_a_proxy(given: tuple[str, ...], tmp_path: Path) -> None:
    """The path of a proxy before the API's own is left away, whether it is given or guessed."""
    one = poll(0, status("pending"))
    seen = replace(one, request=one.request._replace(path=b"/proxy/v1" + one.request.path))
    recorder = FileRecorder(ScenarioFolder(tmp_path / "out", print), print, base_paths=given)
    recorder.read(saved(tmp_path / "traffic", har([seen])))
    assert (recorder.close(), recorder.recorded, dict(recorder.left_out)) == (True, 1, {})


def test_odd_traffic_does_not_end_the_recorder(tmp_path: Path) -> None:
    """A year between two exchanges, an answer after a year, and a body nested 900 deep are recorded with notes."""
    deep, years = b'{"a":' * 900 + b"1" + b"}" * 900, 800 * 24 * 3600
    seen = [
        poll(0, status("pending")), poll(0.5, status("pending")), poll(1, deep), poll(2, deep, status=503),
        poll(years, status("searching")), poll(years + 9, status("completed"), took=years * SECOND),
    ]  # fmt: skip
    seen[1] = replace(seen[1], request=seen[1].request._replace(body=deep))
    warnings: list[str] = []
    recorder = Recorder(apis.load("clado"), ScenarioFolder(tmp_path, warnings.append), warnings.append)
    for one in seen:
        recorder.add(one)  # so that one scenario is inferred, with one set of notes
    assert recorder.close()
    scenario = load_plan(tmp_path / "job-1.yaml", "x").scenario
    assert [step.status for step in scenario.progression] == ["pending"] * 3 + ["searching", "completed"]
    lengths = [step.after.time or 0 for step in scenario.progression if step.after]
    assert sum(lengths[:3]) == years * SECOND
    assert {text.partition(": ")[2] for text in warnings} == {
        "status 3 to 4: seen with a body that is nested too deeply, played with the mock's own.",
        "status 6: seen with an answer after a year or more, played with one after a year.",
    }
