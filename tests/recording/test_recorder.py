"""The recorder, given exchanges one by one: what it writes, what it leaves out, what it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support import EPOCH, JOBS, KEYS

from jobmock import apis
from jobmock.catalogue import Catalogue, load
from jobmock.clock import SECOND
from jobmock.models import Delay, Drip, Request, Respond, Scenario
from jobmock.recording.files import ScenarioFolder
from jobmock.recording.raw_exchange import RawExchange
from jobmock.recording.recorder import Recorder

JSON = {"content-type": "application/json"}
Feed = Callable[..., tuple[Scenario, list[str]]]


def poll(
    at: float, body: Any = None, *, api: str = "clado", job: str = "j", query: str = "", **more: Any
) -> RawExchange:
    """A poll of a job, so many seconds after EPOCH, answered with a body (200, unless more is said)."""
    bearer = (b"authorization", f"Bearer {KEYS[api]}".encode())
    request = Request("GET", f"{JOBS[api]}/{job}".encode(), query.encode(), (bearer,))
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawExchange(**{
        "at": EPOCH + round(at * SECOND), "request": request, "status": 200, "headers": JSON, "body": raw, **more,
    })  # fmt: skip


def status(word: str, **more: Any) -> dict[str, Any]:
    return {"job_id": "j", "status": word, "message": "Hush.", **more}


@pytest.fixture
def feed(catalogue: Catalogue, tmp_path: Path) -> Feed:
    """Records what was seen; gives the scenario that is left, and what was said."""

    def fed(*seen: RawExchange, api: str = "clado", words: tuple[str, ...] = ()) -> tuple[Scenario, list[str]]:
        said: list[str] = []
        folder = ScenarioFolder(tmp_path, said.append)
        recorder = Recorder(apis.load(api), folder, said.append, words=words, catalogue=catalogue)
        for one in seen:
            recorder.record(one)
            recorder.wait()
        return load(tmp_path / "job-1.yaml", "fed").scenario, said

    return fed


def test_times_are_those_of_the_first_telling(feed: Feed) -> None:
    """A step lasts until the next is first told, in whole milliseconds; a job without a start begins when asked for."""
    told = feed(poll(1, status("pending")), poll(4, status("pending")), poll(7.1234567, status("completed")))
    assert [step.after and step.after.time for step in told[0].progression] == [6.123 * SECOND, None]


def test_two_tellings_at_one_moment_are_told_apart_by_polls(feed: Feed) -> None:
    """What changed between two polls of the same moment was changed by the polls."""
    told = feed(poll(1, status("pending")), poll(1, status("pending")), poll(1, status("searching")))
    assert [step.after and step.after.polls for step in told[0].progression] == [2, None]


def test_numbers_count_arrivals(feed: Feed) -> None:
    """An answer that took its time is told after later ones, but its request was the earlier."""
    slow = poll(2, status("pending"), took=3_000_400_000)
    told, _ = feed(poll(1, status("pending")), poll(4, status("pending")), slow)
    (fault,) = told.faults
    assert (fault.when.requests, fault.delay) == ((2, 2), Delay(kind="constant", a=3 * SECOND))


@pytest.mark.parametrize(("words", "written"), [((), "unlisted_1"), (("reranking",), "reranking")])
def test_an_unlisted_word_needs_leave(words: tuple[str, ...], written: str, feed: Feed) -> None:
    """A status that no document lists gets another name, and that is said, unless it was let through."""
    told, said = feed(poll(0, status("pending")), poll(5, status("reranking")), words=words)
    assert [step.status for step in told.progression] == ["pending", written]
    assert told.progression[1].violates == {"schema"}
    assert any("--word" in text for text in said) is not bool(words)


def test_texts_and_large_numbers_are_left_out(feed: Feed, tmp_path: Path) -> None:
    """Neither a text nor a number that could be a telephone's is written, be it in the place of a counter."""
    body = status("searching", opensearch_results=436641234567, total_filtered=12, error="Rosalind", mail="a@b.invalid")
    told, _ = feed(poll(0, body))
    assert told.progression[0].body["total_filtered"] == 12
    text = (tmp_path / "job-1.yaml").read_text()
    assert not any(secret in text for secret in ("Rosalind", "4366", "a@b", "Hush"))


def test_what_cannot_be_said_is_noted(feed: Feed, tmp_path: Path) -> None:
    """A member that is absent deep in a body can't be omitted: the file and the log say so, by the documents' names."""
    counts = {"materialized_section_count": 3, "failed_count": 0}
    result = {"id": "p", "section_generation": counts}
    body = {"request_id": "j", "run_id": None, "status": "completed", "result": result}
    _, said = feed(poll(0, body, api="orbit"), api="orbit")
    text = "status 1: played with another /result/section_generation/sections_ready."
    assert said == [f"Job 1: {text}"]
    assert f"# - {text}" in (tmp_path / "job-1.yaml").read_text()


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
def test_what_befell_a_request(answer: dict[str, Any], label: str, feed: Feed, tmp_path: Path) -> None:
    """A refusal, a broken answer or none at all is a fault on the number of its request, without its words."""
    told, said = feed(poll(0, status("pending")), poll(5, **answer), poll(9, status("pending")))
    assert [(fault.label, fault.when.requests) for fault in told.faults] == [(label, (2, 2))]
    assert said == []
    assert "Rosa" not in (tmp_path / "job-1.yaml").read_text()


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ({"body": b'{"job_id": "Rosa'}, "corrupt truncated_json"),
        ({"body": status("pending"), "headers": {"content-type": "text/plain"}}, "corrupt wrong_content_type"),
        ({"body": b"<html>", "status": 503, "headers": {"content-type": "text/html"}}, "respond 503"),
    ],
)
def test_a_bad_answer_in_pieces_is_told_at_once(answer: dict[str, Any], label: str, feed: Feed) -> None:
    """A fault has one action: what was wrong with the answer goes before how it came, and that is said."""
    told, said = feed(poll(0, status("pending")), poll(5, drip=Drip(size=9, every=SECOND // 5), **answer))
    assert [(fault.label, fault.drip) for fault in told.faults] == [(label, None)]
    assert said == ["Job 1: status 2: seen in pieces, played at once."]


@pytest.mark.parametrize(
    ("body", "kind", "played"),
    [
        (b"<html>Rosalind</html>", "text/html", "(left out)"), (b"[1, 2]", "application/json", "[]"),
        (b'"Rosalind"', "application/json", '"(left out)"'), (b"null", "application/json", "null"),
        (b"[1]", "text/html", "[]"),
    ],
)  # fmt: skip
def test_a_done_call_without_an_object_is_a_scripted_answer(body: bytes, kind: str, played: str, feed: Feed) -> None:
    """A poll that is answered with anything but an object is answered like that by the mock too, without its words."""
    odd, plain = poll(5, body, headers={"content-type": kind}), status("pending")
    told, said = feed(poll(0, plain), odd, poll(9, plain))
    respond = Respond(status=200, body=played, has_body=True, headers={"content-type": kind})
    assert [(fault.respond, fault.when.requests) for fault in told.faults] == [(respond, (2, 2))]
    assert said == []


@pytest.mark.parametrize("spoil", [
    lambda raw: b"\xef\xbb\xbf" + raw, lambda raw: raw.replace(b"Hush", b"\\ud83d"),
])  # fmt: skip
def test_json_is_read_as_by_check(spoil: Callable[[bytes], bytes], feed: Feed) -> None:
    """Neither a byte order mark nor half of a surrogate pair keeps a status from being read."""
    told, _ = feed(poll(0, status("pending")), poll(5, spoil(json.dumps(status("completed")).encode())))
    assert ([step.status for step in told.progression], told.faults) == (["pending", "completed"], ())


def test_a_file_that_somebody_changes_meanwhile_is_theirs(catalogue: Catalogue, tmp_path: Path) -> None:
    """From then on the recording goes to a file beside it."""
    said: list[str] = []
    recorder = Recorder(apis.load("clado"), ScenarioFolder(tmp_path, said.append), said.append, catalogue=catalogue)
    recorder.record(poll(0, status("pending")))
    recorder.wait()
    (tmp_path / "job-1.yaml").write_text("mine now")
    recorder.record(poll(5, status("completed")))
    recorder.wait()
    assert (tmp_path / "job-1.yaml").read_text() == "mine now"
    assert load(tmp_path / "job-1-2.yaml", "beside").scenario.progression[-1].status == "completed"
    assert said[0] == "job-1.yaml was changed by somebody else; it stays as it is."


def test_an_answer_in_an_unknown_encoding_is_not_recorded(catalogue: Catalogue, tmp_path: Path) -> None:
    """A body that couldn't be read is dropped, and nothing is written of it."""
    said: list[str] = []
    recorder = Recorder(apis.load("clado"), ScenarioFolder(tmp_path, said.append), said.append, catalogue=catalogue)
    recorder.record(RawExchange(at=EPOCH, request=poll(0).request, status=200, body=None))
    recorder.wait()
    assert list(tmp_path.iterdir()) == []
    assert len(said) == 1


@pytest.mark.parametrize("answer", [
    {"status": 302, "body": b"", "headers": {}}, {"status": 302, "body": b"[]"},
    {"status": 429, "body": {"detail": "Hush."}, "headers": {**JSON, "retry-after": "Thu, 01 Jan 2099 00:00:00 GMT"}},
    {"status": 429, "body": {"detail": "Hush."}, "headers": {**JSON, "retry-after": "9" * 20}},
])  # fmt: skip
def test_a_first_answer_that_is_out_of_bounds(answer: dict[str, Any], feed: Feed) -> None:
    """A redirection, or a Retry-After of more than a scenario can say, doesn't keep its job from being written."""
    told, said = feed(poll(0, **answer), poll(5, status("pending")))
    assert [fault.when.requests for fault in told.faults] == [(1, 1)]
    assert any("played with 31536000" in text for text in said) is ("retry-after" in answer.get("headers", ()))


def test_an_unheard_of_status_is_told_as_the_nearest(feed: Feed) -> None:
    """A scenario knows no status above 599: the job is written all the same, and a note says what was seen."""
    told, said = feed(poll(0, status("pending")), poll(5, b"no", status=999, headers={"content-type": "text/plain"}))
    assert [fault.label for fault in told.faults] == ["respond 599"]
    assert said == ["Job 1: status 2: seen with HTTP status 999, played with HTTP status 599."]
