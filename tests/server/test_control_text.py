"""`GET findings` and `GET journal` as text: the story that a red test shows."""

from __future__ import annotations

import pytest
from tests.server.test_control import Control
from tests.support import KEYS, Mock

from jobmock.client_reports.activity import client_activity
from jobmock.client_reports.story import MOST_LINES, story
from jobmock.etiquette import RuleSettings
from jobmock.server.control import clients

CLADO, ORBIT = KEYS["clado"], KEYS["orbit"]


@pytest.fixture
def control(mock: Mock) -> Control:
    return Control(mock)


def text(control: Control, call: str, key: str | None = None) -> str:
    """Return the text of a call."""
    mark = "&" if "?" in call else "?"
    answer = control("GET", f"{call}{mark}format=text", key=key)
    assert (answer.status, answer.type) == (200, "text/plain; charset=utf-8")
    return str(answer.body)


def polled_after_end(control: Control, key: str = CLADO, polls: int = 4, query: str = "") -> str:
    """Poll a job that has ended. Return its id."""
    job = control.mock.play("clado", "clado/at-once", key)
    for number in range(polls):
        control.mock.advance(5, key=key)
        control.mock.poll("clado", job, key, query=query.format(number + 1))
    return job


@pytest.mark.parametrize("call", ["findings", "journal"])
def test_it_is_the_story_of_a_red_test(control: Control, call: str) -> None:
    """The text is the story that a red test shows of the same requests, with the public name of the namespace."""
    polled_after_end(control)
    namespaces, own = control.mock.service.namespaces, control.mock.namespace("clado")
    activity = client_activity(namespaces, own, settings=RuleSettings(), time="manual")
    expected = story([activity], all_findings="").replace("clado: ", f"{own.name}: ", 1)
    assert "! polled-after-end (error): " in expected
    assert text(control, call, CLADO) == text(control, call) == f"{expected}\n"
    assert text(control, f"{call}?namespace={own.name}") == f"{expected}\n"


def test_the_journal_leaves_nothing_out(control: Control) -> None:
    """The findings' story has at most 25 lines; that of the journal has every request."""
    polled_after_end(control, polls=60, query="page_size={}")
    short, whole = text(control, "findings", CLADO), text(control, "journal", CLADO)
    assert len(short.splitlines()) <= MOST_LINES and "requests left out" in short
    assert "left out" not in whole and whole.count(" GET /") == 60


def test_without_a_key_each_client_has_its_story(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stories come one after the other, with the requests without a key last, and in pages."""
    for key in ("lk_a", "lk_b", "lk_c"):
        polled_after_end(control, key)
    control.mock.namespace("clado", "lk_silent")
    control.mock.send("GET", "/nowhere")
    names = [control.mock.namespace("clado", key).name for key in ("lk_a", "lk_b", "lk_c")]
    for call in ("findings", "journal"):
        monkeypatch.setattr(clients, "PAGE", 2_000)
        stories = text(control, call).split("\n\n")
        assert [one.partition(": ")[0] for one in stories] == [*names, "clado, without a key"]
        monkeypatch.setattr(clients, "PAGE", 10)
        *first, more = text(control, call).rstrip("\n").split("\n\n")
        cursor = more.removeprefix("There are more: send after=").removesuffix(".")
        assert first == stories[:2]
        assert text(control, f"{call}?after={cursor}").split("\n\n") == stories[2:]


def test_a_selection_has_the_findings_about_it(control: Control) -> None:
    """The story of a job, or of the time since a reading, has its own requests and the findings about them."""
    wrong, right = polled_after_end(control), control.mock.play("clado", "clado/at-once")
    last = control("GET", "journal", key=CLADO).body["exchanges"][-1]["at"]
    assert "polled-after-end" in text(control, f"journal?job={wrong}", CLADO)
    control.mock.advance(5)
    control.mock.poll("clado", right)
    for query in (f"job={right}", f"since={last + 1}"):
        found = text(control, f"journal?{query}", CLADO)
        assert "polled-after-end" not in found and found.count(f"{right[:8]}…") == 1


def test_requests_to_the_other_api_are_in_the_story(control: Control) -> None:
    """What a client sends to the wrong API is in the story of its key, and in no other."""
    control.mock.poll("clado", "x", ORBIT)
    for call in ("findings", "journal"):
        for key in (ORBIT, None):
            told = text(control, call, key)
            assert told.startswith(f"{control.mock.namespace('orbit').name}: ") and "\n\n" not in told
            assert "GET /api/search/deep_research/x → 401" in told


def test_an_outcome_is_judged_in_text_too(control: Control) -> None:
    """The story has the findings that only the end of the client's call brings."""
    job = control.mock.play("clado", "clado/at-once")
    control.mock.poll("clado", job)
    assert "result-raised-as-error" in text(control, "findings?outcome=raised", CLADO)


def test_no_requests(control: Control) -> None:
    """Without any request, the text says so."""
    assert text(control, "findings") == text(control, "journal") == "No requests.\n"


@pytest.mark.parametrize(("accept", "is_text"), [
    ("text/plain", True),
    ("text/*", True),
    ("TEXT/plain; charset=utf-8", True),
    ("application/json;q=0.5, text/plain", True),
    ("text/plain, */*;q=0.8", True),
    ("*/*", False),
    ("", False),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
    ("application/json, text/plain, */*", False),
    ("text/plain;q=0, */*", False),
    ("text/plain;q=0.5, */*", False),
    ("text/plain;q=x", False),
    ("application/json", False),
])  # fmt: skip
def test_by_accept(control: Control, accept: str, is_text: bool) -> None:
    """The header Accept chooses text, if it prefers it to JSON. Browsers, curl and axios get JSON as before."""
    for call in ("findings", "journal"):
        answer = control("GET", call, headers={"accept": accept})
        assert answer.type.startswith("text/plain" if is_text else "application/json")


def test_a_format_goes_before_accept(control: Control) -> None:
    """`format` decides where both are sent, and a call without a text is answered in JSON."""
    assert control("GET", "journal?format=json", headers={"accept": "text/plain"}).type == "application/json"
    assert control("GET", "jobs", headers={"accept": "text/plain"}).type == "application/json"


@pytest.mark.parametrize("call", ["findings", "journal"])
def test_a_wrong_format(control: Control, call: str) -> None:
    """Another format is refused with those that there are."""
    problem = control.problem("GET", f"{call}?format=txt")
    assert problem == (400, "'format' is 'txt'. Allowed: json, text. Did you mean 'text'?")
