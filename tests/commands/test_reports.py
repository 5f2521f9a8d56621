"""Each format of the report of runs has every run, hostile texts break none of them, and no key is in them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from xml.etree.ElementTree import fromstring

import click
import pytest
from tests.reports.junit_schema import breaks
from tests.support import Mock
from tests.timelines.clients import activity_of, impatient
from tests.timelines.pages import checked

from jobmock import __version__
from jobmock.commands.reports import FORMATS
from jobmock.commands.reports.run_report import RunReport
from jobmock.coverage import Cell, Coverage
from jobmock.coverage.reports import FORMATS as FORMATS_OF_COVERAGE
from jobmock.etiquette import Verdict

from .runs import NOTHING, STORY, finding, runs, sample_run

HOSTILE = 'a|b"<c>```</details>\r\n::error::x%25\x1b[31m\u2028\x00\ud800ä'
KEYS = (
    "lk_secret12345", "sk_orb_secret12345", "%6Ck_secret12345", "bGtfc2VjcmV0MTIzNDU2Nzg5",
    "bGt%66c2VjcmV0MTIzNDU2Nzg5",
)  # fmt: skip
"""One key as it is, of each API, then percent-encoded, in base64, and both."""


def shown(name: str, found: Sequence[RunReport]) -> str:
    """Return a report without colours."""
    return click.unstyle(FORMATS.render(found, name))


def test_text_of_one_run() -> None:
    """A run that passed is one line; one that failed has its exit code with the meaning, the story and the files."""
    times = "900.000 s of the mock's clock in 1.23 real s"
    assert shown("text", [sample_run()]) == (
        f"passed clado/slow + orbit/usual: exit code 0, {times}. The command ended with 0.\n"
    )
    first, *story, har, scenario = shown("text", [runs()[2]]).splitlines()
    assert first == f"failed clado/two-pages: exit code 1, {times}. The command ended with 0, and broke a rule."
    assert story == [f"  {line}" for line in STORY.splitlines()]
    assert (har, scenario) == ("  written: out/run-2.har", "  written: out/run-2.yaml")


def test_text_of_several_runs() -> None:
    """Several runs end with a table of all, after the stories of those that failed or broke a rule."""
    text = shown("text", runs())
    *_, heading, first, second, third, fourth, last = text.splitlines()
    rows = [re.split(" {2,}", line) for line in (heading, first, second, third, fourth)]
    assert rows == [
        ["Scenario", "Exit code", "Requests", "Findings", "Clock", "Real time", "Result"],
        ["clado/slow + orbit/usual", "0", "183", "0", "900.000 s", "1.23 s", "passed"],
        ["clado/busy", "0", "183", "1", "900.000 s", "1.23 s", "passed"],
        ["clado/two-pages", "1", "183", "2", "900.000 s", "1.23 s", "polled-after-end"],
        ["the default scenarios", "124", "0", "0", "900.000 s", "1.23 s", "timeout"],
    ]
    assert last == "4 runs: 2 passed, 2 failed."
    assert text.count("! polled-after-end") == 2
    assert "passed clado/slow + orbit/usual: " not in text


def test_json() -> None:
    """The JSON has a version, and every field of every run; findings have their API."""
    data = json.loads(FORMATS.render(runs(), "json"))
    assert (data["version"], data["jobmock"], len(data["runs"])) == (1, __version__, 4)
    assert data["runs"][2] == {
        "scenarios": ["clado/two-pages"], "command": "node client.mjs", "exit_code": 1,
        "meaning": "The command ended with 0, and broke a rule.", "requests": 183,
        "virtual_seconds": 900.0, "real_seconds": 1.234,
        "findings": [
            {"rule": rule, "severity": severity, "api": "orbit", "job": "3f2a", "exchanges": [182, 183],
             "evidence": "The job had ended at request 182", "remedy": "Stop at a status that ends a job."}
            for rule, severity in (("twice", "warning"), ("polled-after-end", "error"))
        ],
        "not_judged": {"clado": {}, "orbit": {"wrong-count": "It needs the value that the client's call returned."}},
        "story": STORY, "artifacts": ["out/run-2.har", "out/run-2.yaml"],
    }  # fmt: skip


@pytest.mark.parametrize("name", ["text", "json", "markdown", "html"])
def test_coverage_of_all_runs(name: str) -> None:
    """What the client met in all runs together is in the reports, if it was counted."""
    cells = Cell("clado", "start", "200"), Cell("clado", "endings", "gone")
    counted = [replace(sample_run(), coverage=Coverage({cell: 1})) for cell in cells]
    form = "text" if name == "html" else name
    expected = FORMATS_OF_COVERAGE.render(Coverage(dict.fromkeys(cells, 1)), form)
    if name == "json":
        assert json.loads(shown(name, counted))["coverage"].items() <= json.loads(expected).items()
        assert "coverage" not in json.loads(shown(name, runs()))
    elif name == "html":
        assert expected in checked(shown(name, counted)).text
    else:
        assert shown(name, counted).endswith(f"\n\n{expected}")


def test_junit() -> None:
    """JUnit's XML has a case for each run. Those with another exit code than 0 are failures with the story."""
    root = fromstring(FORMATS.render(runs(), "junit").encode())
    assert breaks(root) == []
    (suite,) = root
    assert [suite.get(name) for name in ("name", "tests", "failures", "time")] == ["jobmock run", "4", "2", "4.938"]
    assert [case.get("name") for case in suite] == [one.name for one in runs()]
    failures = [case.find("failure") for case in suite]
    assert [one is None for one in failures] == [True, True, False, False]
    assert [one.get("type") for one in failures if one is not None] == ["polled-after-end", "exit-code"]
    assert [one.text for one in failures if one is not None] == [STORY, "The command ran for longer than --timeout."]
    outputs = [case.findtext("system-out") or "" for case in suite]
    assert [text.count(STORY) for text in outputs] == [0, 1, 0, 0]
    assert "Command: node client.mjs\nExit code 1, 900.000 s " in outputs[2] and "Written: out/run-2.har" in outputs[2]


def test_github() -> None:
    """GitHub's annotations are one for each run that failed, with its meaning, and one for each finding."""
    remedy = "The job had ended at request 182. Stop at a status that ends a job."
    assert FORMATS.render(runs(), "github").splitlines() == [
        f"::warning title=clado/busy%3A no-back-off::clado: {remedy}",
        "::error title=clado/two-pages%3A exit code 1::The command ended with 0, and broke a rule.",
        f"::warning title=clado/two-pages%3A twice::orbit: {remedy}",
        f"::error title=clado/two-pages%3A polled-after-end::orbit: {remedy}",
        "::error title=the default scenarios%3A exit code 124::The command ran for longer than --timeout.",
    ]
    assert FORMATS.render([sample_run()], "github") == ""


def test_markdown() -> None:
    """The Markdown has a row for each run, and a folded block for each that failed or broke a rule."""
    text = FORMATS.render(runs(), "markdown")
    assert text.startswith("**4 runs: 2 passed, 2 failed.**\n\n| Result | Scenario |")
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {7} and len(table) == 6
    assert re.findall("<summary>(.*)</summary>", text) == [
        "clado/busy: passed, exit code 0", "clado/two-pages: failed, exit code 1",
        "the default scenarios: failed, exit code 124",
    ]  # fmt: skip
    assert text.count(f"```text\n{STORY}\n```\n") == 2
    assert "Not judged of orbit: `wrong-count`.\n" in text and "Written: out/run-2.har\n" in text


def test_html(mock: Mock) -> None:
    """The page has a row for each run, and a part with its picture: those that failed are first, others are folded."""
    impatient(mock)
    failed, passed = runs()[2], replace(sample_run(), activities=[activity_of(mock)])
    page = checked(FORMATS.render([passed, failed], "html"))
    assert "2 runs: 1 passed, 1 failed." in page.text
    assert {"r0", "r1", "e4r0"} <= set(page.ids) and page.ids.index("r1") < page.ids.index("r0")
    assert "summary" in page.tags
    alone = checked(FORMATS.render([passed], "html"))
    assert "e4" in alone.ids and "retry-after-ignored" in alone.text


@pytest.mark.parametrize("name", FORMATS.names)
def test_markup_in_texts(name: str) -> None:
    """Line breaks, markup and escapes in any text break no format."""
    verdict = Verdict(findings=(finding(evidence=HOSTILE, job=HOSTILE),), not_judged={})
    every = dict.fromkeys(("command", "meaning", "result", "story"), HOSTILE)
    one = sample_run(scenarios=(HOSTILE,), exit_code=1, verdicts={"clado": verdict}, artifacts=(HOSTILE,), **every)
    text = FORMATS.render([one, sample_run()], name)
    assert text.encode("utf-8")
    if name == "junit":
        assert breaks(fromstring(text.encode())) == []
    elif name == "json":
        assert json.loads(text)["runs"][0]["story"] == HOSTILE.replace("\ud800", "\\ud800")
    else:
        assert "\x1b[31m" not in text.replace("\x1b[31mfailed", "") and "\x00" not in text
    if name == "github":
        assert text.count("\n") == 2 and text.count("\n::error title=") == 1
    if name == "html":
        assert {"c"}.isdisjoint(checked(text).tags)
    if name == "markdown":
        outside = re.sub(r"(?s)(`{4,})text\n.*?\n\1\n", "", text)
        assert outside.count("</details>") == outside.count("<details>") == 1


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("name", FORMATS.names)
def test_no_key(name: str, key: str) -> None:
    """No format has a key, whatever text it came in."""
    verdict = Verdict(findings=(finding(evidence=f"GET /a?key={key}", job=key),), not_judged={})
    one = sample_run(
        scenarios=(f"clado/{key}",), command=f"curl -H 'Authorization: Bearer {key}' --url=http://a/?k={key}",
        exit_code=1, meaning=f"It ended with {key}.", result=key, story=f"a\n  GET /x/{key} → 200\nb {key}\nlast line",
        verdicts={"clado": verdict}, artifacts=(f"out/{key}.har",),
    )  # fmt: skip
    text = FORMATS.render([one], name)
    assert "ecret" not in text and "Vjcm" not in text
    assert name == "github" or "last line" in text


def test_run_without_a_story() -> None:
    """Runs that failed before the first request, and no runs at all, have reports too."""
    for name in FORMATS.names:
        assert "127" in FORMATS.render([sample_run(exit_code=127, story="", verdicts={})], name)
        FORMATS.render([], name)
    assert shown("text", []).endswith("0 runs: 0 passed, 0 failed.\n")
    assert breaks(fromstring(FORMATS.render([], "junit").encode())) == []
    assert sample_run(verdicts={"clado": NOTHING}).has_more_to_say is False
