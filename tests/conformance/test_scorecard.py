"""The scorecard counts each result once, and its exit code says whether the client conforms."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest

from jobmock import apis
from jobmock.clock import Clock
from jobmock.conformance.cases import ACTIONS, Case
from jobmock.conformance.expected_failures import ExpectedFailure, with_expected
from jobmock.conformance.judgement import Failure, Judgement
from jobmock.conformance.played import Ended, Played
from jobmock.conformance.playing import play_cases
from jobmock.conformance.reports import FORMATS
from jobmock.conformance.scorecard import CaseResult, Scorecard
from jobmock.conformance.suite import load_suite
from jobmock.coverage import NOTHING_MET
from jobmock.engine.namespace import Namespaces

CASES = load_suite("clado").cases
MUST = next(case for case in CASES if case.severity == "must")
SHOULD = next(case for case in CASES if case.severity == "should")
TODAY = date(2026, 6, 1)


def result(case: Case, word: str) -> CaseResult:
    """Return a result of a case, with a failure where it is one."""
    failures = (Failure(expected="returns", evidence="it failed", remedy="Mend it."),) if word == "failed" else ()
    judgement = Judgement(
        case=case, result=word, failures=failures, not_judged={}, requests=1, clock_seconds=5, real_seconds=0.1,
        story="clado: usual; 1 request in 5 s", met=NOTHING_MET,
    )  # fmt: skip
    return CaseResult(case=case, result=word, judgement=judgement)


def card(*results: CaseResult, **more: Any) -> Scorecard:
    """Return the scorecard of some results."""
    return Scorecard(api="clado", client="-- client", results=results, **more)


@pytest.mark.parametrize(
    ("results", "fail_on", "code"),
    [
        ([(MUST, "passed")], "must", 0),
        ([(MUST, "passed"), (SHOULD, "failed")], "must", 0),
        ([(MUST, "passed"), (SHOULD, "failed")], "should", 1),
        ([(MUST, "failed")], "must", 1),
        ([(MUST, "unstable")], "must", 1),
        ([(MUST, "passed unexpectedly")], "must", 1),
        ([(MUST, "failed past its date")], "must", 1),
        ([(MUST, "failed as expected")], "must", 0),
        ([(SHOULD, "passed")], "must", 2),
        ([(MUST, "not judged")], "must", 2),
        ([(MUST, "not supported")], "must", 2),
    ],
)
def test_the_exit_code(results: Sequence[tuple[Case, str]], fail_on: str, code: int) -> None:
    """0 needs a `must` case that was judged, and nothing wrong that counts; 2 means that nothing was judged."""
    assert card(*(result(case, word) for case, word in results), fail_on=fail_on).exit_code == code


@pytest.mark.parametrize(
    ("word", "until", "becomes"),
    [
        ("failed", date(2026, 6, 1), "failed as expected"),
        ("failed", date(2026, 5, 31), "failed past its date"),
        ("passed", date(2027, 1, 1), "passed unexpectedly"),
        ("unstable", date(2027, 1, 1), "unstable"),
        ("not supported", date(2027, 1, 1), "not supported"),
    ],
)
def test_expected_failures(word: str, until: date, becomes: str) -> None:
    """An expected failure is accepted to its last day. One that passes, or is late, is wrong."""
    expected = [ExpectedFailure(case=MUST.id, reason="known", until=until)]
    (found,) = with_expected([result(MUST, word)], expected, TODAY)
    assert found.result == becomes
    assert (found.note is not None) == (word in ("failed", "passed"))


class FailsBesideOthers:
    """A client that fails a case while another one is played, and passes it alone."""

    name = "-- busy"

    def __init__(self) -> None:
        self._meeting, self._calls = threading.Barrier(2), 0

    @contextmanager
    def open(self) -> Iterator[None]:
        """Begin and end."""
        yield

    def why_not(self, case: Case) -> str | None:
        """Return None: it can be played every case."""
        return None

    def play(self, case: Case) -> Played:
        """Send nothing beside another case; poll when alone."""
        self._calls += 1
        namespaces = Namespaces(clock=lambda: Clock("manual"))
        namespace = namespaces.open(case.api, "lk_x", None)
        if self._calls <= 2:
            self._meeting.wait(10)
            ended = Ended("failed", text="too busy")
        else:
            ended = Ended("returned", {"status": "completed"})
        return Played(
            case=case, api=apis.load(case.api), namespace=namespace, job=None, ended=ended, time="virtual",
            real_seconds=0,
        )  # fmt: skip


def test_a_case_that_passes_alone_is_unstable(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed beside others is played once more, alone; a pass then is unstable, never passed."""
    judge = {"failed": "failed", "returned": "passed"}
    monkeypatch.setattr(
        "jobmock.conformance.playing.judge_case", lambda played: result(played.case, judge[played.ended.how]).judgement
    )
    cases = [case for case in CASES if case.action == "poll"][:2]
    found = play_cases(FailsBesideOthers(), cases, capabilities=ACTIONS, jobs=2)
    assert [one.result for one in found] == ["unstable", "unstable"]
    assert all("passed alone" in str(one.note) for one in found)
    assert card(*found).exit_code == 1


RESULTS = (
    result(MUST, "failed"), result(SHOULD, "passed"), CaseResult(case=CASES[-1], result="not supported"),
)  # fmt: skip


@pytest.mark.parametrize("form", FORMATS.names)
def test_each_report_names_what_failed(form: str) -> None:
    """Each format has the failed case with its sentence, and the whole result."""
    text = FORMATS.render(card(*RESULTS), form)
    assert MUST.id in text
    assert "it failed" in text
    assert text.endswith("\n")


def test_the_text_says_how_to_go_on() -> None:
    """A failed case has its sentence, the remedy, and the command that plays it alone."""
    text = FORMATS.render(card(*RESULTS), "text")
    for words in (MUST.title, "Mend it.", f"jobmock conform --api clado --case {MUST.id} -- client", "--capability"):
        assert words in text


def test_the_command_that_plays_a_case_alone_has_its_options() -> None:
    """What a case needs to be played as before, such as scaled time or a folder, is in the command."""
    text = FORMATS.render(card(*RESULTS, options="--suite own --time scaled"), "text")
    assert f"jobmock conform --api clado --suite own --time scaled --case {MUST.id} -- client" in text


def test_the_json_counts_each_group() -> None:
    """The numbers of the groups and of the whole agree with the cases."""
    found = json.loads(FORMATS.render(card(*RESULTS), "json"))
    assert found["exit_code"] == 1
    assert found["total"] == {"passed": 1, "judged": 2, "others": {"failed": 1, "not supported": 1}}
    assert [case["result"] for case in found["cases"]] == ["failed", "passed", "not supported"]
    assert sum(group["judged"] for group in found["groups"].values()) == 2


def test_the_junit_skips_what_was_not_judged() -> None:
    """A case without a judgement is skipped with its reason, and is no pass."""
    root = ElementTree.fromstring(FORMATS.render(card(*RESULTS), "junit"))
    assert [len(root.findall(f".//{name}")) for name in ("testcase", "failure", "skipped")] == [3, 1, 1]
