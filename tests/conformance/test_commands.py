"""A command as the client under test: what it is told, what becomes of its output, and how it may end."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from jobmock import apis
from jobmock.conformance.cases import ACTIONS, Case
from jobmock.conformance.clients.command_client import CommandClient
from jobmock.conformance.playing import play_cases
from jobmock.conformance.scorecard import CaseResult
from jobmock.conformance.suite import load_suite
from jobmock.errors import StartError

CASES = {case.id: case for case in load_suite("clado").cases}
EXAMPLES = Path(__file__).parents[1] / "examples" / "conformance"
POLL_ONCE = """
import os, urllib.request
url = f"{os.environ['CLADO_BASE_URL']}/api/search/deep_research/{os.environ.get('CLADO_JOB_ID', 'none')}"
head = {"Authorization": f"Bearer {os.environ['CLADO_API_KEY']}"}
try:
    urllib.request.urlopen(urllib.request.Request(url, headers=head)).read()
except OSError:
    pass
"""


def played(code: str, case: Case, *, time: str = "virtual", timeout: float = 30) -> CaseResult:
    """Return the result of a program in Python that has sent one poll."""
    command = [sys.executable, "-c", POLL_ONCE + code]
    client = CommandClient(command, apis.load("clado"), time=time, speed=100, timeout=timeout)
    (result,) = play_cases(client, [case], capabilities=ACTIONS)
    return result


def evidence(result: CaseResult) -> str:
    """Return the evidence of the only failure."""
    (failure,) = result.failures
    return failure.evidence


@pytest.mark.parametrize("action", ["poll", "start", "more", "credits"])
def test_what_a_command_is_told(tmp_path: Path, action: str) -> None:
    """The environment has the API, the action, and what belongs to it: a job only where there is one already."""
    case = next(case for case in CASES.values() if case.action == action)
    file = tmp_path / "seen"
    wanted = "{k: v for k, v in os.environ.items() if k.startswith(('JOBMOCK_', 'CLADO_'))}"
    played(f"import json; open({str(file)!r}, 'w').write(json.dumps({wanted}))", case)
    seen = json.loads(file.read_text())
    assert seen["JOBMOCK_API"] == "clado"
    assert seen["JOBMOCK_ACTION"] == action
    assert seen["JOBMOCK_DEADLINE"] == "3600"
    assert ("CLADO_JOB_ID" in seen) == case.has_job
    assert seen.get("JOBMOCK_LIMIT") == (None if case.limit is None else str(case.limit))
    assert {"JOBMOCK_QUERY", "CLADO_BASE_URL", "CLADO_API_KEY"} <= set(seen)
    assert "JOBMOCK_INTERVAL" not in seen


def test_what_a_command_is_told_in_scaled_time(tmp_path: Path) -> None:
    """In scaled time the interval, the timeout and the deadline are real seconds: a hundredth at a speed of 100."""
    file = tmp_path / "seen"
    written = f"import json; open({str(file)!r}, 'w').write(json.dumps(dict(os.environ)))"
    played(written, CASES["at-once"], time="scaled")
    seen = json.loads(file.read_text())
    told = {name: seen[f"JOBMOCK_{name}"] for name in ("INTERVAL", "TIMEOUT", "DEADLINE")}
    assert told == {"INTERVAL": "0.05", "TIMEOUT": "1", "DEADLINE": "36"}
    assert "JOBMOCK_TIME_URL" not in seen


def test_scaled_time_begins_with_the_first_request() -> None:
    """The start of a program takes no time on a scaled clock: its first request comes at 0."""
    result = played("print('{}')", CASES["at-once"], time="scaled")
    assert result.judgement is not None
    assert "1     +0.000 s  GET" in result.judgement.story


@pytest.mark.parametrize(
    ("code", "expected", "words"),
    [
        ("print('done')", "json", "printed no JSON value, but 'done'"),
        ("", "json", "printed no JSON value, but nothing"),
        ("import sys; [sys.stdout.write('x' * 1_000_000) for _ in range(100)]", "json", "printed 64 MiB or more"),
        ("raise SystemExit('no luck')", "returns", "failed: exit code 1: no luck"),
        ("raise SystemExit(7)", "returns", "failed: exit code 7: it wrote nothing to stderr"),
        ("import os; os.kill(os.getpid(), 9)", "returns", "failed: exit code 137 (SIGKILL)"),
        ("while True: pass", "stopped", "still ran after 2 real seconds"),
        ("import time; time.sleep(100_000)", "stopped", "still ran 7200 s after its deadline"),
    ],
)  # fmt: skip
def test_an_end_that_is_no_result(code: str, expected: str, words: str) -> None:
    """Whatever else a command does than to print one JSON value fails the case, in one sentence."""
    timeout = 2 if code.startswith("while") else 30
    result = played(code, CASES["at-once"], timeout=timeout)
    assert [failure.expected for failure in result.failures] == [expected]
    assert words in evidence(result)
    assert "\n" not in evidence(result)


def test_a_client_that_sends_too_many_requests_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that polls without an end is ended by the number of its requests."""
    monkeypatch.setattr("jobmock.conformance.clients.command_client.MOST_REQUESTS", 50)
    loop = "import time\nwhile True:\n    urllib.request.urlopen(urllib.request.Request(url, headers=head)).read()"
    result = played(f"{loop}\n    time.sleep(1)", CASES["stuck"])
    assert "more than 50 requests" in str(result.reason)


@pytest.mark.parametrize(
    ("command", "words"), [(["./no-such-command"], "can't be found"), ([str(EXAMPLES)], "can't be run")]
)
def test_a_command_that_cannot_be_run(command: list[str], words: str) -> None:
    """A command that can't be started is an error of the run, and no failed case."""
    client = CommandClient(command, apis.load("clado"), time="virtual", speed=100, timeout=5)
    with pytest.raises(StartError, match=words):
        play_cases(client, [CASES["at-once"]], capabilities=ACTIONS)


def test_a_command_that_virtual_time_cannot_reach() -> None:
    """A program that isn't in virtual time ends the run, and the message says to use scaled time."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("there is no curl")
    line = f'{curl} -s "$CLADO_BASE_URL/api/credits" -H "Authorization: Bearer $CLADO_API_KEY"; sleep 5'
    client = CommandClient(["sh", "-c", line], apis.load("clado"), time="virtual", speed=100, timeout=10)
    with pytest.raises(StartError, match="--time scaled"):
        play_cases(client, [CASES["credits"]], capabilities=ACTIONS)


def test_a_date_is_not_judged_in_scaled_time() -> None:
    """A case whose Retry-After is a date isn't played in scaled time, and says why."""
    result = played("print('{}')", CASES["retry-after-date"], time="scaled")
    assert (result.result, result.judgement) == ("not judged", None)
    assert "is a date" in str(result.reason)


@pytest.mark.parametrize(
    ("stderr", "shown"),
    [
        ("Traceback\\nValueError: one\\n\\nDuring it:\\n\\nRuntimeError: two\\n", "RuntimeError: two"),
        ("f.mjs:1\\nTypeError: fetch failed\\n    at x {\\n  [cause]: SocketError: no\\n}\\n\\nNode.js v20.1.0\\n",
         "TypeError: fetch failed"),
        ("no luck\\n", "no luck"),
    ],
)  # fmt: skip
def test_the_line_with_the_error_is_shown(stderr: str, shown: str) -> None:
    """Of a failed command's stderr, the line that names the error is shown, or its end if there is none."""
    result = played(f"import sys; sys.stderr.write('{stderr}'); sys.exit(1)", CASES["at-once"])
    assert evidence(result).endswith(f"failed: exit code 1: {shown}")
