"""The action for GitHub: its steps serve, run and judge, on this machine as on a runner."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from tests.deploy.actions import Job
from tests.documents.reading import blocks, first_words
from tests.free_ports import free_port
from tests.support import HANGS, JOBS, STARTS, served

for tool in ("bash", "curl"):
    if not shutil.which(tool):
        pytest.skip(f"{tool} isn't installed.", allow_module_level=True)
TOKEN = "a-token"
KEY = {"Authorization": "Bearer lk_action"}
POLL = 'curl -s "$CLADO_BASE_URL/api/search/deep_research/$CLADO_JOB_ID" -H "Authorization: Bearer $CLADO_API_KEY"'


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    """A job on a runner, where jobmock is installed already. What it has started is ended."""
    commands = tmp_path / "jobmock" / "bin"
    commands.mkdir(parents=True)
    for name in ("jobmock", "python"):
        (commands / name).write_text(f'#!/bin/sh\nexec "{Path(sys.executable).with_name(name)}" "$@"\n')
        (commands / name).chmod(0o755)
    (commands.parent / "__init__.py").touch()  # the folder of a job may have a package of the same name
    yield Job(tmp_path, {"JOBMOCK_CONTROL_TOKEN": TOKEN})
    for ready in tmp_path.glob("jobmock-*.ready"):
        if line := ready.read_text():
            os.kill(json.loads(line)["pid"], signal.SIGKILL)


def is_running(pid: int) -> bool:
    """Return whether there is a process with this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_server_for_later_steps(job: Job) -> None:
    """`do: serve` leaves a server running, whose address is the output; `do: verdict` finds nothing wrong at first."""
    port = str(free_port())
    served = job.use(port=port, options="--time manual")
    assert served.returncode == 0, served.stderr
    assert job.output("url") == f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=job.output("url"), headers=KEY, trust_env=False) as http:
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


@pytest.mark.parametrize("options", ["--tls", "--control-port 0"])
def test_server_that_answers_elsewhere(job: Job, options: str) -> None:
    """The verdict finds the control calls of a server with TLS, on a port of their own, or on a port that was free."""
    assert job.use(port="0", options=options).returncode == 0
    assert job.output("url").startswith("https://" if options == "--tls" else "http://")
    httpx.get(f"{job.output('url')}/api/credits", headers=KEY, trust_env=False, verify=False).raise_for_status()
    judged = job.use(do="verdict", port="0", artifacts="traffic")
    assert judged.returncode == 0, judged.stderr
    assert (job.folder / "traffic" / "jobmock.har").exists()


def test_server_without_a_request(job: Job) -> None:
    """A server that no client has called fails the verdict: the tests may have called another address."""
    assert job.use(port="0").returncode == 0
    judged = job.use(do="verdict", port="0")
    assert (judged.returncode, judged.stderr) == (1, "No client has sent a request to the server.\n")


def test_server_that_cannot_start(job: Job) -> None:
    """A wrong option fails the step, which shows what the server says."""
    done = job.use(port=str(free_port()), options="--time tomorrow")
    assert done.returncode != 0
    assert "tomorrow" in done.stderr


def test_port_of_another_server(job: Job) -> None:
    """A port that another jobmock has fails the step: the steps after it would meet that server's options."""
    with served() as other:
        done = job.use(port=str(other.ready["port"]))
    assert done.returncode == 3
    assert "Address already in use" in done.stderr
    assert job.use(do="verdict", port=str(other.ready["port"])).returncode == 2


def test_server_that_is_never_ready(job: Job) -> None:
    """A server that says nothing fails the step, and is ended."""
    (job.folder / "jobmock" / "bin" / "jobmock").write_text(
        '#!/bin/sh\necho $$ > "$RUNNER_TEMP/pid"\nexec sleep 1000\n'
    )
    serve = job.step("Serve")
    serve["run"] = serve["run"].replace("seq 300", "seq 20")
    assert job.use().returncode == 3
    pid, end = int((job.folder / "pid").read_text()), time.monotonic() + HANGS
    while is_running(pid):
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("do", ["server", ""])
def test_unknown_input(job: Job, do: str) -> None:
    """A wrong `do` fails: without a step that runs, the job would be green."""
    done = job.use(do=do)
    assert done.returncode == 2
    assert f"'{do}'. Allowed: serve, verdict, run." in done.stderr


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
    text, _ = blocks("mockserver/README.md", "yaml", "In containers and in CI")
    used = [step for step in yaml.safe_load(text)["steps"] if "uses" in step]
    assert {name for step in used for name in step["with"]} <= set(job.action["inputs"])
    assert set(re.findall(r"outputs\.(\w+)", text)) == set(job.action["outputs"])
    assert first_words("mockserver/README.md", "In containers and in CI", 1) == [*job.action["inputs"]]


@pytest.mark.parametrize(("last", "code"), [("true", 0), ("false | true", 1), ("echo $NONE", 1), ("exit 7", 7)])
def test_exit_code_of_the_command(job: Job, last: str, code: int) -> None:
    """A command that fails, also in the middle of a pipe or by an unset variable, fails the step with its own code."""
    call = 'curl -s "$CLADO_BASE_URL/api/credits" -H "Authorization: Bearer $CLADO_API_KEY"'
    assert job.use(do="run", command=f"{call}; {last}").returncode == code
