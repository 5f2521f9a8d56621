"""`jobmock exhaust` with callables in virtual time, with commands of any language, and with wrong arguments."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.support import HANGS, call

from jobmock.linux_processes import command_line, has_variable, processes

CLIENT = """
import sys, time
import httpx

def poll(url, api_key, job_id):
    with httpx.Client(headers={"Authorization": f"Bearer {api_key}"}) as client:
        while True:
            answer = client.get(f"{url}/api/search/deep_research/{job_id}")
            if answer.status_code == 200 and answer.json()["status"] in ("completed", "error", "cancelled"):
                return answer.json()
            time.sleep(int(answer.headers.get("retry-after", 5)))

def gives_up(url, api_key, job_id):
    raise RuntimeError("no")

def without(url):
    pass

NUMBER = 7
"""
COMMAND = """
import json, os, sys, time, urllib.request
url = f"{os.environ['CLADO_BASE_URL']}/api/search/deep_research/{os.environ['CLADO_JOB_ID']}"
request = urllib.request.Request(url, headers={"Authorization": f"Bearer {os.environ['CLADO_API_KEY']}"})
while True:
    with urllib.request.urlopen(request) as answer:
        body = json.load(answer)
    if body["status"] == "completed":
        break
    time.sleep(0.05)
print(json.dumps(body))
"""


@pytest.fixture(autouse=True)
def _where_the_client_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    Path("exhausted_client.py").write_text(CLIENT)
    Path("command.py").write_text(COMMAND)
    Path("broken_client.py").write_text("raise RuntimeError('no')")


@pytest.fixture(autouse=True)
def _module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "exhausted_client", raising=False)


def test_a_callable_that_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, the count, and a certificate on request."""
    arguments = ("--api", "clado", "--length", "2", "--alphabet", "pending,429")
    called = call(capsys, "exhaust", *arguments, "--client", "exhausted_client:poll", "--certificate", "it.json")
    told = "exhausted_client:poll: 7 scripts of up to 2 of 2 symbols (pending, 429); 0 left out.\n"
    assert called == (0, told, "")
    assert json.loads(Path("it.json").read_text())["client"] == "exhausted_client:poll"


def test_a_callable_that_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, each rule with its shortest script, and a scenario of it where asked for."""
    arguments = ("--api", "clado", "--length", "1", "--alphabet", "pending", "--save", "mine")
    called = call(capsys, "exhaust", *arguments, "--client", "exhausted_client:gives_up")
    assert called.code == 1
    told = "2 of them: nothing-asked (error): the client sent no request about its job with its key; it raised Runtime"
    assert told in called.out
    (path,) = Path("mine/regressions/clado").glob("exhausted_client-gives_up-*.yaml")
    assert f"Saved as {path}." in called.out


def test_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    """A process finds its job in the environment; its exit code and what it prints are its outcome."""
    arguments = ("--api", "clado", "--length", "1", "--alphabet", "pending,503")
    called = call(capsys, "exhaust", *arguments, "--", sys.executable, "command.py")
    assert called.code == 1
    assert "3 scripts of up to 1 of 2 symbols" in called.out
    assert "1 of them: gave-up-early (error): the call raised after request 1 was answered 503" in called.out


@pytest.mark.parametrize("client", [("--client", "exhausted_client:poll"), ("--", sys.executable, "command.py")])
def test_proxy_in_the_environment(
    client: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a callable's calls nor a command's go to a proxy that the environment names."""
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    arguments = ("--api", "clado", "--length", "1", "--alphabet", "pending")
    called = call(capsys, "exhaust", *arguments, *client)
    assert called.code == 0, called.out


PERSISTENT = """
import json, sys, subprocess, os
for line in sys.stdin:
    environment = {**os.environ, **json.loads(line)}
    done = subprocess.run([sys.executable, "command.py"], env=environment, stdout=subprocess.PIPE)
    print(json.dumps({"raised": "no"} if done.returncode else {"returned": json.loads(done.stdout)}), flush=True)
"""


def test_a_persistent_command(capsys: pytest.CaptureFixture[str]) -> None:
    """One process gets a line for each script, and is judged as the command that it runs for each."""
    Path("persistent.py").write_text(PERSISTENT)
    arguments = ("--api", "clado", "--length", "1", "--alphabet", "pending,503", "--persistent")
    called = call(capsys, "exhaust", *arguments, "--", sys.executable, "persistent.py")
    assert called.code == 1, called.err
    assert "1 of them: gave-up-early (error): the call raised after request 1 was answered 503" in called.out


@pytest.mark.usefixtures("quick_limits")
@pytest.mark.skipif(not shutil.which("curl"), reason="curl isn't installed")
def test_a_command_outside_virtual_time(capsys: pytest.CaptureFixture[str]) -> None:
    """It ends with 3 and a sentence that names scaled time, in which the same command is played."""
    url = "$CLADO_BASE_URL/api/search/deep_research/$CLADO_JOB_ID"
    script = f'curl -s "{url}" -H "Authorization: Bearer $CLADO_API_KEY"; sleep 1'
    arguments = ("--api", "clado", "--length", "1", "--alphabet", "completed")
    called = call(capsys, "exhaust", *arguments, "--", "sh", "-c", script)
    assert called.code == 3
    assert called.err.startswith("jobmock: Process ") and called.err.endswith("Or use --time scaled.\n")
    called = call(capsys, "exhaust", *arguments, "--speed", "10", "--", "sh", "-c", script)
    assert called.code == 0, called.out


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux shows the environment of processes.")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("options", [(), ("--persistent",)], ids=["once", "persistent"])
def test_a_signal(number: int, options: tuple[str, ...]) -> None:
    """It ends all processes of the command and then jobmock, with 130."""
    Path("waiting.py").write_text("import sys, time\nprint('begun', file=sys.stderr)\ntime.sleep(60)")
    mark = f"{os.getpid()}-{number}-{len(options)}"
    line = (sys.executable, "-m", "jobmock", "exhaust", "--api", "clado", *options, "--", sys.executable, "waiting.py")
    running = subprocess.Popen(line, env={**os.environ, "TEST_MARK": mark}, stderr=subprocess.PIPE, text=True)

    def marked() -> list[str]:
        return [command_line(one.pid) for one in processes() if has_variable(one.pid, "TEST_MARK", mark)]

    until = time.monotonic() + HANGS
    while not any(one.endswith(" waiting.py") and "jobmock" not in one for one in marked()):
        assert time.monotonic() < until
        time.sleep(0.05)
    running.send_signal(number)
    assert running.communicate(timeout=HANGS)[1].strip() == "jobmock: Interrupted."
    assert running.returncode == 130
    assert marked() == []


def test_a_command_that_does_not_end(capsys: pytest.CaptureFixture[str]) -> None:
    """A process past its real time is ended, and that is a finding."""
    Path("endless.py").write_text(COMMAND.replace("time.sleep(0.05)", "while True: pass"))
    arguments = ("--api", "clado", "--length", "1", "--alphabet", "error", "--timeout", "1")
    called = call(capsys, "exhaust", *arguments, "--", sys.executable, "endless.py")
    assert called.code == 1
    assert " of them: budget (error): the client was still running after 1 real seconds." in called.out


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ((), "Give the client as --client MODULE:NAME, or as a command after `--`."),
        (("--client", "exhausted_client:poll", "--", "true"), "Give the client as --client MODULE:NAME, or as"),
        (("--client", "exhausted_client"), "There is no client 'exhausted_client'"),
        (("--client", "exhausted_client:pol"), "There is no client 'exhausted_client:pol': module"),
        (("--client", "nobodys:poll"), "There is no client 'nobodys:poll': No module named 'nobodys'. Expected"),
        (("--client", "exhausted_client:NUMBER"), "The client 'exhausted_client:NUMBER' is 7, which can't be called."),
        (("--client", "exhausted_client:poll", "--alphabet", "pendign"), "Did you mean 'pending'?"),
        (("--client", "exhausted_client:poll", "--alphabet", ","), "--alphabet is ',', which has no symbol."),
        (("--client", "broken_client:poll"), "The module of 'broken_client:poll' can't be imported: RuntimeError: no."),
        (("--client", "exhausted_client:poll", "--certificate", "command.py/x"), "'command.py' can't be written to."),
        (("--client", "exhausted_client:poll", "--save", "command.py/x"), "'command.py/x' can't be written to."),
        (("--client", "exhausted_client:without"), "takes (url): "),
        (("--client", "exhausted_client:poll", "--persistent"), "--persistent, --time scaled and --speed are"),
        (("--client", "exhausted_client:poll", "--speed", "9"), "--persistent, --time scaled and --speed are"),
        (("--time", "virtual", "--speed", "9", "--", "true"), "--speed is for --time scaled alone, and --time is"),
        (("--persistent", "--", "true"), "doesn't speak the protocol of a persistent command: it ended before it"),
        (("--", "no-such-command"), "The command 'no-such-command' can't be found."),
    ],
)
def test_what_cannot_be_used(capsys: pytest.CaptureFixture[str], args: tuple[str, ...], text: str) -> None:
    """A wrong flag, client or command ends with 2 and says what is allowed; no traceback."""
    called = call(capsys, "exhaust", "--api", "clado", "--length", "1", *args)
    assert called.code == 2
    assert text in called.err
    assert "Traceback" not in called.err


def test_a_world_that_is_too_large(capsys: pytest.CaptureFixture[str]) -> None:
    """Too many scripts are refused, with their number."""
    called = call(capsys, "exhaust", "--api", "clado", "--length", "12", "--client", "exhausted_client:poll")
    assert called.code == 2
    assert "There are 16,148,168,401 scripts of up to 12 symbols. Allowed: 2,000,000 scripts." in called.err
