"""A job that a mock plays is recorded, and the recording gives the same client the same answers."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest
from tests.campaigns.recordings import differences, repeatable
from tests.recording.polling_client import STEADY, UNEVEN, WORDS, PollingClient, poll_plan, record
from tests.recording.raw_exchanges import poll, status

from jobmock import apis
from jobmock.catalogue import Catalogue, load_plan
from jobmock.catalogue.scenario_validation import check_scenario
from jobmock.clock import SECOND
from jobmock.models import After, Scenario, Step
from jobmock.recording import declared_violations
from jobmock.recording.allow_list import AllowList
from jobmock.recording.infer_scenario import ScenarioInference
from jobmock.recording.recorded_jobs import RecordedJob, RecordedJobs
from jobmock.recording.sanitizer import Sanitizer
from jobmock.recording.yaml_text import commented_yaml

SOME = (
    "clado/lost-answers", "clado/hostile-pages", "clado/more-to-come", "orbit/found-late", "orbit/no-credits",
    "orbit/tight-limits", "orbit/other-envelope",
)  # fmt: skip
GOING_ON = ("clado/two-pages", "orbit/unavailable-once", "orbit/no-credits")


def test_scenarios_with_chance(catalogue: Catalogue) -> None:
    """Only scenarios with chance in each request can't be inferred from their answers."""
    assert set(catalogue.names()) - set(repeatable(catalogue)) == {"clado/flaky", "clado/slow-answers"}


@pytest.mark.parametrize("name", SOME)
def test_recording_gives_the_recorded_answers(name: str, catalogue: Catalogue, tmp_path: Path) -> None:
    """The recording gives the same client the same answers at the same moments, and records as the same file.

    The campaign `recordings` does so with every scenario, in two rhythms.
    """
    rhythm = UNEVEN if "orbit" in name else STEADY
    assert list(differences(catalogue, name, rhythm, tmp_path)) == []


def inferred_at_once(catalogue: Catalogue, live: PollingClient, api: str) -> str:
    sanitizer, jobs = Sanitizer(apis.load(api), AllowList(apis.load(api), WORDS)), RecordedJobs()
    exchanges = filter(None, map(sanitizer.sanitize, live.exchanges))
    added = [jobs.add(exchange) for exchange in exchanges]
    inferred = ScenarioInference(catalogue, sanitizer).infer(added[0])
    return commented_yaml(inferred.scenario, inferred.notes)


@pytest.mark.parametrize("name", GOING_ON)
def test_incremental_inference_equals_the_whole(name: str, catalogue: Catalogue, tmp_path: Path) -> None:
    """The same exchanges are the same scenario, whether they come one after another or all at once."""
    api = name.partition("/")[0]
    live = poll_plan(catalogue, catalogue.plan(name))
    (file,), _ = record(catalogue, live, api, tmp_path)
    assert file.read_text() == inferred_at_once(catalogue, live, api)


def job_with_growing_counter(polls: int) -> tuple[ScenarioInference, RecordedJob]:
    """A job whose counter grew from poll to poll, and what infers its scenario."""
    sanitizer, jobs = Sanitizer(apis.load("clado"), AllowList(apis.load("clado"))), RecordedJobs()
    for number in range(polls):
        body = status("searching", search_chunk_done=number, search_chunk_total=400)
        exchange = sanitizer.sanitize(poll(5 * number, body))
        assert exchange is not None
        job = jobs.add(exchange)
    return ScenarioInference(Catalogue(), sanitizer), job


def test_growing_counter_tries_no_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other switches are tried only for statements of a new kind, and not for each poll of a growing counter."""
    inference, job = job_with_growing_counter(9)
    previous = inference.infer(job_with_growing_counter(8)[1])
    tried = Mock(wraps=inference._infer_with)
    monkeypatch.setattr(inference, "_infer_with", tried)
    inferred = inference.infer(job, previous)
    assert (len(inferred.scenario.progression), tried.call_count) == (9, 1)


def test_scenario_is_validated_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scenario is validated at most three times, however many steps it has and however many break the contract."""
    judged = Mock(wraps=check_scenario)
    monkeypatch.setattr(declared_violations, "check_scenario", judged)
    for word, violates, most in (("searching", set[str](), 1), ("reranking", {"schema"}, 3)):
        steps = [Step(status=word, after=After(time=number)) for number in range(1, 30)]
        scenario = Scenario(name="clado/many", api="clado", summary="", progression=(*steps, Step(status=word)))
        assert all(step.violates == violates for step in declared_violations.declare_violations(scenario).progression)
        assert judged.call_count <= most
        judged.reset_mock()


def test_scenario_states_only_what_the_mock_lacks(catalogue: Catalogue, tmp_path: Path) -> None:
    """Statuses keep their times, a refusal its name and Retry-After. The mock's own counters aren't written."""
    (file,), _ = record(catalogue, poll_plan(catalogue, catalogue.plan("clado/two-pages")), "clado", tmp_path)
    scenario = load_plan(file, "again").scenario
    assert [step.status for step in scenario.progression] == ["pending", "searching", "processing", "completed"]
    # Each begins when it was first seen: at 15, 35 and 45 seconds, because the poll at 10 was refused.
    held = [step.after.time for step in scenario.progression if step.after]
    assert held == [15 * SECOND, 20 * SECOND, 10 * SECOND]
    assert [step.body for step in scenario.progression] == [{}] * 4
    (fault,) = scenario.faults
    assert (fault.label, fault.when.requests, fault.retry_after and fault.retry_after.seconds) == (
        "respond rate_limited", (3, 3), 2,
    )  # fmt: skip
