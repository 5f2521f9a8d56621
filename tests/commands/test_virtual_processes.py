"""Virtual time in the processes of a command: what they are given, and how a run ends that can't go on."""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from tests.support import CommandResult

from jobmock import cli
from jobmock.commands import virtual_processes
from jobmock.preloads.environment import without_virtual_time

HERE = Path(__file__).parent
HANGS = """
version: 1
api: clado
summary: Hangs.
progression: [{status: pending}]
faults: [{when: {request: 1}, hang: true}]
"""
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="node isn't installed")
needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl isn't installed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no virtual time.")


def ran(capfd: pytest.CaptureFixture[str], *args: object) -> CommandResult:
    """Run `jobmock run ARGS` in this process; what the command prints is in the result too."""
    capfd.readouterr()
    code = cli.execute(["run", *map(str, args)])
    return CommandResult(code, *capfd.readouterr())


WAITS = (
    "The client waits without a time limit, and nothing is due any more: either an answer never comes, or the client"
    " doesn't read one to its end. It was ended."
)
WELL = "clado: clado/slow; 182 requests in 900 s; no findings in its requests\n"


@needs_node
def test_time_of_a_client_in_another_process(capfd: pytest.CaptureFixture[str]) -> None:
    """A job of fifteen minutes takes the client's own clock exactly so long, in 181 polls, without a finding."""
    done = ran(capfd, "--scenario", "clado/slow", "--", "node", HERE / "poller.mjs")
    assert done == (0, "181 polls in 900 s\n", WELL)


def test_time_of_a_python_client_in_another_process(capfd: pytest.CaptureFixture[str]) -> None:
    """The same holds for a client in Python, without a change of it."""
    done = ran(capfd, "--scenario", "clado/slow", "--", sys.executable, HERE / "timed_poller.py")
    assert done == (0, "181 polls in 900 s\n", WELL)


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux reports which process has a connection.")
@pytest.mark.usefixtures("quick_limits")
@pytest.mark.parametrize(("options", "named"), [("-I", "-I"), ("-E", "-E"), ("-uS", "-S"), ("-W ignore -I", None)])
def test_python_that_loads_no_preload(options: str, named: str | None, capfd: pytest.CaptureFixture[str]) -> None:
    """The sentence names the option of Python, where the command shows it, and what to do."""
    done = ran(capfd, "--", sys.executable, *options.split(), HERE / "timed_poller.py")
    reason = f"Python under {named} doesn't load what brings it into virtual time: leave {named} out."
    expected = reason if named else "virtual time reaches only Node and CPython."
    first, *_ = done.err.splitlines()
    assert (done.code, done.out) == (3, "")
    assert first.endswith(f"sends requests, but {expected} Or use --time scaled.")


ASKS_FOR_FINDINGS = """
import json, os, urllib.request

def call(path):
    headers = {"Authorization": "Bearer " + os.environ["CLADO_API_KEY"]}
    with urllib.request.urlopen(urllib.request.Request(os.environ["CLADO_BASE_URL"] + path, headers=headers)) as answer:
        return json.load(answer)

for _ in range(12):
    call("/api/search/deep_research/" + os.environ["CLADO_JOB_ID"])
print(*[one["rule"] for one in call("/__jobmock/findings")["findings"]])
"""


def test_findings_that_the_client_asks_for(capfd: pytest.CaptureFixture[str]) -> None:
    """`GET findings` judges a client in virtual time, as the verdict does: polls without a pause count."""
    done = ran(capfd, "--with-job", "--scenario", "clado/slow", "--", sys.executable, "-c", ASKS_FOR_FINDINGS)
    assert (done.code, done.out) == (1, "polled-too-fast\n"), done.err


@needs_node
def test_runs_at_once_have_clocks_of_their_own(capfd: pytest.CaptureFixture[str]) -> None:
    """Two runs at once don't wait for each other's time."""
    scenarios = ("--scenario", "clado/slow", "--scenario", "clado/usual")
    done = ran(capfd, *scenarios, "--jobs", 2, "--", "node", HERE / "poller.mjs")
    assert sorted(done.out.splitlines()) == ["181 polls in 900 s", "7 polls in 30 s"]
    assert done.code == 0, done.err


@needs_node
def test_deadline_of_the_clients_clock(capfd: pytest.CaptureFixture[str]) -> None:
    """A client that would poll for ever is ended at the deadline, with 1, and its requests are judged."""
    done = ran(capfd, "--scenario", "clado/stuck", "--deadline", 100, "--", "node", HERE / "poller.mjs")
    sentence, story, *_ = done.err.splitlines()
    assert (done.code, done.out) == (1, "")
    ended = "The client still ran after 100 seconds of its clock (--deadline), and was ended."
    assert sentence == f"{ended} It had sent 21 requests."
    assert story == "clado: clado/stuck; 21 requests in 100 s"


@needs_node
@pytest.mark.parametrize(
    ("flags", "ended"),
    [
        ((), "The client polls without a deadline of its own. It was ended after 26 requests in 86400 seconds of its"),
        (("--rules", "no-deadline=warning"), "The client still ran after 90000 seconds"),
        (("--etiquette", "warning"), "The client still ran after 90000 seconds"),
    ],
    ids=("error", "a warning", "nothing fails"),
)
def test_client_without_a_deadline(capfd: pytest.CaptureFixture[str], flags: tuple[str, ...], ended: str) -> None:
    """It is ended as soon as it breaks the rule about that, if that rule fails the run; else it goes on."""
    flags = ("--scenario", "clado/stuck", "--deadline", "90000", *flags)
    done = ran(capfd, *flags, "--", "node", HERE / "poller.mjs", 3600)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(ended) and "! no-deadline (" in done.err


@needs_node
@pytest.mark.usefixtures("quick_limits")
def test_client_that_never_reads_a_body(capfd: pytest.CaptureFixture[str]) -> None:
    """A client that waits for the end of a body that it doesn't read is said to be one, and not to lack an answer."""
    script = """
const { CLADO_BASE_URL: base, CLADO_API_KEY: key, CLADO_JOB_ID: job } = process.env;
const headers = { authorization: `Bearer ${key}` };
const request = require("http").get(`${base}/api/search/deep_research/${job}`, { headers });
request.on("response", (response) => response.once("end", () => console.log("end")));
"""
    done = ran(capfd, "--with-job", "--", "node", "-e", script)
    assert (done.code, done.out, done.err.splitlines()[0]) == (1, "", WAITS)


@needs_node
@pytest.mark.usefixtures("quick_limits")
def test_client_that_waits_without_end(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """A client without a timeout is ended when no answer can come any more, with 1. The server's tasks end too."""
    (tmp_path / "hangs.yaml").write_text(HANGS)
    done = ran(capfd, "--with-job", "--scenario", tmp_path / "hangs.yaml", "--", "node", HERE / "hanging.mjs")
    sentence, story, *_ = done.err.splitlines()
    assert (done.code, done.out) == (1, "")
    assert sentence == WAITS
    assert re.match(r"clado: hangs\.yaml; 1 request in \d s$", story)
    gc.collect()  # asyncio complains then about tasks that never ended
    assert caplog.messages == []


def test_client_without_a_pause(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock never moves for it, so that neither a deadline nor its job's end comes: it is ended all the same."""
    monkeypatch.setattr(virtual_processes, "STANDSTILL_SECONDS", 0.2)
    monkeypatch.setattr(virtual_processes, "STANDSTILL_REQUESTS", 20)
    client = ("--scenario", "clado/slow", "--deadline", 100, "--", sys.executable, HERE / "poller.py", 0)
    done = ran(capfd, *client)
    assert (done.code, done.out) == (1, "")
    assert re.match(r"The client sent \d+ requests without any pause in 0\.2 real seconds, and was ended\.\n", done.err)
    assert "! polled-too-fast (error)" in done.err


@needs_curl
@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux reports which process has a connection.")
@pytest.mark.usefixtures("quick_limits")
def test_process_that_virtual_time_does_not_reach(capfd: pytest.CaptureFixture[str]) -> None:
    """Its first request ends the run with 3 and one sentence, which names it although it has ended since."""
    done = ran(capfd, "--", "sh", "-c", 'curl -s "$CLADO_BASE_URL/x?lk_secret" -o /dev/null; sleep 60')
    named = r"jobmock: Process \d+ \(curl -s http://127\.0\.0\.1:\d+/x\?lk_… -o /dev/null\) sends requests, "
    first, *_ = done.err.splitlines()
    assert (done.code, done.out) == (3, "")
    assert re.match(rf"{named}but virtual time reaches only Node and CPython\. Or use --time scaled\.$", first)


def test_what_a_process_is_given(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It finds the clock, a key, the mock's ports and hosts, and the preload behind the user's own options."""
    monkeypatch.setenv("NODE_OPTIONS", "--no-warnings")
    script = "import json, os; print(json.dumps(dict(os.environ)))"
    found = json.loads(ran(capfd, "--", sys.executable, "-c", script).out)
    port = found["CLADO_BASE_URL"].rpartition(":")[2]
    assert found["JOBMOCK_TIME_URL"] == f"{found['CLADO_BASE_URL']}/__jobmock/clock"
    assert found["JOBMOCK_TIME_KEY"] == found["CLADO_API_KEY"]
    assert found["JOBMOCK_TIME_PORTS"] == port
    assert found["JOBMOCK_TIME_START"].endswith("0" * 9) and found["JOBMOCK_TIME_NOW"] == "0"
    assert set(json.loads(found["JOBMOCK_HOSTS"]).values()) == {int(port)}
    assert found["PYTHONPATH"].endswith("/preloads/python")
    assert re.fullmatch(r'--no-warnings --require ".*/preloads/node/jobmock\.cjs"', found["NODE_OPTIONS"])


@needs_node
def test_no_network_for_a_client_that_ignores_the_proxy(capfd: pytest.CaptureFixture[str]) -> None:
    """With `--no-network` a connection of its own to another machine is refused before it is made."""
    script = 'require("net").connect(9, "192.0.2.1").on("error", ({ message }) => console.log(message))'
    done = ran(capfd, "--intercept", "--no-network", "--timeout", 20, "--", "node", "-e", script)
    assert done.out == "jobmock: no network: a connection to 192.0.2.1:9 was refused\n"


def test_other_modes_have_no_shared_clock(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in real time within a virtual one isn't in the time of the outer one."""
    monkeypatch.setenv("JOBMOCK_TIME_URL", "http://127.0.0.1:1/__jobmock/clock")
    done = ran(capfd, "--time", "real", "--", "sh", "-c", "echo ${JOBMOCK_TIME_URL:-none}")
    assert done.out == "none\n"
    assert without_virtual_time(dict(os.environ)).keys() == os.environ.keys() - {"JOBMOCK_TIME_URL"}


def test_windows_has_two_modes(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """There another mode ends with 3 before anything is run."""
    monkeypatch.setattr("jobmock.commands.run_mock.sys.platform", "win32")
    expected = (3, "", "jobmock: On Windows there is only --time real and --time scaled.\n")
    for mode in ("virtual", "manual", "skip-delays"):
        assert ran(capfd, "--time", mode, "--", "echo", "ran") == expected
