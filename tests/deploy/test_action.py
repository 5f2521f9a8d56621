"""The action for GitHub: its steps serve, run and judge, on this machine as on a runner."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from tests.deploy.actions import Job
from tests.documents.reading import blocks, first_words
from tests.support import JOBS, STARTS, free_port

for tool in ("bash", "curl"):
    if not shutil.which(tool):
        pytest.skip(f"{tool} isn't installed.", allow_module_level=True)
TOKEN = "a-token"
POLL = 'curl -s "$CLADO_BASE_URL/api/search/deep_research/$CLADO_JOB_ID" -H "Authorization: Bearer $CLADO_API_KEY"'


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    """A job on a runner, where jobmock is installed already. What it has started is ended."""
    commands = tmp_path / "jobmock" / "bin"
    commands.mkdir(parents=True)
    for name in ("jobmock", "python"):
        (commands / name).symlink_to(Path(sys.executable).with_name(name))
    yield Job(tmp_path, {"JOBMOCK_CONTROL_TOKEN": TOKEN})
    ready = tmp_path / "jobmock.out"
    if ready.exists() and '"pid"' in ready.read_text():
        os.kill(int(ready.read_text().partition('"pid": ')[2].partition(",")[0]), signal.SIGKILL)


def test_server_for_later_steps(job: Job) -> None:
    """`do: serve` leaves a server running, whose address is the output; `do: verdict` finds nothing wrong at first."""
    port = str(free_port())
    served = job.use(port=port, options="--time manual")
    assert served.returncode == 0, served.stderr
    assert job.output("url") == f"http://127.0.0.1:{port}"
    key = {"Authorization": "Bearer lk_action"}
    with httpx.Client(base_url=job.output("url"), headers=key, trust_env=False) as http:
        id_ = http.post(JOBS["clado"], json=STARTS["clado"]).json()["job_id"]
        assert http.get("/__jobmock/clock", headers={"X-Jobmock-Token": TOKEN}).json()["mode"] == "manual"
        assert job.use(do="verdict", port=port).returncode == 0
        for _ in range(20):
            http.get(f"{JOBS['clado']}/{id_}")
    judged = job.use(do="verdict", port=port, artifacts="traffic")
    assert judged.returncode == 1
    assert "::error title=jobmock " in judged.stderr
    assert "```text\nclado-" in job.summary.read_text()
    assert '"entries"' in (job.folder / "traffic" / "jobmock.har").read_text()


def test_server_that_cannot_start(job: Job) -> None:
    """A wrong option fails the step, which shows what the server says."""
    done = job.use(port=str(free_port()), options="--time tomorrow")
    assert done.returncode != 0
    assert "tomorrow" in done.stderr


def test_command_is_judged(job: Job) -> None:
    """`do: run` runs a command: its verdict is the job's summary, its findings are annotations, its traffic is kept."""
    options = "--time scaled --speed 100 --with-job --scenario clado/usual"
    done = job.use(do="run", command=f"for poll in $(seq 40); do {POLL}; done", options=options, artifacts="traffic")
    assert done.returncode == 1
    assert "::error" in done.stderr
    assert "clado/usual" in job.summary.read_text()
    assert list((job.folder / "traffic").glob("*.har"))


def test_steps_of_the_page(job: Job) -> None:
    """The steps that the page shows give inputs and read outputs that the action has; its table has each input."""
    (text,) = blocks("mockserver/README.md", "yaml", "In containers and in CI")
    used = [step for step in yaml.safe_load(text)["steps"] if "uses" in step]
    assert {name for step in used for name in step["with"]} <= set(job.action["inputs"])
    assert set(re.findall(r"outputs\.(\w+)", text)) == set(job.action["outputs"])
    assert first_words("mockserver/README.md", "In containers and in CI", 1) == [*job.action["inputs"]]


def test_exit_code_of_the_command(job: Job) -> None:
    """A command that fails fails the step, also in the middle of a pipe."""
    assert job.use(do="run", command="false | true", options="--etiquette off").returncode != 0
