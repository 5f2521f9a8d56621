"""Clients that are commands: they get the findings of the same client as a function, and are ended completely."""

from __future__ import annotations

import os
import select
import shutil
import sys
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from tests.strategies.command_clients import client
from tests.support import HANGS, part

from jobmock.errors import StartError, UsageError, VirtualTimeError
from jobmock.linux_processes import command_line, has_variable, processes
from jobmock.strategies.command_runner import CommandRunner, CommandTime
from jobmock.strategies.runner import Budget, ClientRunner
from jobmock.strategies.scripts import script_plan, scripts

HERE = Path(__file__).parent / "command_clients"
SYMBOLS = ("pending", "error", "429", "429-date", "503", "reset", "hang", "half-json")
BUDGET = Budget(requests=200, seconds=7_200)
PYTHON, NODE = (sys.executable, str(HERE / "client.py")), ("node", str(HERE / "client.mjs"))
TASKKILL = """#!/bin/sh
[ "$1 $2 $3" = "/f /t /pid" ] && kill -9 "-$4"
"""
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="node isn't installed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no virtual time.")
LANGUAGES = [pytest.param(PYTHON, id="python"), pytest.param(NODE, id="node", marks=needs_node)]
Findings = list[tuple[str, ...]]


def runner(command: Sequence[str], *, persistent: bool = False, time: CommandTime | None = None) -> CommandRunner:
    """Return the runner of a command in virtual time, unless another one is given."""
    time = time or CommandTime(timeout=HANGS)
    return CommandRunner(command, "clado", budget=BUDGET, time=time, persistent=persistent)


def played(of: CommandRunner | ClientRunner, all_scripts: Sequence[tuple[str, ...]]) -> Findings:
    """Return the findings of each script."""
    with of.open():
        return [tuple(of.run(script_plan("clado", script)).findings) for script in all_scripts]


@cache
def as_function(bug: str, all_scripts: tuple[tuple[str, ...], ...]) -> Findings:
    """Return the findings of the client as a function, of each script."""
    of = ClientRunner(lambda url, key, job: client.poll(url, key, job, bug), "clado", budget=BUDGET)
    return played(of, all_scripts)


def rules(findings: Findings) -> list[list[str]]:
    """Return the broken rules of each script."""
    return [[text.partition(" ")[0] for text in found] for found in findings]


@pytest.mark.parametrize("command", LANGUAGES)
@pytest.mark.parametrize("bug", ["", "hasty", "deaf", "quitter", "careless", "endless", "no-timeout"])
def test_same_findings_in_each_form(command: tuple[str, ...], bug: str) -> None:
    """A function, a command that runs once, and a persistent one get equal findings for every script, in all words."""
    if (bug, command) == ("no-timeout", NODE):
        pytest.skip("Node's fetch always has a timeout.")
    every = tuple(scripts("clado", SYMBOLS, 1))
    expected = as_function(bug, every)
    assert any(expected) is bool(bug)
    assert played(runner((*command, "persistent", bug), persistent=True), every) == expected
    if bug in ("", "hasty", "quitter"):  # to start a process for each script takes long
        assert played(runner((*command, "once", bug)), part(every, 4)) == part(expected, 4)


@pytest.mark.parametrize("command", LANGUAGES)
def test_one_process_for_many_scripts(command: tuple[str, ...]) -> None:
    """A persistent command keeps its clock and its key from script to script, and that changes no finding."""
    every = tuple(scripts("clado", ("pending", "429-date", "503"), 2))
    assert played(runner((*command, "persistent", "hasty"), persistent=True), every) == as_function("hasty", every)


@pytest.mark.parametrize("command", LANGUAGES)
def test_late_request(command: tuple[str, ...]) -> None:
    """A request about an earlier job breaks the protocol, isn't judged as one of the next job, and ends the process."""
    found = played(runner((*command, "persistent", "late"), persistent=True), [("pending",)] * 4)
    assert rules(found) == [[], ["protocol"], [], ["protocol"]]
    text = "protocol (error): The command sent 1 request about an earlier job after it had answered for that. Write one"
    assert found[1][0].startswith(text)


@needs_node
def test_leftover_timers_do_not_move_the_clock() -> None:
    """Between two jobs, and until the next job is read, the clock stands, whatever timers an earlier job has left."""
    with runner((*NODE, "persistent", "interval"), persistent=True).open() as of:
        journals = [of.run(script_plan("clado", ("pending",))).journal for _ in range(8)]
    times = [[exchange.at for exchange in journal] for journal in journals]
    assert all(after[0] == before[-1] for before, after in pairwise(times))
    assert all(last - first == 5_000_000_000 for first, last in times)


ANSWER = "import sys\nfor line in sys.stdin:\n"
WRONG = "doesn't speak the protocol of a persistent command: it "
LIMITS = {"neither": 0.5, "newline at": 2.0}
"""Seconds of the commands that wait until they are ended, by a part of the sentence."""
EXPECTED = 'Expected is one line of JSON with either "returned" or "raised".'


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        (f"{ANSWER} print('hello', flush=True)", f"{WRONG}wrote 'hello'. {EXPECTED}"),
        (f"{ANSWER} print('{{}}', flush=True)", f"{WRONG}wrote '{{}}'. {EXPECTED}"),
        (f"{ANSWER} print('{{\"raised\": 7}}', flush=True)", f"{WRONG}wrote '{{\"raised\": 7}}'. {EXPECTED}"),
        (f"{ANSWER} sys.exit('no')", f"{WRONG}ended before it answered. Its exit code is 1, and it wrote: no"),
        (f"{ANSWER} print('x', end=''); break", f"{WRONG}wrote 'x' without a newline, and ended. {EXPECTED}"),
        ("import time; time.sleep(60)", f"{WRONG}neither answered nor asked for its job."),
        (f"{ANSWER} print('.', end='', flush=True)", f"{WRONG}wrote output without a newline at its end."),
    ],
)
def test_no_protocol_at_all(program: str, sentence: str) -> None:
    """A command whose first line is wrong, or that writes none, can't be used, and the message says why."""
    seconds = next((least for part, least in LIMITS.items() if part in sentence), HANGS)
    of = runner((sys.executable, "-c", program), persistent=True, time=CommandTime(timeout=seconds))
    with pytest.raises(UsageError) as error:
        played(of, [()])
    assert str(error.value) == f"The command {sys.executable!r} {sentence}"


GOOD = """
import json, sys
sys.path.insert(0, {here!r})
import client
for number, line in enumerate(sys.stdin):
    given = json.loads(line)
    job = client.job_in(given)
    if number:
        client.ask(*job, "")
        {then}
    client.say(json.dumps({{"returned": client.poll(*job)}}))
"""


@pytest.mark.parametrize(
    ("then", "sentence"),
    [
        ("client.say('hello')", "wrote 'hello'. Expected"),
        ("sys.exit('no')", "ended before it answered. Its exit code is 1, and it wrote: no Write one line"),
        ("sys.stdout.write('x'); break", "wrote 'x' without a newline, and ended. Expected"),
        ("client.say('{\"returned\": 1}\\n[2]'); continue", "wrote '[2]' after its answer."),
    ],
)
def test_protocol_that_is_broken_later(then: str, sentence: str) -> None:
    """A command that has spoken the protocol and then breaks it has a finding, and is replaced for the next job."""
    program = GOOD.format(here=str(HERE), then=then)
    found = played(runner((sys.executable, "-c", program), persistent=True), [()] * 4)
    late = "after its answer" in sentence
    assert [bool("protocol" in one) for one in rules(found)] == [False, not late, late, not late]
    assert found[2 if late else 1][0].startswith(f"protocol (error): The command {sentence}")


def test_too_long_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that writes without end, and without a newline, is read to a limit and ended."""
    monkeypatch.setattr("jobmock.commands.line_protocol.MOST_BYTES", 3 << 20)
    endless = f"{ANSWER}\n while True: sys.stdout.write('x' * 65536)"
    with pytest.raises(UsageError, match=r"wrote more than 3 MiB without a newline\. Expected"):
        played(runner((sys.executable, "-c", endless), persistent=True), [()])


def test_process_that_ends_between_two_jobs() -> None:
    """A command may end after each answer: another process gets the next job, and nobody is blamed."""
    program = GOOD.format(here=str(HERE), then="pass").replace("enumerate(sys.stdin)", "[(0, sys.stdin.readline())]")
    assert played(runner((sys.executable, "-c", program), persistent=True), [("pending",)] * 4) == [()] * 4


@pytest.mark.usefixtures("quick_limits")
@pytest.mark.skipif(not shutil.which("curl"), reason="curl isn't installed")
@pytest.mark.parametrize("persistent", [False, True])
def test_command_outside_virtual_time(persistent: bool) -> None:
    """A process that virtual time doesn't reach ends the runs in words, and never in another mode by itself."""
    url = '$CLADO_BASE_URL/api/search/deep_research/x -H "Authorization: Bearer $CLADO_API_KEY"'
    command = ("sh", "-c", f"curl -s {url} >&2; sleep 60")
    with pytest.raises(VirtualTimeError, match=r"curl.* sends requests, but .* Or use --time scaled\.") as error:
        played(runner(command, persistent=persistent), [()])
    assert isinstance(error.value, StartError)


def test_scaled_time() -> None:
    """In scaled time, the command sleeps in real time, and both kinds of command are judged."""
    for persistent in (False, True):
        how = "persistent" if persistent else "once"
        time = CommandTime(mode="scaled", speed=1_000, timeout=HANGS)
        found = played(runner((*PYTHON, how, "careless"), persistent=persistent, time=time), [(), ("503",)])
        assert rules(found) == [[], ["error-as-result"]]


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    """Returns the processes that were started with a mark in their environment, without jobmock's own guards."""
    mark = f"{os.getpid()}"
    monkeypatch.setenv("JOBMOCK_TEST_MARK", mark)
    return lambda: [
        one.pid for one in processes()
        if has_variable(one.pid, "JOBMOCK_TEST_MARK", mark) and "commands.guard" not in (command_line(one.pid) or "")
    ]  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux shows the environment of processes.")
def test_several_at_once(marked: Callable[[], list[int]]) -> None:
    """Persistent processes at once get the findings of one, in the order of the scripts, and none is left behind."""
    every = tuple(scripts("clado", ("pending", "503", "429-date"), 2))
    of = runner((*PYTHON, "persistent", "careless"), persistent=True)
    with of.open(3):
        found = [tuple(run.findings) for run in of.run_all(script_plan("clado", script) for script in every)]
        assert 1 <= len(marked()) <= 3
    assert found == as_function("careless", every)
    assert marked() == []


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux shows the environment of processes.")
def test_processes_of_runs_that_fail(marked: Callable[[], list[int]]) -> None:
    """When a command can't be used, no other process begins, and none is left behind."""
    of = runner((sys.executable, "-c", f"{ANSWER} print('hello', flush=True)"), persistent=True)
    with pytest.raises(UsageError), of.open(2):
        list(of.run_all(script_plan("clado", ()) for _ in range(50)))
    assert marked() == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="The client is a shell that writes to a named pipe.")
@pytest.mark.parametrize("groups", [True, False], ids=["process groups", "taskkill"])
def test_what_it_started_is_ended_with_it(groups: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that takes too long is killed with its child processes, on every system."""
    if not groups:
        (tmp_path / "taskkill").write_text(TASKKILL)
        (tmp_path / "taskkill").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
        monkeypatch.delattr(os, "killpg")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        command = ("sh", "-c", f"(sleep 30; echo done) > '{pipe}' & wait")
        (found,) = played(runner(command, time=CommandTime(timeout=1)), [()])
        assert found[0].startswith("budget (error): the client was still running after 1 real seconds. ")
        assert select.select([reading], [], [], 20)[0] == [reading], "Its child still holds the pipe."
        assert os.read(reading, 1) == b"", "Its child came to its own end."
    finally:
        os.close(reading)
