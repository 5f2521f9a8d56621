"""The commands that need a real API run against a server that plays it; the reports and CI jobs are real ones."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.api_facts import OWN
from tests.checking.exchanges import clado, exchange, person, status
from tests.documents.reading import ROOT, blocks, chapter
from tests.documents.running import on_free_ports, run
from tests.support import JOBS, KEYS, Mock, Served, served

from jobmock.checking.exchange import to_line
from jobmock.client_reports.traffic import Traffic
from jobmock.contract.body_validation import violations

PAGE = "schemas/README.md"
BODIES = [json.loads(block) for block in blocks(PAGE, "json")]


@pytest.fixture(scope="module")
def live() -> Iterator[Served]:
    """A server that plays the real API, sixty times as fast."""
    with served("--speed", "60") as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, mock: Mock) -> Path:
    """A folder with every file that the commands name."""
    (tmp_path / "body.json").write_text(json.dumps(BODIES[0]))
    traffic = Traffic(mock.service.namespaces)
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


@pytest.mark.parametrize(("page", "title"), [("README.md", "One minute: the live APIs"), (PAGE, "A live job")])
def test_live_job(page: str, title: str, live: Served, folder: Path) -> None:
    """A job that exists is followed, another one is started, and its report is Markdown."""
    (script,) = blocks(page, "sh", title)
    start = f"curl -s {live.url}{JOBS['clado']} -H 'Authorization: Bearer lk_your_own_key' -d @body.json"
    job = f'JOB=$({start} | sed -E \'s/.*"job_id":"([^"]+)".*/\\1/\')\n'
    assert "answers judged: 0 breaking" in run(job + to_live(script, live), folder)
    assert (folder / "report.md").read_text().startswith("**")


def test_recorded_traffic(folder: Path) -> None:
    """Every form of recording is checked, a baseline written and read, and a diff of the schemas made."""
    (script,) = blocks(PAGE, "sh", "A recording")
    assert run(script, folder).startswith("4 answers judged: 0 breaking")
    assert (folder / "schemas.diff").read_text().startswith("# Nothing to change")


def test_report_is_a_real_one(tmp_path: Path) -> None:
    """The report on the page is what `jobmock check` prints of such a recording, to the letter."""
    people = [person(number, connections_count="500+") for number in range(2)]
    rows = [
        clado(status("pending", eta_seconds=1)), clado(status("searching"), number=1),
        clado(status("completed", results=people), number=2), exchange("/health", {}),
    ]  # fmt: skip
    (tmp_path / "exchanges.jsonl").write_bytes(b"".join(map(to_line, rows)))
    assert run("jobmock check exchanges.jsonl --fail-on never", tmp_path) == blocks(PAGE, "text")[0]


def test_from_the_first_run_to_every_night(live: Served, folder: Path) -> None:
    """The commands of the first run make a baseline, and the nightly job's command runs with it.

    The job is YAML, takes its key from the secrets, and writes a summary.
    """
    title = "From the first run to every night"
    first, accept = blocks(PAGE, "sh", title)
    assert "answers judged: 0 breaking" in run(to_live(first, live), folder)
    run(to_live(accept, live), folder, {"CLADO_API_KEY": KEYS["clado"]})
    assert json.loads((folder / "known.json").read_text())["accepted"] == []
    (text,) = blocks(PAGE, "yaml", title)
    job = yaml.safe_load(text)["jobs"]["check"]
    assert job["env"] == {"CLADO_API_KEY": "${{ secrets.CLADO_API_KEY }}"}
    (command,) = [step["run"] for step in job["steps"] if "jobmock check" in step.get("run", "")]
    env = {"CLADO_API_KEY": KEYS["clado"], "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    assert run(to_live(command, live), folder, env) == ""
    assert (folder / "summary.md").read_text().startswith("**")


def test_jobs_in_several_files(folder: Path) -> None:
    """The answers about one job in two files are compared with each other."""
    (script,) = blocks(PAGE, "sh", "Jobs in several files")
    shutil.copy(folder / "exchanges.jsonl", folder / "more.jsonl")
    assert "2 answers judged: 0 breaking" in run(script, folder)


def test_merged_reports(folder: Path) -> None:
    """The reports of two checks become one."""
    (script,) = blocks(PAGE, "sh", "Reports of several machines")
    shutil.copy(folder / "exchanges.jsonl", folder / "more.jsonl")
    assert run(script, folder).startswith("2 answers judged: 0 breaking")


def test_job_of_ci(tmp_path: Path) -> None:
    """The README's job for CI is YAML, and its test command runs and writes the artifacts that are uploaded."""
    job = yaml.safe_load(blocks("README.md", "yaml", "One minute: CI")[0])["jobs"]["tests"]
    (command,) = [step["run"] for step in job["steps"] if "pytest" in step.get("run", "")]
    test = "def test_it(clado_mock):\n    import httpx\n    assert not httpx.get(clado_mock.url)\n"
    (tmp_path / "test_it.py").write_text(test)
    assert "1 failed" in run(f"{command} -p no:cacheprovider -p no:schemathesis || test $? = 1", tmp_path)
    upload = next(step for step in job["steps"] if "upload-artifact" in step.get("uses", ""))
    assert list((tmp_path / upload["with"]["path"]).glob("*.har"))


def test_bodies_of_start_are_valid() -> None:
    """Each body.json on the page is a body that the API's start accepts."""
    for api, body in zip(OWN, BODIES, strict=True):
        assert not violations(f"{api}/start-request.json", body)


def test_recording_is_played_back(tmp_path: Path) -> None:
    """The commands record a job of a server that stands for the live API, and play it; the key is in no file."""
    record, play = blocks(PAGE, "sh", "Recording a scenario")
    script = "trap 'kill $(jobs -p) || true' EXIT\njobmock serve --port 8087 --speed 60 2> live.log > /dev/null &\n"
    script += "curl -s --retry 60 --retry-connrefused --retry-delay 1 http://127.0.0.1:8087/__jobmock/ready\n"
    script += f"{record}curl -s http://127.0.0.1:8087/__jobmock/findings\necho '# next'\n{play}"
    script = script.replace("https://search.clado.ai", "http://127.0.0.1:8087").replace("sleep 5", "sleep 0.1")
    recorded, played = run(on_free_ports(script), tmp_path, {"CLADO_API_KEY": "lk_secret"}).split("# next")
    assert '"event": "ready"' in recorded and '"findings":[]' in recorded
    assert re.search(r"1\. +pending .*\n +2\. +searching .*\n +3\. +processing .*\n +4\. +completed +for ever", played)
    assert '"status":"pending"' in played
    assert "lk_secret" not in "".join(path.read_text() for path in (tmp_path / "recorded").iterdir())
    assert len((tmp_path / "recorded.jsonl").read_text().splitlines()) == 9


def test_file_becomes_a_scenario(folder: Path) -> None:
    """The commands make a scenario of a HAR file of jobmock's own, show it, and serve it."""
    (script,) = blocks(PAGE, "sh", "From a file to a scenario")
    poll = f"curl -s --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:8090{JOBS['clado']}"
    start = f"{poll} -H 'Authorization: Bearer lk_me' -d '{{\"query\": \"chemists in Graz\"}}'"
    printed = run(on_free_ports(f"trap 'kill $(jobs -p) || true' EXIT\n{script}{start}"), folder)
    assert "incident/job-1.yaml: A recorded job - pending. 2 exchanges." in printed
    assert "1.  pending" in printed
    assert '"status":"pending"' in printed


def test_every_format_and_class_is_named() -> None:
    """The chapter names each form of report and each class of violation."""
    from jobmock.checking.formats import FORMATS
    from jobmock.checking.violation import KINDS

    assert [name for name in (*FORMATS.names, *KINDS) if not re.search(rf"\b{name}\b", chapter(PAGE, "Check"))] == []
