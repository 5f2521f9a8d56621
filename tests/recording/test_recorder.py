"""What the recorder writes, leaves out and warns about, for single exchanges."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support import EPOCH

from jobmock import apis
from jobmock.catalogue import Catalogue, load_plan
from jobmock.clock import SECOND
from jobmock.models import MOST_PEOPLE, Change, Delay, Drip, Respond, Scenario, When
from jobmock.recording.files import ScenarioFolder
from jobmock.recording.raw_exchange import RawExchange
from jobmock.recording.recorder import Recorder

from .raw_exchanges import JSON, poll, status

Feed = Callable[..., tuple[Scenario, list[str]]]


@pytest.fixture
def feed(catalogue: Catalogue, tmp_path: Path) -> Feed:
    """Record some exchanges; return the scenario in the file, and the warnings."""

    def fed(*seen: RawExchange, api: str = "clado", words: tuple[str, ...] = ()) -> tuple[Scenario, list[str]]:
        warnings: list[str] = []
        folder = ScenarioFolder(tmp_path, warnings.append)
        recorder = Recorder(apis.load(api), folder, warnings.append, words=words, catalogue=catalogue)
        for one in seen:
            recorder.record(one)
            recorder.wait()
        return load_plan(tmp_path / "job-1.yaml", "fed").scenario, warnings

    return fed


def test_step_begins_when_it_is_first_seen(feed: Feed) -> None:
    """A step lasts until the next is seen, in whole milliseconds. A job without a start begins at its first poll."""
    scenario, _ = feed(poll(1, status("pending")), poll(4, status("pending")), poll(7.1234567, status("completed")))
    assert [step.after and step.after.time for step in scenario.progression] == [6.123 * SECOND, None]


def test_change_between_polls_at_one_moment(feed: Feed) -> None:
    """If the status changes between two polls at the same moment, the polls changed it and not the time."""
    scenario, _ = feed(poll(1, status("pending")), poll(1, status("pending")), poll(1, status("searching")))
    assert [step.after and step.after.polls for step in scenario.progression] == [2, None]


def test_requests_are_numbered_by_arrival(feed: Feed) -> None:
    """Requests are numbered by their arrival, even if a slow answer is recorded after later ones."""
    slow = poll(2, status("pending"), took=3_000_400_000)
    scenario, _ = feed(poll(1, status("pending")), poll(4, status("pending")), slow)
    (fault,) = scenario.faults
    assert (fault.when.requests, fault.delay) == ((2, 2), Delay(kind="constant", a=3 * SECOND))


@pytest.mark.parametrize(("words", "written"), [((), "unlisted_1"), (("reranking",), "reranking")])
def test_undocumented_word(words: tuple[str, ...], written: str, feed: Feed) -> None:
    """An undocumented status is replaced by another name, with a warning, unless --word allows it."""
    scenario, warnings = feed(poll(0, status("pending")), poll(5, status("reranking")), words=words)
    assert [step.status for step in scenario.progression] == ["pending", written]
    assert scenario.progression[1].violates == {"schema"}
    assert any("--word" in text for text in warnings) is not bool(words)


def test_texts_and_large_numbers_are_not_written(feed: Feed, tmp_path: Path) -> None:
    """Neither a text nor a number that could be a telephone number is written, even in place of a counter."""
    body = status("searching", opensearch_results=436641234567, total_filtered=12, error="Rosalind", mail="a@b.invalid")
    scenario, _ = feed(poll(0, body))
    assert scenario.progression[0].body["total_filtered"] == 12
    text = (tmp_path / "job-1.yaml").read_text()
    assert not any(secret in text for secret in ("Rosalind", "4366", "a@b", "Hush"))


def test_member_that_is_absent_deep_in_a_body(feed: Feed) -> None:
    """If a member is absent deep in a body, no step can express that, but the change of an answer can."""
    counts = {"materialized_section_count": 3, "failed_count": 0}
    result = {"id": "p", "section_generation": counts}
    body = {"request_id": "j", "run_id": None, "status": "completed", "result": result}
    scenario, warnings = feed(poll(0, body, api="orbit"), api="orbit")
    (fault,) = scenario.faults
    assert (fault.when, fault.change, warnings) == (
        When(every=1), Change(omit=("/result/section_generation/sections_ready",)), [],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ({"status": 503, "body": b"<html>Rosalind</html>", "headers": {"content-type": "text/html"}}, "respond 503"),
        ({"status": 503, "body": b'{"detail": "Rosalind"}'}, "respond unavailable"),
        ({"status": 404, "body": b"gone", "headers": {"content-type": "text/plain"}}, "respond 404"),
        ({"body": b'{"job_id": "Rosa'}, "corrupt truncated_json"),
        ({"network_fault": "reset", "status": 0}, "disconnect reset"),
        ({"network_fault": "hang", "status": 0}, "hang"),
    ],
)
def test_fault_of_a_request(answer: dict[str, Any], label: str, feed: Feed, tmp_path: Path) -> None:
    """A refusal, a broken answer or a missing one becomes a fault on its request's number, without any texts."""
    scenario, warnings = feed(poll(0, status("pending")), poll(5, **answer), poll(9, status("pending")))
    assert [(fault.label, fault.when.requests) for fault in scenario.faults] == [(label, (2, 2))]
    assert warnings == []
    assert "Rosa" not in (tmp_path / "job-1.yaml").read_text()


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ({"body": b'{"job_id": "Rosa'}, "corrupt truncated_json"),
        ({"body": status("pending"), "headers": {"content-type": "text/html"}}, "corrupt wrong_content_type"),
        ({"body": status("pending"), "headers": {"content-type": "text/plain"}}, "change"),
        ({"body": b"<html>", "status": 503, "headers": {"content-type": "text/html"}}, "respond 503"),
    ],
)
def test_broken_answer_in_pieces(answer: dict[str, Any], label: str, feed: Feed) -> None:
    """A fault has one action: a broken answer that also came in pieces is played at once, with a warning."""
    scenario, warnings = feed(poll(0, status("pending")), poll(5, drip=Drip(size=9, every=SECOND // 5), **answer))
    assert [(fault.label, fault.drip) for fault in scenario.faults] == [(label, None)]
    assert warnings == ["Job 1: status 2: seen in pieces, played at once."]


@pytest.mark.parametrize(
    ("body", "kind", "played"),
    [
        (b"<html>Rosalind</html>", "text/html", "(left out)"), (b"[1, 2]", "application/json", "[]"),
        (b'"Rosalind"', "application/json", '"(left out)"'), (b"null", "application/json", "null"),
        (b"[1]", "text/html", "[]"),
    ],
)  # fmt: skip
def test_success_without_an_object(body: bytes, kind: str, played: str, feed: Feed) -> None:
    """If a poll's answer is no JSON object, the mock's answer is none either, without the answer's texts."""
    odd, plain = poll(5, body, headers={"content-type": kind}), status("pending")
    scenario, warnings = feed(poll(0, plain), odd, poll(9, plain))
    respond = Respond(status=200, body=played, has_body=True, headers={"content-type": kind})
    assert [(fault.respond, fault.when.requests) for fault in scenario.faults] == [(respond, (2, 2))]
    assert warnings == []


@pytest.mark.parametrize("spoil", [
    lambda raw: b"\xef\xbb\xbf" + raw, lambda raw: raw.replace(b"Hush", b"\\ud83d"),
])  # fmt: skip
def test_unusual_json_is_read(spoil: Callable[[bytes], bytes], feed: Feed) -> None:
    """A status is read despite a byte order mark or a lone surrogate in the body."""
    scenario, _ = feed(poll(0, status("pending")), poll(5, spoil(json.dumps(status("completed")).encode())))
    assert [step.status for step in scenario.progression] == ["pending", "completed"]


def test_changed_scenario_file_is_left_alone(recorder: Recorder, tmp_path: Path, warnings: list[str]) -> None:
    """If somebody changes a scenario file, the recording continues in another file."""
    recorder.record(poll(0, status("pending")))
    recorder.wait()
    (tmp_path / "out" / "job-1.yaml").write_text("mine now")
    recorder.record(poll(5, status("completed")))
    recorder.wait()
    assert (tmp_path / "out" / "job-1.yaml").read_text() == "mine now"
    assert load_plan(tmp_path / "out" / "job-1-2.yaml", "beside").scenario.progression[-1].status == "completed"
    assert warnings[0] == "job-1.yaml was changed by somebody else; it stays as it is."


def test_unknown_encoding_is_not_recorded(recorder: Recorder, tmp_path: Path, warnings: list[str]) -> None:
    """An exchange whose body can't be decoded isn't recorded."""
    recorder.record(RawExchange(at=EPOCH, request=poll(0).request, status=200, body=None))
    recorder.wait()
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b""]
    assert len(warnings) == 1


@pytest.mark.parametrize("answer", [
    {"status": 302, "body": b"", "headers": {}}, {"status": 302, "body": b"[]"},
    {"status": 429, "body": {"detail": "Hush."}, "headers": {**JSON, "retry-after": "Thu, 01 Jan 2099 00:00:00 GMT"}},
    {"status": 429, "body": {"detail": "Hush."}, "headers": {**JSON, "retry-after": "9" * 20}},
])  # fmt: skip
def test_first_answer_outside_the_language(answer: dict[str, Any], feed: Feed) -> None:
    """A job is written even if its first answer is a redirection, or has a Retry-After too long for a scenario."""
    scenario, warnings = feed(poll(0, **answer), poll(5, status("pending")))
    assert [fault.when.requests for fault in scenario.faults] == [(1, 1)]
    assert any("played with 31536000" in text for text in warnings) is ("retry-after" in answer.get("headers", ()))


def test_status_above_the_greatest(feed: Feed) -> None:
    """A status above 599 is written as 599, because a scenario has no other, and a note names the recorded one."""
    odd = poll(5, b"no", status=999, headers={"content-type": "text/plain"})
    scenario, warnings = feed(poll(0, status("pending")), odd)
    assert [fault.label for fault in scenario.faults] == ["respond 599"]
    assert warnings == ["Job 1: status 2: seen with HTTP status 999, played with HTTP status 599."]


def test_more_people_than_a_scenario_may_have(feed: Feed) -> None:
    """An answer that claims more people than a scenario may have is recorded with as many as it may have."""
    paging = {"page": 1, "page_size": 25, "total_pages": 4_000, "total_results": 100_000, "has_next": True}
    scenario, _ = feed(poll(1, status("completed", results=[], pagination=paging), query="page=1"))
    assert scenario.results.count == MOST_PEOPLE
