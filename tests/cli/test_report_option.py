"""`jobmock check --report FORMAT[=FILE]`: several reports of one check, and the places that they can't go to."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from tests.checking.exchanges import clado, status
from tests.support import CommandResult, call
from tests.timelines.pages import checked as page_of

from jobmock.checking.exchange import to_line
from jobmock.checking.formats import FORMATS

SUMMARY = "2 answers judged: 1 breaking, 1 additive, 0 cosmetic.\n"
KEY = "lk_secret12345"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """JSON Lines with one breaking and one additive change."""
    path = tmp_path / "left.jsonl"
    path.write_bytes(to_line(clado(status("ranking"))) + to_line(clado(status("pending", eta=1))))
    return path


def test_several_reports_of_one_check(capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path) -> None:
    """Each `--report` writes its file, beside the usual report on stdout."""
    xml, data = tmp_path / "report.xml", tmp_path / "report.json"
    ran = call(capsys, "check", recording, "--report", f"junit={xml}", "--report", f"json={data}")
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith("breaking status-unknown: ") and ran.out.endswith(SUMMARY)
    assert len(fromstring(xml.read_text("utf-8")).findall(".//failure")) == 1
    assert len(json.loads(data.read_bytes())["violations"]) == 2


@pytest.mark.parametrize("form", FORMATS.names)
@pytest.mark.parametrize("way", ["{form}", "{form}=-", "{form}={file}"])
def test_each_format_is_that_of_the_option_format(
    capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path, form: str, way: str
) -> None:
    """`--report X` and `--report X=-` print what `--format X` prints, and a file has the same text without colours."""
    file = tmp_path / "report"
    expected = call(capsys, "check", recording, "--format", form)
    ran = call(capsys, "check", recording, "--report", way.format(form=form, file=file))
    if "file" not in way:
        assert ran == expected
    else:
        assert (ran.code, file.read_text("utf-8")) == (expected.code, expected.out)


def test_the_page_has_the_recorded_jobs(
    capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path
) -> None:  # fmt: skip
    """`--report html=FILE` writes a page with the jobs of the recording over time."""
    file = tmp_path / "report.html"
    call(capsys, "check", recording, "--report", f"html={file}")
    shown = page_of(file.read_text("utf-8"))
    assert "figure" in shown.tags and "job-1" in shown.text and "ranking" in shown.text


def test_format_and_output_stay(capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path) -> None:
    """With `--format` and `--output`, `--report` adds a report, which may take stdout."""
    xml, text = tmp_path / "a.xml", tmp_path / "a.txt"
    ran = call(capsys, "check", recording, "--format", "junit", "--output", xml, "--report", "markdown")
    assert (ran.code, ran.err, ran.out[:2]) == (1, "", "**")
    assert fromstring(xml.read_text("utf-8")).tag == "testsuites"
    ran = call(capsys, "check", recording, "--output", text, "--report", f"junit={xml}")
    assert (ran.code, ran.err, ran.out) == (1, SUMMARY, "")
    assert text.read_text("utf-8").endswith(SUMMARY)


def refused(capsys: pytest.CaptureFixture[str], *args: object) -> str:
    """Return the one line with which a check is refused, before it reads anything."""
    ran: CommandResult = call(capsys, "check", "there-is-no-such.har", *args)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("jobmock: ") and ran.err.count("\n") == 1
    return ran.err.removeprefix("jobmock: ").rstrip("\n")


@pytest.mark.parametrize(
    ("reports", "said"),
    [(["jnit"], "There is no report 'jnit'. Formats: text, json, junit, sarif, github, markdown, html. "
                "Did you mean 'junit'?"),
     (["=a"], "There is no report ''. Formats: text, json, junit, sarif, github, markdown, html."),
     (["json="], "The report 'json=' names no file. Expected: json=FILE, or json alone."),
     (["json", "text=-"], "Two reports would go to stdout: json and text. Expected: one."),
     (["json=a", "junit=b/../a"], "Two reports would go to b/../a: json and junit. Expected: one.")],
)  # fmt: skip
def test_wrong_reports(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reports: list[str], said: str
) -> None:
    """An unknown format, a missing file, and two reports in one place are refused in one sentence."""
    monkeypatch.chdir(tmp_path)
    assert refused(capsys, *(word for report in reports for word in ("--report", report))) == said
    assert list(tmp_path.iterdir()) == []


def test_two_reports_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """`--format` without `--output` has stdout, so a `--report` needs a file beside it."""
    said = refused(capsys, "--format", "junit", "--report", "json")
    assert said == "Two reports would go to stdout: junit and json. Expected: one."


def test_no_key_in_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence about a wrong report has no key."""
    assert "secret" not in refused(capsys, "--report", KEY) + refused(capsys, "--report", f"json={KEY}/a")


def test_places_that_can_not_be_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A folder, a missing folder, a file as a folder and a link to itself are refused before the check begins."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "link")
    said = {
        "": "Is a directory", "missing/a": "No such file or directory", "file/a": "Not a directory",
        "link": "Too many levels of symbolic links", "a" * 300: "File name too long",
    }  # fmt: skip
    for name, why in said.items():
        path = tmp_path / name
        for options in (("--report", f"json={path}"), ("--output", path)):
            assert refused(capsys, *options) == f"The report {path} can't be written: {why}."
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="The superuser may write everywhere.")
def test_folder_without_permission(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A folder that may not be written to is named before the check begins."""
    tmp_path.chmod(0o500)
    assert refused(capsys, "--report", f"json={tmp_path / 'a'}").endswith("can't be written: Permission denied.")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="This system has no /dev/full.")
def test_full_device(capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path) -> None:
    """A device that is full ends the check with one sentence, after all other reports are written."""
    last = tmp_path / "last.json"
    ran = call(capsys, "check", recording, "--report", "text=/dev/full", "--report", f"json={last}")
    assert (ran.code, ran.err) == (2, "jobmock: The report /dev/full can't be written: No space left on device.\n")
    assert ran.out.endswith(SUMMARY)
    assert json.loads(last.read_bytes())["judged"] == {"clado status": 2}


def test_links_and_devices(capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path) -> None:
    """A report goes through a link, also to a new file, and to a device; the link stays."""
    for name in ("new", "old"):
        (tmp_path / f"to-{name}").symlink_to(tmp_path / name)
    (tmp_path / "old").write_text("before")
    places = [f"json={tmp_path / 'to-new'}", f"junit={tmp_path / 'to-old'}", f"text={os.devnull}"]
    assert call(capsys, "check", recording, *(word for place in places for word in ("--report", place))).code == 1
    assert json.loads((tmp_path / "new").read_bytes())["judged"]
    assert (tmp_path / "old").read_text("utf-8").startswith('<?xml version="1.0" encoding="UTF-8"?>')
    assert (tmp_path / "to-new").is_symlink() and (tmp_path / "to-old").is_symlink()
    assert len(list(tmp_path.iterdir())) == 5


def test_reports_of_a_check_that_fails_midway(
    capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path
) -> None:
    """If a later file is broken, the reports have what was judged before it."""
    broken, report = tmp_path / "broken.har", tmp_path / "report.json"
    broken.write_text("{")
    ran = call(capsys, "check", recording, broken, "--report", f"json={report}")
    assert ran.code == 2 and "broken.har" in ran.err
    assert json.loads(report.read_bytes())["judged"] == {"clado status": 2}
