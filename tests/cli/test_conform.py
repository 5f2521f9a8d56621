"""`jobmock conform`: the scorecard of a client, its exit code, its reports, and wrong arguments."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.support import call

CLIENT = """
import time
import httpx

def conform(task):
    with httpx.Client(base_url=task.url, headers={"Authorization": f"Bearer {task.api_key}"}) as http:
        end = time.monotonic() + task.deadline
        while time.monotonic() < end:
            body = http.get(f"/api/search/deep_research/{task.job_id}").raise_for_status().json()
            if body["status"] == "completed":
                return body
            if body["status"] in ("error", "cancelled"):
                raise RuntimeError(body["status"])
            time.sleep(5)
    raise TimeoutError

def too_trusting(task):
    with httpx.Client(base_url=task.url, headers={"Authorization": f"Bearer {task.api_key}"}) as http:
        return http.get(f"/api/search/deep_research/{task.job_id}").json()
"""
ENDINGS = ("conform", "--api", "clado", "--group", "endings", "--capability", "poll")


@pytest.fixture(autouse=True)
def _where_the_client_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "conform_client", raising=False)
    Path("conform_client.py").write_text(CLIENT)


def test_a_client_that_conforms(capsys: pytest.CaptureFixture[str]) -> None:
    """A client that passes all that it can do has exit code 0; what it can't do is listed as not supported."""
    code, out, _ = call(capsys, *ENDINGS, "--client", "conform_client:conform")
    assert code == 0
    assert "The client conforms in all that was judged: 9 of 9 cases passed (4 not supported)." in out
    assert "started-and-completed" in out


def test_a_client_that_does_not_conform(capsys: pytest.CaptureFixture[str]) -> None:
    """A failed case has its sentence, the evidence, the remedy, its requests, and the command that plays it alone."""
    code, out, _ = call(capsys, *ENDINGS, "--client", "conform_client:too_trusting")
    assert code == 1
    for words in (
        "failed processing (must): The client goes on polling", "! status: the call returned the status 'pending'",
        "200 pending", "jobmock conform --api clado --case processing --client conform_client:too_trusting",
        "The client doesn't conform",
    ):
        assert words in out


def test_reports_and_files(capsys: pytest.CaptureFixture[str]) -> None:
    """A report with a file goes there, and the text to stdout; one without a file takes the place of the text."""
    code, out, _ = call(capsys, *ENDINGS, "--client", "conform_client:conform", "--report", "json=card.json")
    assert code == 0
    assert json.loads(Path("card.json").read_text())["total"]["passed"] == 9
    assert "The client conforms" in out
    _, out, _ = call(capsys, *ENDINGS, "--client", "conform_client:conform", "--report", "json")
    assert json.loads(out)["exit_code"] == 0


def test_expected_failures(capsys: pytest.CaptureFixture[str]) -> None:
    """A listed failure is accepted; a listed case that passes fails the run."""
    case = ("conform", "--api", "clado", "--case", "one-503", "--client", "conform_client:conform")
    assert call(capsys, *case)[0] == 1
    entry = "- {case: one-503, reason: known, until: '2999-01-01'}\n"
    Path("known.yaml").write_text(entry)
    code, out, _ = call(capsys, *case, "--expected-failures", "known.yaml")
    assert (code, "1 failed as expected" in out) == (0, True)
    passing = ("conform", "--api", "clado", "--case", "completed", "--client", "conform_client:conform")
    assert call(capsys, *passing, "--expected-failures", "known.yaml")[0] == 0
    Path("known.yaml").write_text(entry.replace("one-503", "completed"))
    code, out, _ = call(capsys, *passing, "--expected-failures", "known.yaml")
    assert (code, "passed unexpectedly" in out) == (1, True)


def test_nothing_is_judged(capsys: pytest.CaptureFixture[str]) -> None:
    """A client that can do nothing of what is played has exit code 2, and no scorecard calls it good."""
    code, out, _ = call(capsys, "conform", "--api", "clado", "--group", "pages", "--capability", "poll", "--client",
                        "conform_client:conform")  # fmt: skip
    assert code == 2
    assert "No `must` case was judged" in out


def test_coverage(capsys: pytest.CaptureFixture[str]) -> None:
    """With `--coverage` the reports have what the client met of the API, and a cell that it hasn't met."""
    _, out, _ = call(capsys, *ENDINGS, "--client", "conform_client:conform", "--coverage", "--report", "json=card.json")
    found = json.loads(Path("card.json").read_text())["coverage"]
    assert 0 < found["apis"]["clado"]["met"] < found["apis"]["clado"]["all"]
    assert "scenario" in out


def test_list_and_explain(capsys: pytest.CaptureFixture[str]) -> None:
    """`--list` has a line for each case, and `--explain` says what is asked, played and expected."""
    code, out, _ = call(capsys, "conform", "--api", "orbit", "--list")
    assert code == 0
    assert "endings: A client stops at each end of a run" in out
    assert "  lost-start " in out
    code, out, _ = call(capsys, "conform", "--api", "clado", "--explain", "retry-after-503")
    assert code == 0
    assert call(capsys, "conform", "--api", "clado", "--explain", "poll-refused")[1].count("Action: poll") == 4
    for words in ("Action: poll", "no breach of retry-after-ignored", "Retry-After: 25 s", "basecamp"):
        assert words in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Give the client as a command after `--`"),
        (("--client", "conform_client:conform", "--", "client"), "Give the client as a command after `--`"),
        (("--client", "conform_client:none"), "There is no client 'conform_client:none'"),
        (("--client", "conform_client:conform", "--speed", "10"), "--client is played in virtual time"),
        (("--client", "conform_client:conform", "--jobs", "2"), "--client is played in virtual time"),
        (("--client", "conform_client:conform", "--capability", "pol"), "Did you mean 'poll'?"),
        (("--client", "conform_client:conform", "--capability", "profile"), "Allowed: poll, start, cancel, more"),
        (("--client", "conform_client:conform", "--group", "ending"), "Did you mean 'endings'?"),
        (("--client", "conform_client:conform", "--case", "complete"), "Did you mean 'completed'?"),
        (("--client", "conform_client:conform", "--report", "jsn"), "Did you mean 'json'?"),
        (("--explain", "complete"), "Did you mean 'completed'?"),
        (("--client", "conform_client:conform", "--expected-failures", "none.yaml"), "There is no such file"),
        (("--client", "conform_client:conform", "--suite", "none"), "is not a folder with cases"),
    ],
)
def test_wrong_arguments(arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each wrong argument is an error with exit code 2 that says what is allowed."""
    code, _, err = call(capsys, "conform", "--api", "clado", *arguments)
    assert code == 2
    assert words in err


def test_a_command_that_cannot_be_run(capsys: pytest.CaptureFixture[str]) -> None:
    """A command that isn't there is no failed case: the exit code is 3."""
    code, _, err = call(capsys, "conform", "--api", "clado", "--case", "completed", "--", "./none")
    assert code == 3
    assert "jobmock: The command './none' can't be found." in err
