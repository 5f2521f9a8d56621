"""What a mock plays, is recorded, and is played again by the recording: the same poller is told the same."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest
from tests.campaigns.recordings import differing, played
from tests.recording.recorded_poller import STEADY, UNEVEN, WORDS, Poller, polled, recorded
from tests.recording.test_recorder import poll, status

from jobmock import apis
from jobmock.catalogue import Catalogue, load
from jobmock.catalogue.validation import judge
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


def test_nearly_all_scenarios_are_without_chance(catalogue: Catalogue) -> None:
    """Only what is drawn anew for each request can't be told again from its outcomes alone."""
    assert set(catalogue.names()) - set(played(catalogue)) == {"clado/flaky", "clado/slow-answers"}


@pytest.mark.parametrize("name", SOME)
def test_the_recording_tells_what_was_told(name: str, catalogue: Catalogue, tmp_path: Path) -> None:
    """The same poller is told the same at the same moments, and what is recorded then is the same file.

    The campaign `recordings` does so with every scenario, in two rhythms.
    """
    rhythm = UNEVEN if "orbit" in name else STEADY
    assert list(differing(catalogue, name, rhythm, tmp_path)) == []


def inferred_at_once(catalogue: Catalogue, live: Poller, api: str) -> str:
    sanitizer, jobs = Sanitizer(apis.load(api), AllowList(apis.load(api), WORDS)), RecordedJobs()
    exchanges = filter(None, map(sanitizer.sanitize, live.seen))
    added = [jobs.add(exchange) for exchange in exchanges]
    inferred = ScenarioInference(catalogue, sanitizer).infer(added[0])
    return commented_yaml(inferred.scenario, inferred.notes)


@pytest.mark.parametrize("name", GOING_ON)
def test_what_is_written_as_it_goes_is_what_the_whole_says(name: str, catalogue: Catalogue, tmp_path: Path) -> None:
    """Exchange after exchange, or all at once: the same exchanges are the same scenario."""
    api = name.partition("/")[0]
    live = polled(catalogue, catalogue.plan(name))
    (file,), _ = recorded(catalogue, live, api, tmp_path)
    assert file.read_text() == inferred_at_once(catalogue, live, api)


def grown(polls: int) -> tuple[ScenarioInference, RecordedJob]:
    """A job whose counter grew from poll to poll, and what infers its scenario."""
    sanitizer, jobs = Sanitizer(apis.load("clado"), AllowList(apis.load("clado"))), RecordedJobs()
    for number in range(polls):
        body = status("searching", search_chunk_done=number, search_chunk_total=400)
        exchange = sanitizer.sanitize(poll(5 * number, body))
        assert exchange is not None
        job = jobs.add(exchange)
    return ScenarioInference(Catalogue(), sanitizer), job


def test_a_counter_that_goes_on_growing_is_nothing_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other switches are tried when another thing must be said, and not for each poll of a counter."""
    inference, job = grown(9)
    previous = inference.infer(grown(8)[1])
    tried = Mock(wraps=inference._infer_with)
    monkeypatch.setattr(inference, "_infer_with", tried)
    inferred = inference.infer(job, previous)
    assert (len(inferred.scenario.progression), tried.call_count) == (9, 1)


def test_all_steps_are_judged_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many steps a scenario has, and however many of them break something, it is judged a few times."""
    judged = Mock(wraps=judge)
    monkeypatch.setattr(declared_violations, "judge", judged)
    for word, violates, most in (("searching", set[str](), 1), ("reranking", {"schema"}, 3)):
        steps = [Step(status=word, after=After(time=number)) for number in range(1, 30)]
        scenario = Scenario(name="clado/many", api="clado", summary="", progression=(*steps, Step(status=word)))
        assert all(step.violates == violates for step in declared_violations.declare_violations(scenario).progression)
        assert judged.call_count <= most
        judged.reset_mock()


def test_only_what_the_mock_would_not_say_by_itself_is_written(catalogue: Catalogue, tmp_path: Path) -> None:
    """Statuses keep their times, a refusal its name and Retry-After; counters that are the mock's own aren't said."""
    (file,), _ = recorded(catalogue, polled(catalogue, catalogue.plan("clado/two-pages")), "clado", tmp_path)
    scenario = load(file, "again").scenario
    assert [step.status for step in scenario.progression] == ["pending", "searching", "processing", "completed"]
    # Each begins when it was first told: at 15, 35 and 45 seconds, for the poll at 10 was refused.
    held = [step.after.time for step in scenario.progression if step.after]
    assert held == [15 * SECOND, 20 * SECOND, 10 * SECOND]
    assert [step.body for step in scenario.progression] == [{}] * 4
    (fault,) = scenario.faults
    assert (fault.label, fault.when.requests, fault.retry_after and fault.retry_after.seconds) == (
        "respond rate_limited", (3, 3), 2,
    )  # fmt: skip
