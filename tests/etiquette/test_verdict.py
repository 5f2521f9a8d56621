"""The verdict: which job an outcome belongs to, and how findings are worded and ordered."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from tests.etiquette.journals import Row, found, journal, page, poll, start, verdict
from tests.support import KEYS, Mock

from jobmock import apis
from jobmock.clock import SECOND
from jobmock.engine.journal import MAX_EXCHANGES
from jobmock.errors import UsageError
from jobmock.etiquette import RULES, Finding, RuleSettings, Verdict, judge

OTHER = "/api/search/deep_research/j2"


def other(at: float, said: str | int, query: str = "") -> Row:
    return poll(at, said, query, job="j2", path=OTHER)


def test_nothing_happened() -> None:
    """An empty journal has no findings, for any outcome."""
    assert verdict(outcome="raised") == Verdict(findings=(), not_judged={})
    assert verdict().findings == ()


def test_findings_are_values() -> None:
    """What is handed over can't be changed, and reads well in a terminal."""
    rows = [start(0), *(poll(at, "completed") for at in (5, 9, 14, 19))]
    finding, = verdict(*rows).findings  # fmt: skip
    evidence = "the job's end in request 2 ('completed') was read again in 3 requests, the last is 5"
    remedy = RULES["polled-after-end"].remedy
    assert finding == Finding(
        rule="polled-after-end", severity="error", job="j1", exchanges=(2, 3, 4, 5), evidence=evidence, remedy=remedy
    )
    assert str(finding) == f"polled-after-end (error): {evidence}. {remedy}"
    with pytest.raises(dataclasses.FrozenInstanceError):
        finding.job = None  # type: ignore[misc]


def test_each_rule_is_reported_once_for_each_job() -> None:
    """A rule broken over and over is one finding of that job, with the first evidence and a count."""
    rows = [poll(0, "completed", "k=lk_…"), other(0, "pending", "k=lk_…"), other(5, "pending", "k=lk_…")]
    reported = [(finding.rule, finding.job, finding.exchanges) for finding in verdict(*rows).findings]
    assert reported == [("key-in-url", "j1", (1,)), ("key-in-url", "j2", (2,))]
    assert verdict(*rows).findings[1].evidence == "request 2 has an API key in its query, and 1 more like it"


def test_findings_are_in_the_order_of_the_requests() -> None:
    """Findings are in the order of the exchanges."""
    rows = [poll(0, "pending", "k=lk_…"), poll(1, 429, retry=9), page(5, 1, last=2), page(6, 2, last=2)]
    rows += [page(7, 2, last=2), start(8, lost=True), start(9, job="j2")]
    reported = [(finding.rule, finding.exchanges) for finding in verdict(*rows).findings]
    assert reported == [
        ("key-in-url", (1,)), ("retry-after-ignored", (2, 3)), ("page-repeated", (4, 5)), ("started-twice", (6, 7)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("job", "expected"), [(None, {"gave-up-early": (3,)}), ("j2", {"gave-up-early": (3,)}), ("j1", {})]
)
def test_whose_outcome_it_is(job: str | None, expected: dict[str, tuple[int, ...]]) -> None:
    """An outcome belongs to the given job, or to the job of the last request."""
    assert found(start(0), poll(5, "error"), other(6, "pending"), outcome="raised", job=job) == expected


def test_a_job_that_may_take_any_time() -> None:
    """Where neither the API nor the settings say how long a job may take, it can't be given up too early."""
    rows = journal({"api": "clado", **start(0)}, {"api": "clado", **poll(5, "pending")})
    unsaid = dataclasses.replace(apis.load("clado"), longest_job=None)
    found = judge(rows, unsaid, outcome="raised", time="virtual")
    assert found.findings == () and found.not_judged["gave-up-early"] == "The API doesn't say how long a job may take."
    said = judge(rows, unsaid, outcome="raised", time="virtual", settings=RuleSettings(longest_job=60 * SECOND))
    assert [finding.rule for finding in said.findings] == ["gave-up-early"]


def test_jobs_side_by_side_are_judged_for_themselves() -> None:
    """Polls, errors and refusals of one job say nothing of another."""
    rows = [poll(0, 503), other(1, 503), poll(2, "pending"), other(3, 404), poll(4, 404), other(5, 404), poll(6, 404)]
    assert found(*rows) == {}


def test_another_apis_exchanges_do_not_count() -> None:
    """What a key of one API was refused by the other is not judged by this one's rules."""
    rows = [{**poll(at, 404), "api": "clado"} for at in (0, 5, 10)]
    assert verdict(*rows, api="orbit").findings == ()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"time": "virtal"}, r"'time' is 'virtal'\. Allowed: real, .*Did you mean 'virtual'\?"),
        ({"outcome": "return"}, r"'outcome' is 'return'\. Allowed: returned, raised\. Did you mean 'returned'\?"),
        ({"outcome": "raised", "job": "j12"}, r"no exchange of the job 'j12'\. Jobs: j1\. Did you mean 'j1'\?"),
    ],
)
def test_wrong_words(more: dict[str, Any], message: str) -> None:
    """An outcome that isn't one, or a job that the journal doesn't know, is named with what there is."""
    with pytest.raises(UsageError, match=message):
        verdict(start(0), **more)


def test_the_end_of_a_job_that_the_journal_has_dropped_is_not_judged(mock: Mock) -> None:
    """The journal may drop a job's requests for later ones: then the rules about its outcome can't be judged."""
    job = mock.play("clado", "clado/usual")
    for _ in range(MAX_EXCHANGES):
        mock.send("GET", "/api/credits", key=KEYS["clado"])
    namespace = mock.namespace("clado")
    ended: dict[str, Any] = {"outcome": "raised", "time": "virtual", "jobs": namespace.jobs}
    outcome_rules = {rule.id for rule in RULES.values() if rule.needs != "journal"}
    dropped = judge(namespace.journal, apis.load("clado"), job=job, **ended)
    assert dropped.findings == ()
    assert dropped.not_judged == dict.fromkeys(
        outcome_rules, "The journal has dropped all requests of this job, to make room for later ones."
    )
    with pytest.raises(UsageError, match="no exchange of the job 'j12'"):
        judge(namespace.journal, apis.load("clado"), job="j12", **ended)


def test_a_job_that_looks_like_a_key_is_found() -> None:
    """The journal redacts ids that look like keys; a test names the job as its client does."""
    assert found(start(0, job="sk-…"), outcome="returned", job="sk-run") == {}


def test_a_verdict_as_text() -> None:
    """Each finding has a line, and each reason for which rules aren't judged one more, with all of these rules."""
    lines = str(verdict(start(0), poll(5, "completed"))).splitlines()
    assert lines[0] == "No rule is broken."
    assert lines[1].startswith("Not judged: gave-up-early, unknown-status-as-result, ")
    assert lines[1].endswith(", partial-as-whole. How the client's call ended isn't known.") and len(lines) == 2
    broken = verdict(*(poll(at, "completed") for at in range(5)), outcome="returned")
    lines = str(broken).splitlines()
    assert lines[0] == str(broken.findings[0])
    assert lines[-1].endswith(". The value that the client's call returned isn't known.")
