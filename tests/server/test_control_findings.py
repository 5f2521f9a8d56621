"""`GET findings`: the verdict on the client of one key, or on all of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from tests.server.test_control import Control
from tests.support import KEYS, Mock

from jobmock.etiquette import RULES
from jobmock.server.control import clients

CLADO, ORBIT = KEYS["clado"], KEYS["orbit"]
BY_END = {
    rule.id: "How the client's call ended isn't known." for rule in RULES.values() if rule.needs != "journal"
}
FIELDS = "outcome, job, returned, time, namespace, format"
AT_ONCE = {
    "rule": "polled-after-end", "severity": "error", "api": "clado", "exchanges": [2, 3, 4, 5],
    "evidence": "the job's end in request 2 ('completed') was read again in 3 requests, the last is 5",
    "remedy": RULES["polled-after-end"].remedy,
}  # fmt: skip


@pytest.fixture
def control(mock: Mock) -> Control:
    return Control(mock)


def hurried(control: Control, api: str) -> str:
    """Poll a finished job four times; return its id."""
    job = control.mock.play(api, f"{api}/at-once")
    for _ in range(4):
        control.mock.poll(api, job)
    return job


def test_nothing_is_found_where_nothing_happened(control: Control) -> None:
    """Without a client there are no findings; without an outcome the rules that need it are named."""
    assert control("GET", "findings").body == {"findings": [], "not_judged": BY_END}
    assert control("GET", "findings", key=CLADO).body == {"findings": [], "not_judged": BY_END}


def test_findings_of_a_key(control: Control) -> None:
    """A key gets the findings about its own client only."""
    job = hurried(control, "clado")
    hurried(control, "orbit")
    [finding] = control("GET", "findings", key=CLADO).body["findings"]
    assert finding == {**AT_ONCE, "namespace": control.mock.namespace("clado").name, "job": job}
    assert list(finding)[:5] == ["rule", "severity", "api", "namespace", "job"]


def test_findings_without_a_key(control: Control) -> None:
    """Without a key all open namespaces are judged, each by its own API, and requests that opened none."""
    jobs = {api: hurried(control, api) for api in ("clado", "orbit")}
    control.mock.send("GET", "/api/credits", query=f"api_key={CLADO}")
    found = control("GET", "findings").body["findings"]
    assert [(one["api"], one["rule"], one["job"]) for one in found] == [
        ("clado", "polled-after-end", jobs["clado"]), ("orbit", "polled-after-end", jobs["orbit"]),
        ("clado", "key-in-url", None),
    ]  # fmt: skip


def test_findings_without_a_key_come_in_pages(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page judges whole namespaces, in the order in which they were opened; requests without a key are last."""
    keys = [f"lk_{number}" for number in range(5)]
    for key in keys:
        job = control.mock.play("clado", "clado/at-once", key)
        for _ in range(4):
            control.mock.poll("clado", job, key)
    control.mock.send("GET", "/api/credits", query=f"api_key={CLADO}")
    whole = control("GET", "findings").body["findings"]
    monkeypatch.setattr(clients, "PAGE", 10)
    found, sizes, after = list[dict[str, Any]](), list[int](), ""
    while len(sizes) < 20:
        control.mock.poll("clado", "x", keys[0])  # the order of use is another one
        page = control("GET", f"findings{after}").body
        found += page["findings"]
        sizes.append(len(page["findings"]))
        if "next" not in page:
            break
        after = f"?after={page['next']}"
    assert [one["rule"] for one in found if one["job"]] == [one["rule"] for one in whole if one["job"]]
    assert [one["job"] for one in found if one["rule"] == "polled-after-end"] == [
        one["job"] for one in whole if one["rule"] == "polled-after-end"
    ]
    assert len(sizes) == 3


@pytest.mark.parametrize(
    ("query", "rules"),
    [
        ("outcome=raised", ["gave-up-early"]),
        ("outcome=raised&job={second}", ["gave-up-early"]),
        ("outcome=raised&job={first}", ["result-raised-as-error"]),
        ("outcome=returned", ["gave-up-early"]),
        ("outcome=returned&job={first}", []),
    ],
)
def test_with_an_outcome(control: Control, query: str, rules: list[str]) -> None:
    """With an outcome every rule is judged, for the job that is named or the last one."""
    first = control.mock.play("clado", "clado/at-once")
    control.mock.poll("clado", first)
    second = control.mock.play("clado", "clado/stuck")
    control.mock.poll("clado", second)
    told = control("GET", "findings?" + query.format(first=first, second=second), key=CLADO).body
    of_value = [rule.id for rule in RULES.values() if rule.needs == "value"] if "returned" in query else []
    assert ([one["rule"] for one in told["findings"]], list(told["not_judged"])) == (rules, of_value)


@pytest.mark.parametrize(
    ("returned", "rules"),
    [('{"count": 5}', []), ('{"count": 2}', ["wrong-count"]), ('{"count": 5, "repeated": 1}', ["twice"]),
     ('{"status": "error"}', ["wrong-status"]), ('{"empty": true}', ["result-as-nothing"])],
)  # fmt: skip
def test_with_a_returned_value(control: Control, returned: str, rules: list[str]) -> None:
    """A client in any language can say what its call returned, and that is compared with the job."""
    job = control.mock.play("clado", "clado/at-once")
    control.mock.poll("clado", job)
    found = control("GET", f"findings?outcome=returned&returned={quote(returned)}", key=CLADO).body
    assert ([one["rule"] for one in found["findings"]], found["not_judged"]) == (rules, {})


@pytest.mark.parametrize("query", ["", "outcome=raised&"])
def test_a_returned_value_needs_its_outcome(control: Control, query: str) -> None:
    """A returned value without `outcome=returned` is refused: no rule would read it."""
    status, detail = control.problem("GET", f"findings?{query}returned={quote('{}')}", key=CLADO)
    assert (status, detail) == (400, "'returned' goes with 'outcome=returned' only: it says what the call returned.")


@pytest.mark.parametrize("returned", ["", "3", "[]", '{"count": "3"}', '{"people": 3}', '{"empty": 1}', "{"])
def test_wrong_returned_values(control: Control, returned: str) -> None:
    """What can't be used is refused, with what is allowed and an example."""
    status, detail = control.problem("GET", f"findings?outcome=returned&returned={quote(returned)}", key=CLADO)
    assert (status, detail) == (
        400,
        "'returned' is a JSON object with some of: empty (bool), status (str), count (int), repeated (int),"
        ' members (list). Example: {"count": 22}',
    )


def test_the_clock_counts(control: Control) -> None:
    """A client that polled for long enough hasn't given up early, whenever the findings are read."""
    job = control.mock.play("clado", "clado/stuck")
    early = ["gave-up-early"]
    for seconds, rules in ((0, early), (5, early), (450, early), (450, [])):
        control("POST", "clock/advance", {"seconds": seconds}, key=CLADO)
        control.mock.poll("clado", job)
        answer = control("GET", "findings?outcome=raised", key=CLADO).body
        assert ([one["rule"] for one in answer["findings"]], answer["not_judged"]) == (rules, {})
    job = control.mock.play("clado", "clado/stuck")
    control.mock.poll("clado", job)
    control("POST", "clock/advance", {"seconds": 900}, key=CLADO)
    answer = control("GET", "findings?outcome=raised", key=CLADO).body
    assert [one["rule"] for one in answer["findings"]] == ["gave-up-early"]


def test_asking_changes_nothing(control: Control) -> None:
    """A verdict leaves journal and jobs as they are."""
    hurried(control, "clado")
    before = control("GET", "journal").body, control("GET", "jobs").body
    assert control("GET", "findings", key=CLADO).body == control("GET", "findings", key=CLADO).body
    assert (control("GET", "journal").body, control("GET", "jobs").body) == before


@pytest.mark.parametrize(
    ("query", "key", "told"),
    [
        ("outcome=returnd", CLADO, "'outcome' is 'returnd'. Allowed: returned, raised. Did you mean 'returned'?"),
        ("outcome=", CLADO, "'outcome' is ''. Allowed: returned, raised."),
        ("outcom=raised", CLADO, f"Unknown field 'outcom'. Allowed: {FIELDS}. Did you mean 'outcome'?"),
        ("outcome=raised&job=x", CLADO, "The journal has no exchange of the job 'x'. Jobs: none."),
        ("outcome=raised", None, "An outcome and a job belong to one key: send it as a bearer token, or name "
                                 "its namespace. With one, 'outcome' is one of: returned, raised."),
        ("x=1", None, f"Unknown field 'x'. Allowed: {FIELDS}, after."),
    ],
)  # fmt: skip
def test_wrong_words(control: Control, query: str, key: str | None, told: str) -> None:
    """A wrong outcome or field is refused with the allowed values."""
    assert control.problem("GET", f"findings?{query}", key=key) == (400, told)
