"""Each format of a report has the same rows, and hostile names break none of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import fromstring

import click
import pytest

from jobmock.checking.baseline import save_baseline
from jobmock.checking.exchange import NOWHERE, LiveExchange, Source
from jobmock.checking.formats import FORMATS
from jobmock.checking.schema_patches import propose
from jobmock.checking.schema_patches.rendering import render_diff, render_json
from jobmock.checking.violation import KINDS, RULES

from .exchanges import candidates, checked, clado, exchange, orbit, person, run, status
from .planted_drifts import DRIFTS, report_of_each_kind

HOSTILE = 'a|b"<c>\n::error::%\x1b[31m\u2028\u00e4'
PERSONAL = "Ines Kolm, +43 660 0000000"


def test_text() -> None:
    """The text has kind, rule, place, message with its section, count and first occurrence, the worst kind first."""
    lines = click.unstyle(FORMATS.render(report_of_each_kind(), "text")).splitlines()
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
    """The JSON has everything of every row, and what was judged and left out."""
    data = json.loads(FORMATS.render(report_of_each_kind(), "json"))
    assert [row["kind"] for row in data["violations"]] == list(KINDS)
    row = data["violations"][0]
    assert (row["count"], row["first"]) == (5, {"source": "row 0", "number": 2})
    assert row["source"] == "schemas/clado/README.md#4.6"
    assert row["schemas"] == ["clado/person.json#/$defs/profile_in_common/required"]
    assert data["judged"] == {"clado status": 2, "orbit status": 1}
    assert data["left_out"] == {"GET /health": 1}


@pytest.mark.parametrize(
    ("form", "shown"), [("text", r"a\udcff.har"), ("json", r"a\\udcff.har"), ("sarif", '"uri": "a%FF.har"')]
)
def test_file_name_that_is_not_utf_8(form: str, shown: str) -> None:
    """A file's name may be any bytes: formats of text escape it, and a URI has the bytes."""
    (one,) = DRIFTS["new status"].exchanges
    text = FORMATS.render(checked([replace(one, source=Source("a\udcff.har"))]), form)
    assert shown in text
    assert text.encode()


def test_junit() -> None:
    """JUnit's XML has a suite for each API, a case for each operation, and failures for breaking violations only."""
    root = fromstring(FORMATS.render(report_of_each_kind(), "junit"))
    suites = {suite.get("name"): suite for suite in root}
    assert [suites["clado"].get(name) for name in ("tests", "failures", "errors")] == ["3", "1", "0"]
    assert suites["orbit"].get("failures") == "0"
    (failure,) = root.findall(".//failure")
    assert failure.get("type") == "member-missing"
    assert "first in row 0, exchange 2" in (failure.text or "")
    assert len(root.findall(".//system-out")) == 2


def test_sarif() -> None:
    """SARIF has rules by name and index, a level for each kind, a place in a file, and a stable fingerprint."""
    log = json.loads(FORMATS.render(checked(DRIFTS["new status"].exchanges), "sarif"))
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
    again = json.loads(FORMATS.render(checked([odd, odd]), "sarif"))
    place = again["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a%3A1%23b.jsonl"}, "region": {"startLine": 2}}
    assert again["runs"][0]["results"][0]["partialFingerprints"] == result["partialFingerprints"]


def test_sarif_has_accepted_violations() -> None:
    """SARIF has accepted violations as suppressed results."""
    first = checked(DRIFTS["new status"].exchanges)
    again = checked(DRIFTS["new status"].exchanges, accepted=[row.violation.identity for row in first.rows])
    (result,) = json.loads(FORMATS.render(again, "sarif"))["runs"][0]["results"]
    assert result["suppressions"][0]["kind"] == "external"


@pytest.mark.parametrize(
    ("source", "place"),
    [(Source("a/b.jsonl", line=12), "file=a/b.jsonl,line=12"),
     (Source("c.har", fragment="/log/entries/3"), "file=c.har,line=1"),
     (Source("a:1#b.jsonl", line=2), "file=a%3A1#b.jsonl,line=2"),
     (NOWHERE, "file=schemas/clado/status.json,line=1")],
)  # fmt: skip
def test_github(source: Source, place: str) -> None:
    """GitHub's annotations name file and line of a recording, or the schema of a live answer."""
    line = FORMATS.render(checked([clado(status("ranking"), source=source)]), "github")
    assert line.startswith(f"::error {place},title=status-unknown::breaking status-unknown: clado status 200 /status: ")
    assert line.count("\n") == 1


def test_markdown() -> None:
    """The Markdown has the summary, and a table whose rows have as many cells as the heading."""
    lines = FORMATS.render(report_of_each_kind(), "markdown").splitlines()
    assert lines[0] == "**3 answers judged: 1 breaking, 1 additive, 1 cosmetic.**"
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 5
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {7}


@pytest.mark.parametrize("form", FORMATS.names)
def test_hostile_names_break_no_format(form: str) -> None:
    """Names with line breaks, markup and escapes break no format."""
    source = Source(f"{HOSTILE}.jsonl", line=3)
    text = FORMATS.render(checked([clado(status("pending", **{HOSTILE: 1}), source=source)]), form)
    if form == "junit":
        fromstring(text)
    elif form in ("json", "sarif"):
        json.loads(text)
    else:
        assert len([line for line in text.split("\n") if "member-new" in line]) == 1
        assert not [line for line in text.split("\n") if line.startswith("::error::")]
        assert "\x1b[31m" not in text.replace("\x1b[33m", "")


@pytest.mark.parametrize("form", FORMATS.names)
def test_no_format_shows_values_of_people(form: str) -> None:
    """A report names members, types and words of lists, and no value of a person."""
    people = [person(1, name=[PERSONAL], headline={PERSONAL: 1}, description=PERSONAL, is_working=PERSONAL)]
    text = FORMATS.render(checked([clado(status("completed", results=people, message=[PERSONAL]))]), form)
    assert "name" in text
    assert PERSONAL not in text


def hostile() -> list[LiveExchange]:
    """Return answers with personal data in place of words, names and types."""
    bodies = [
        status(PERSONAL), status("pending", **{PERSONAL: 1}), status("lk_secret12345"),
        {**status("pending"), "status": 436600000000},
        status("completed", results=[person(1, **{PERSONAL: ""})]),
    ]  # fmt: skip
    phase = orbit(run("running", candidates(current_phase=PERSONAL)))
    return [*map(clado, bodies), phase, clado(status("pending"), headers={"content-type": PERSONAL}),
            exchange(f"/people/{PERSONAL}", {})]  # fmt: skip


@pytest.mark.parametrize("form", [*FORMATS.names, "baseline", "diff", "patches"])
def test_no_format_shows_personal_data_in_place_of_words(form: str, tmp_path: Path) -> None:
    """In every format, a text that is no word is shown by its length, and such a member's name as `*`."""
    report = checked(hostile())
    save_baseline(tmp_path / "known.json", report)
    texts = {
        "baseline": (tmp_path / "known.json").read_text(),
        "diff": render_diff(propose(report)), "patches": render_json(propose(report)),
    }  # fmt: skip
    text = texts.get(form) or FORMATS.render(report, form)
    assert [part for part in ("Ines", "0000000", "secret1", "436600") if part in text] == []
    assert "status-unknown" in text


def test_unknown_text_is_shown_by_its_length() -> None:
    """An unknown value is shown as a quoted word, or as a text of its length; all such texts are one row."""
    rows = checked([clado(status(word)) for word in ("ranking", "Jane Doe", "J D")]).rows
    assert [(row.violation.message.partition(" is not")[0], row.count) for row in rows] == [
        ("A text of 8 characters", 2), ("'ranking'", 1),
    ]  # fmt: skip
