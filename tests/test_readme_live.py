"""The README's chapter on the live API: its commands run against a server that plays it, its report is a real one."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.live.traffic import clado, exchange, person, status
from tests.support import JOBS, KEYS, Mock, Served, served
from tests.test_readme import ROOT, blocks, chapter, run

from jobmock.checking.exchange import to_line
from pytest_jobmock.mocks.traffic import Traffic

CHAPTER = chapter("Against the live API")
BODY = '{"query": "chemists in Graz"}'


@pytest.fixture(scope="module")
def live() -> Iterator[Served]:
    """A server that plays the real API, sixty times as fast."""
    with served("--speed", "60") as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, mock: Mock) -> Path:
    """A folder with everything that the commands name."""
    (tmp_path / "body.json").write_text(BODY)
    traffic = Traffic()
    mock.service.watchers.append(traffic.watch)
    mock.poll("clado", mock.start("clado"))
    traffic.write(tmp_path / "traffic.har", "http://mock")
    row = {
        "request": {"method": "GET", "uri": f"https://search.clado.ai{JOBS['clado']}/j", "body": None, "headers": {}},
        "response": {"status": {"code": 200}, "headers": {}, "body": {"string": json.dumps(status("pending"))}},
    }
    (tmp_path / "cassette.yaml").write_text(yaml.safe_dump({"version": 1, "interactions": [row]}))
    (tmp_path / "exchanges.jsonl").write_bytes(to_line(clado(status("pending"))))
    shutil.copytree(ROOT / "tests" / "data" / "bodies" / "orbit" / "status", tmp_path / "answers")
    return tmp_path


def to_live(command: str, live: Served) -> str:
    """Return a command that goes to the server which plays the real API."""
    return command.replace("--api clado", f"--api clado --url {live.url} --interval 0.05")


def test_live_commands(live: Served, folder: Path) -> None:
    """A job that exists is followed, another one is started, and its report is Markdown."""
    (script,) = [block for block in blocks("sh", CHAPTER) if "--job-id" in block]
    start = f"curl -s {live.url}{JOBS['clado']} -H 'Authorization: Bearer lk_your_own_key' -d '{BODY}'"
    job = f"JOB=$({start} | sed -E 's/.*\"job_id\":\"([^\"]+)\".*/\\1/')\n"
    assert "answers judged: 0 breaking" in run(job + to_live(script, live), folder)
    assert (folder / "report.md").read_text().startswith("**")


def test_recorded_commands(folder: Path) -> None:
    """Every form of recording is checked, a baseline written and read, and a diff of the schemas made."""
    (script,) = [block for block in blocks("sh", CHAPTER) if "traffic.har" in block]
    printed = run(script, folder)
    assert printed.startswith("4 answers judged: 0 breaking")
    assert (folder / "schemas.diff").read_text().startswith("# Nothing to change")


def test_report_is_a_real_one(tmp_path: Path) -> None:
    """The report in the README is what `jobmock check` prints of such a recording, to the letter."""
    people = [person(number, connections_count="500+") for number in range(2)]
    rows = [
        clado(status("pending", eta_seconds=1)), clado(status("searching"), number=1),
        clado(status("completed", results=people), number=2), exchange("/health", {}),
    ]  # fmt: skip
    (tmp_path / "exchanges.jsonl").write_bytes(b"".join(map(to_line, rows)))
    printed = run("jobmock check exchanges.jsonl --fail-on never", tmp_path)
    assert printed == blocks("text", CHAPTER)[0]


def test_nightly_job(live: Served, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CI job is YAML, takes its key from the secrets, and its command runs."""
    (text,) = blocks("yaml", CHAPTER)
    job = yaml.safe_load(text)["jobs"]["check"]
    assert job["env"] == {"CLADO_API_KEY": "${{ secrets.CLADO_API_KEY }}"}
    (command,) = [step["run"] for step in job["steps"] if "jobmock check" in step.get("run", "")]
    (folder / "known.json").write_text('{"version": 1, "accepted": []}')
    monkeypatch.setenv("CLADO_API_KEY", KEYS["clado"])
    assert run(to_live(command, live), folder) == ""


def test_every_format_and_class_is_named() -> None:
    """The chapter names each form of report and each class of violation."""
    from jobmock.checking.formats import NAMES
    from jobmock.checking.violation import KINDS

    assert [name for name in (*NAMES[1:], *KINDS) if not re.search(rf"\b{name}\b", CHAPTER)] == []
