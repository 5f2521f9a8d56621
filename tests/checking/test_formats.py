"""Each form of a report says the same, in the way that its readers want; hostile names break none of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import fromstring

import click
import pytest

from jobmock.checking.baseline import read_baseline, save_baseline
from jobmock.checking.check import Check
from jobmock.checking.exchange import NOWHERE, LiveExchange, Source
from jobmock.checking.formats import NAMES, render
from jobmock.checking.report import FAIL_ON, Report
from jobmock.checking.report_builder import MOST_ROWS
from jobmock.checking.schema_patches import propose
from jobmock.checking.schema_patches.rendering import render_diff, render_json
from jobmock.checking.sequence_rules import MOST_JOBS
from jobmock.checking.violation import KINDS, RULES
from jobmock.errors import UsageError

from .exchanges import candidates, checked, clado, exchange, orbit, person, run, status
from .planted_drifts import DRIFTS

HOSTILE = 'a|b"<c>\n::error::%\x1b[31m\u2028\u00e4'
PERSONAL = "Ines Kolm, +43 660 0000000"


def several() -> Report:
    """A report with violations of each kind, a row that counts five, and something left out."""
    names = ("byte order mark", "member of a record gone", "new phase")
    return checked([*(one for name in names for one in DRIFTS[name].exchanges), exchange("/health", {})])


def test_text() -> None:
    """For people: class, rule, place, words with their section, count, first occurrence; worst first."""
    lines = click.unstyle(render(several(), "text")).splitlines()
    assert lines[:3] == [
        "breaking member-missing: clado status 200 /results/*/profile/headline",
        "    The required member 'headline' is missing. (schemas/clado/README.md#4.6)",
        "    5 times, first in row 0, exchange 2",
    ]
    assert lines[-2:] == [
        "Left out: 1 × GET /health.",
        "3 answers judged: 1 breaking, 1 additive, 1 cosmetic.",
    ]


def test_json() -> None:
    """For programs: every row with all it has, and what was judged and left out."""
    data = json.loads(render(several(), "json"))
    assert [row["kind"] for row in data["violations"]] == list(KINDS)
    row = data["violations"][0]
    assert (row["count"], row["first"]) == (5, {"source": "row 0", "number": 2})
    assert row["source"] == "schemas/clado/README.md#4.6"
    assert row["schemas"] == ["clado/person.json#/$defs/profile_in_common/required"]
    assert data["judged"] == {"clado status": 2, "orbit status": 1}
    assert data["left_out"] == {"GET /health": 1}


@pytest.mark.parametrize(
    ("form", "told"), [("text", r"a\udcff.har"), ("json", r"a\\udcff.har"), ("sarif", '"uri": "a%FF.har"')]
)
def test_name_of_a_file_that_is_no_text(form: str, told: str) -> None:
    """A file's name may be any bytes: forms that are text show it escaped, and an address has the bytes as they are."""
    (one,) = DRIFTS["new status"].exchanges
    text = render(checked([replace(one, source=Source("a\udcff.har"))]), form)
    assert told in text
    assert text.encode()


def test_junit() -> None:
    """For CI: a suite for each API, a passed case for each operation, a failure for what is breaking, alone."""
    root = fromstring(render(several(), "junit"))
    suites = {suite.get("name"): suite for suite in root}
    assert [suites["clado"].get(name) for name in ("tests", "failures", "errors")] == ["3", "1", "0"]
    assert suites["orbit"].get("failures") == "0"
    (failure,) = root.findall(".//failure")
    assert failure.get("type") == "member-missing"
    assert "first in row 0, exchange 2" in (failure.text or "")
    assert len(root.findall(".//system-out")) == 2


def test_sarif() -> None:
    """For code scanning: rules by name and index, a level for each class, a place in a file, a lasting fingerprint."""
    log = json.loads(render(checked(DRIFTS["new status"].exchanges), "sarif"))
    (run,) = log["runs"]
    (result,) = run["results"]
    rules = run["tool"]["driver"]["rules"]
    assert (log["version"], run["tool"]["driver"]["name"]) == ("2.1.0", "jobmock")
    assert [rule["id"] for rule in rules] == list(RULES)
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "status-unknown"
    assert result["level"] == "error"
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "row%200"}, "region": {"startLine": 1}}
    odd = clado(status("ranking"), source=Source("a:1#b.jsonl", line=2))
    again = json.loads(render(checked([odd, odd]), "sarif"))
    place = again["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a%3A1%23b.jsonl"}, "region": {"startLine": 2}}
    assert again["runs"][0]["results"][0]["partialFingerprints"] == result["partialFingerprints"]


def test_sarif_says_what_a_baseline_accepts() -> None:
    """What is accepted stays in the log, suppressed."""
    first = checked(DRIFTS["new status"].exchanges)
    again = checked(DRIFTS["new status"].exchanges, accepted=[row.violation.identity for row in first.rows])
    (result,) = json.loads(render(again, "sarif"))["runs"][0]["results"]
    assert result["suppressions"][0]["kind"] == "external"


@pytest.mark.parametrize(
    ("source", "place"),
    [(Source("a/b.jsonl", line=12), "file=a/b.jsonl,line=12"),
     (Source("c.har", fragment="/log/entries/3"), "file=c.har,line=1"),
     (Source("a:1#b.jsonl", line=2), "file=a%3A1#b.jsonl,line=2"),
     (NOWHERE, "file=schemas/clado/status.json,line=1")],
)  # fmt: skip
def test_github(source: Source, place: str) -> None:
    """For GitHub's log: an annotation at the file and line it was found in; a live answer is none, its schema is."""
    line = render(checked([clado(status("ranking"), source=source)]), "github")
    assert line.startswith(f"::error {place},title=status-unknown::breaking status-unknown: clado status 200 /status: ")
    assert line.count("\n") == 1


def test_markdown() -> None:
    """For issues: the summary, and a table of rows with as many cells as its heading."""
    lines = render(several(), "markdown").splitlines()
    assert lines[0] == "**3 answers judged: 1 breaking, 1 additive, 1 cosmetic.**"
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 5
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {7}


@pytest.mark.parametrize("form", NAMES)
def test_hostile_names_break_no_form(form: str) -> None:
    """Members and files with line breaks, marks and escapes in their names leave each form what it is."""
    source = Source(f"{HOSTILE}.jsonl", line=3)
    text = render(checked([clado(status("pending", **{HOSTILE: 1}), source=source)]), form)
    if form == "junit":
        fromstring(text)
    elif form in ("json", "sarif"):
        json.loads(text)
    else:
        assert len([line for line in text.split("\n") if "member-new" in line]) == 1
        assert not [line for line in text.split("\n") if line.startswith("::error::")]
        assert "\x1b[31m" not in text.replace("\x1b[33m", "")


@pytest.mark.parametrize("form", NAMES)
def test_no_form_shows_what_people_are(form: str) -> None:
    """A report names members, types and words of lists; no value of a record is in it, right or wrong."""
    people = [person(1, name=[PERSONAL], headline={PERSONAL: 1}, description=PERSONAL, is_working=PERSONAL)]
    text = render(checked([clado(status("completed", results=people, message=[PERSONAL]))]), form)
    assert "name" in text
    assert PERSONAL not in text


def hostile() -> list[LiveExchange]:
    """Return answers with somebody's data wherever a word, a name or a type belongs."""
    bodies = [
        status(PERSONAL), status("pending", **{PERSONAL: 1}), status("lk_secret12345"),
        {**status("pending"), "status": 436600000000},
        status("completed", results=[person(1, **{PERSONAL: ""})]),
    ]  # fmt: skip
    phase = orbit(run("running", candidates(current_phase=PERSONAL)))
    return [*map(clado, bodies), phase, clado(status("pending"), headers={"content-type": PERSONAL}),
            exchange(f"/people/{PERSONAL}", {})]  # fmt: skip


@pytest.mark.parametrize("form", [*NAMES, "baseline", "diff", "patches"])
def test_no_form_shows_what_stands_in_a_words_place(form: str, tmp_path: Path) -> None:
    """A text that looks like no word, and a member with such a name, are told by length and as `*`, in every form."""
    report = checked(hostile())
    save_baseline(tmp_path / "known.json", report)
    texts = {
        "baseline": (tmp_path / "known.json").read_text(),
        "diff": render_diff(propose(report)), "patches": render_json(propose(report)),
    }  # fmt: skip
    text = texts.get(form) or render(report, form)
    assert [part for part in ("Ines", "0000000", "secret1", "436600") if part in text] == []
    assert "status-unknown" in text


def test_text_in_a_words_place_is_told_by_its_length() -> None:
    """What is in no list is a word in quotes, or a text of so many characters: its rows are alike, however long."""
    rows = checked([clado(status(word)) for word in ("ranking", "Jane Doe", "J D")]).rows
    assert [(row.violation.message.partition(" is not")[0], row.count) for row in rows] == [
        ("A text of 8 characters", 2), ("'ranking'", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "fails"), [(kind, number) for number, kind in enumerate(KINDS)])
def test_fail_on(kind: str, fails: int) -> None:
    """A report fails for its class and for every class that is less bad, and never for `never`."""
    names = {"breaking": "new status", "additive": "new phase", "cosmetic": "byte order mark"}
    report = checked(DRIFTS[names[kind]].exchanges)
    assert [report.fails(word) for word in FAIL_ON] == [number >= fails for number in range(3)] + [False]


def test_baseline_round_trip(tmp_path: Path) -> None:
    """What is written is accepted again; what no longer occurs is said to be stale; new ones are reported."""
    path = tmp_path / "known.json"
    assert save_baseline(path, several()) == 3
    again = checked([*DRIFTS["new phase"].exchanges, *DRIFTS["new status"].exchanges], accepted=read_baseline(path))
    assert [row.violation.rule for row in again.rows] == ["status-unknown"]
    assert [row.violation.rule for row in again.accepted] == ["value-new"]
    assert len(again.stale) == 2
    assert "The baseline accepts what didn't occur: clado status 200 byte-order-mark." in render(again, "text")


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "is no baseline: JSONDecodeError"), ("[]", "TypeError"), ('{"accepted": [{}]}', "KeyError: 'api'"),
     ('{"accepted": [{"api": "", "operation": "", "status": 1, "rule": "new", "pointer": "", "found": ""}]}',
      "names an unknown rule 'new'")],
)  # fmt: skip
def test_broken_baseline_is_told(text: str, told: str, tmp_path: Path) -> None:
    """A file that is no baseline is a usage error that says why."""
    (tmp_path / "known.json").write_text(text)
    with pytest.raises(UsageError, match=re.escape(told)):
        read_baseline(tmp_path / "known.json")


def test_rows_are_bounded() -> None:
    """There are at most 1,000 rows of a kind; what comes then is counted, and fails all the same."""
    many = clado(status("pending", **{f"m{number}": 1 for number in range(MOST_ROWS + 5)}))
    report = checked([many, clado(status("ranking"), number=1)])
    assert (report.count("additive"), report.count("breaking"), report.more) == (MOST_ROWS, 1, {"additive": 5})
    assert "5 more beyond the bound of rows" in render(report, "text")
    accepted = [row.violation.identity for row in report.rows]
    again = checked([many], accepted=accepted)
    assert (list(again.rows), again.fails("additive"), again.fails("breaking")) == ([], True, False)


def test_jobs_of_another_source_are_others() -> None:
    """A job's row of statuses begins anew with each source, though two recordings may name it alike."""
    check = Check()
    for word in ("completed", "pending"):
        check.begin_source()
        assert check.judge(clado(status(word))) == []


def test_jobs_are_forgotten_in_the_end() -> None:
    """Of very many jobs the one heard of longest ago is forgotten: memory is bounded."""
    check = Check()

    def ask(job: int, word: str) -> list[str]:
        body = {**status(word), "job_id": str(job)}
        one = LiveExchange(at=0, method="GET", path=f"/api/search/deep_research/{job}", status=200,
                           body=json.dumps(body).encode())  # fmt: skip
        return [violation.rule for violation in check.judge(one)]

    for job in range(MOST_JOBS + 1):
        assert ask(job, "completed") == []
    assert ask(MOST_JOBS, "pending") == ["transition-illegal"]
    assert ask(0, "pending") == []
