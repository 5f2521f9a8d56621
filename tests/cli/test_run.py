"""`jobmock run`: real commands against a real server; exit codes, what is printed, and what is written."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support import CommandResult
from tests.timelines.pages import checked

from jobmock import cli
from jobmock.linux_processes import has_variable, processes

POLLER = Path(__file__).parents[1] / "commands" / "poller.py"
POLLS = (sys.executable, str(POLLER), "0.05")
SCALED = ("--speed", 100)
MANY = "version: 1\napi: clado\nsummary: At once.\nprogression: [{status: completed}]\n"
Run = Callable[..., CommandResult]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="The commands are of a POSIX shell.")


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs `jobmock run ARGS` in this process; what the command prints is in the result too."""

    def ran(*args: object) -> CommandResult:
        capfd.readouterr()
        code = cli.execute(["run", *map(str, args)])
        return CommandResult(code, *capfd.readouterr())

    return ran


def sh(script: str) -> tuple[str, ...]:
    """Return a command that runs a shell script."""
    return "--", "sh", "-c", script


def printed_environment(done: CommandResult) -> dict[str, str]:
    """Return the environment that a command has printed as JSON."""
    found: dict[str, str] = json.loads(done.out)
    return found


BOTH = ("--scenario", "clado/at-once", "--scenario", "clado/nobody")
ENVIRONMENT = (sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))")


def test_a_good_client_passes(run: Run) -> None:
    """The client reaches both the mock and the streams; its verdict is a line on stderr, and the exit code is 0."""
    done = run(*SCALED, "--scenario", "clado/usual", "--", *POLLS)
    assert (done.code, done.out) == (0, "completed\n"), done.err
    assert re.fullmatch(r"clado: clado/usual; 8 requests in [\d.]+ s; no findings in its requests\n", done.err)


def test_a_finding_fails_the_run(run: Run) -> None:
    """A client that breaks a rule ends with 1 although it ended with 0, and stderr has the story with the remedy."""
    done = run(*SCALED, "--scenario", "clado/at-once", "--", *POLLS, 3)
    assert (done.code, done.out) == (1, "completed\n")
    assert "GET /api/search/deep_research/" in done.err
    assert "! polled-after-end (error): " in done.err
    for flags in (("--etiquette", "warning"), ("--rules", "polled-after-end=warning")):
        milder = run(*SCALED, "--scenario", "clado/at-once", *flags, "--", *POLLS, 3)
        assert milder.code == 0 and "! polled-after-end (" in milder.err
    for flags in (("--etiquette", "off"), ("--rules", "polled-after-end=off")):
        silent = run(*SCALED, "--scenario", "clado/at-once", *flags, "--", *POLLS, 3)
        assert silent.code == 0 and "!" not in silent.err


@pytest.mark.parametrize(
    ("script", "code"), [("exit 7", 7), ("exit 2", 2), ("kill -TERM $$", 143), ("kill -9 $$", 137), ("exit 0", 1)]
)
def test_exit_code_of_a_command(run: Run, script: str, code: int) -> None:
    """It is the command's own, 128 and the number of its signal, or 1 where it asked no API, which is said."""
    done = run("--time", "real", *sh(script))
    assert (done.code, done.out) == (code, "")
    ended = f"The command ended with exit code {code}.\n" if script != "exit 0" else ""
    assert done.err == f"{ended}sh asked no API: is its base URL taken from CLADO_BASE_URL or ORBIT_BASE_URL?\n"


def test_wrong_key(run: Run) -> None:
    """A client that no API accepts isn't one that did well: a run without any request with a key fails, in words."""
    script = """
import os, urllib.request
try:
    urllib.request.urlopen(os.environ["CLADO_BASE_URL"] + "/api/credits")
except OSError:
    pass
"""
    done = run("--time", "real", "--", sys.executable, "-c", script)
    said = "sent no request with a key that an API accepts: is its key taken from CLADO_API_KEY or ORBIT_API_KEY?"
    assert (done.code, done.err.splitlines()[0]) == (1, f"{sys.executable} {said}")


def test_unjudged(run: Run) -> None:
    """Where no rule judges the client, the verdict says so, and not that nothing was found."""
    done = run("--time", "real", "--etiquette", "off", "--", sys.executable, POLLER, 0.05)
    assert done.code == 0 and done.err.endswith("; not judged\n")


@pytest.mark.parametrize(
    ("flags", "command", "code", "said"),
    [
        ((), ("no-such-command",), 127, "jobmock: The command 'no-such-command' can't be found.\n"),
        ((), (str(POLLER),), 126, f"jobmock: The command '{POLLER}' can't be run: Permission denied.\n"),
        (("--timeout", 0.2), ("sleep", "60"), 124,
         "The command still ran after 0.2 real seconds (--timeout), and was ended.\n"),
        (("--deadline", 20, *SCALED), ("sleep", "60"), 1,
         "The client still ran after 20 seconds of its clock (--deadline), and was ended. It had sent 0 requests.\n"),
    ],
    ids=["not found", "not executable", "timeout", "deadline"],
)  # fmt: skip
def test_a_command_that_is_not_run_to_its_end(
    run: Run, flags: tuple[Any, ...], command: tuple[str, ...], code: int, said: str
) -> None:
    """A command that can't be started, or takes too long, has an exit code of its own and one sentence."""
    time = () if SCALED[0] in flags else ("--time", "real")
    assert run(*time, *flags, "--", *command) == (code, "", said)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "Give the command after `--`."),
        (("--tiem", "real", "--", "true"), "No such option '--tiem'. (Did you mean one of: '--time', "),
        (("--time", "manual", "--speed", 5, "--", "true"), "--speed is for --time scaled alone, and --time is manual."),
        (("--scenario", "clado/slwo", "--", "true"), "There is no scenario 'clado/slwo'. Did you mean 'clado/slow'?"),
        (("--scenario", "clado/slwo*", "--", "true"), "No scenario matches 'clado/slwo*'. Did you mean 'clado/slow'?"),
        (("--scenario", "orbit/two-pages*", "--", "true"), "No scenario matches 'orbit/two-pages*'. `jobmock"),
        (("--scenario", "clado/zzzz*", "--", "true"), "No scenario matches 'clado/zzzz*'. `jobmock list` shows"),
        (("--scenario", "pyproject.yaml", "--", "true"), "The run can't begin:\npyproject.yaml"),
        (("--env", "URL={clado.uri}", "--", "true"), "--env URL has {clado.uri}. Allowed: {clado.url}, {clado.key}, "
         "{orbit.url}, {orbit.key}, {control.url}. Did you mean 'clado.url'?"),
        (("--env", "JOB={orbit.job}", "--", "true"), "A job needs --with-job."),
        (("--env", 'JSON={"a": "{orbit.key}"}', "--", "true"),
         "--env JSON has a single '{'. Write '{{' and '}}' for braces that stand for themselves."),
        (("--env", "A=a}", "--", "true"), "--env A has a single '}'."),
        (("--env", "A={ }", "--", "true"), "--env A has { }. Allowed: "),
        (("--env", "=x", "--", "true"), "--env is '=x'. Expected: NAME=VALUE"),
        (("--rules", "none=off", "--", "true"), "--rules is 'none=off'. There is no rule 'none'."),
        (("--artifacts", POLLER / "x", "--", "true"), "can't be made: Not a directory."),
        (("--jobs", 2, "--port", 1, "--scenario", "clado/s*", "--", "true"), "--port gives all runs the same port"),
    ],
    ids=lambda value: None if isinstance(value, str) else " ".join(map(str, value[:-2])) or "no command",
)  # fmt: skip
def test_what_can_not_be_used(run: Run, args: tuple[object, ...], said: str) -> None:
    """A wrong option or scenario ends with 2 before anything is run; stderr begins with `jobmock:`."""
    done = run(*args)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("jobmock: ") and said in done.err


def test_a_port_in_use(run: Run, unused_listener: int) -> None:
    """A port that is taken ends with 3, in one sentence that begins with `jobmock:`."""
    done = run("--port", unused_listener, "--", "true")
    assert done == (3, "", f"jobmock: Can't listen on 127.0.0.1:{unused_listener}: Address already in use.\n")


@pytest.fixture
def unused_listener() -> Any:
    """A port on which something else listens."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_environment_of_the_command(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command finds the mock, its keys and jobs under fixed names and the user's own; proxies are off."""
    monkeypatch.setenv("NO_PROXY", "intranet")
    monkeypatch.setenv("CLADO_API_KEY", "lk_the_users_own")
    values = ("URL={clado.url}/api", "ID={clado.job}-{orbit.job}", 'JSON={{"a": "{orbit.key}"}}')
    own = [word for value in values for word in ("--env", value)]
    found = printed_environment(run("--time", "real", "--with-job", *own, "--", *ENVIRONMENT))
    url = found["CLADO_BASE_URL"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    assert found["ORBIT_BASE_URL"] == found["JOBMOCK_CONTROL_URL"] == url
    assert (found["CLADO_API_KEY"], found["ORBIT_API_KEY"]) == ("lk_jobmock", "sk_orb_jobmock")
    assert found["NO_PROXY"] == found["no_proxy"] == "intranet,127.0.0.1"
    assert found["URL"] == f"{url}/api"
    assert found["ID"] == f"{found['CLADO_JOB_ID']}-{found['ORBIT_JOB_ID']}"
    assert found["JSON"] == '{"a": "sk_orb_jobmock"}'
    without = printed_environment(run("--time", "real", "--", *ENVIRONMENT))
    assert not {"CLADO_JOB_ID", "ORBIT_JOB_ID"} & set(without)


def test_job_that_exists_already(run: Run) -> None:
    """With `--with-job` the client polls a job of its scenario without a start."""
    done = run(*SCALED, "--with-job", "--scenario", "clado/usual", "--", *POLLS)
    assert (done.code, done.out) == (0, "completed\n")
    assert "; 7 requests in" in done.err


@pytest.mark.parametrize("mode", ["real", "scaled", "skip-delays"])
def test_clock_runs_by_itself(run: Run, mode: str) -> None:
    """In these modes the clock moves while the client sleeps."""
    script = 'curl -s "$JOBMOCK_CONTROL_URL/__jobmock/clock" -H "Authorization: Bearer $CLADO_API_KEY"'
    first, second = map(json.loads, run("--time", mode, *sh(f"{script}; sleep 0.01; {script}")).out.splitlines())
    assert first["mode"] == mode and first["elapsed"] < second["elapsed"]


def test_manual_clock_is_moved_by_the_client(run: Run) -> None:
    """With `--time manual` control calls of the client alone move the clock, of both APIs at once."""
    calls = "$JOBMOCK_CONTROL_URL/__jobmock/clock"
    script = (
        f'curl -s "{calls}/advance" -o /dev/null -H "Authorization: Bearer $CLADO_API_KEY"'
        """ -H 'Content-Type: application/json' -d '{"seconds": 5}';"""
        f' curl -s "{calls}" -H "Authorization: Bearer $ORBIT_API_KEY"'
    )
    assert json.loads(run("--time", "manual", *sh(script)).out)["elapsed"] == 5


def test_deadline_of_a_clock_that_the_client_moves(run: Run) -> None:
    """The client is ended as soon as the clock has reached its deadline, and its requests until then are judged."""
    call = "curl -s http://x/ -o /dev/null"
    advance = (
        'curl -s "$JOBMOCK_CONTROL_URL/__jobmock/clock/advance" -o /dev/null -H "Authorization: Bearer $CLADO_API_KEY"'
        """ -H 'Content-Type: application/json' -d '{"seconds": 60}'"""
    )
    poll = 'curl -s "$CLADO_BASE_URL/api/search/deep_research/$CLADO_JOB_ID" -H "Authorization: Bearer $CLADO_API_KEY"'
    flags = ("--time", "manual", "--with-job", "--scenario", "clado/slow", "--deadline", 60)
    done = run(*flags, *sh(f"{poll} -o /dev/null; {advance}; sleep 60; {call}"))
    sentence, story, *_ = done.err.splitlines()
    assert done.code == 1
    ended = "The client still ran after 60 seconds of its clock (--deadline), and was ended."
    assert sentence == f"{ended} It had sent 1 request."
    assert story == "clado: clado/slow; 1 request in 60 s"


def test_input_and_output_are_passed_through(tmp_path: Path) -> None:
    """A single command reads jobmock's input to its end, and writes bytes to its streams as they are."""
    import subprocess

    script = r"cat; printf '\377' >&2; exit 5"
    command = [sys.executable, "-m", "jobmock", "run", "--time", "real", *sh(script)]
    done = subprocess.run(command, input=b"\0\xfe\n", capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (5, b"\0\xfe\n")
    assert done.stderr.startswith(b"\xff")
    assert list(tmp_path.iterdir()) == []


def test_several_runs(run: Run, tmp_path: Path) -> None:
    """A pattern runs the command once for each scenario, each with a mock of its own; a table has all of them."""
    (tmp_path / "my-bad.yaml").write_text(MANY.replace("completed", "error"))
    (tmp_path / "my-good.yaml").write_text(MANY)
    flags = ("--scenarios", tmp_path, "--scenario", "clado/my-*", "--scenario", "orbit/usual")
    script = f"{shlex.join(POLLS)} | grep completed"
    done = run("--time", "manual", *flags, *sh(script))
    shown = [
        ["Scenario", "Exit code", "Requests", "Findings", "Clock", "Real time", "Result"],
        ["clado/my-bad + orbit/usual", "1", "2", "0", "0.000 s", "exit code 1"],
        ["clado/my-good + orbit/usual", "0", "2", "0", "0.000 s", "passed"],
        ["2 runs: 1 passed, 1 failed."],
    ]
    rows = [re.split(" {2,}", re.sub(r"\d\.\d\d s +", "", line)) for line in done.err.splitlines()[-4:]]
    assert rows == shown
    assert (done.code, done.out) == (1, "completed\n")
    assert [line for line in done.err.splitlines() if line.startswith("Run ")] == [
        "Run 1 of 2: clado/my-bad + orbit/usual", "Run 2 of 2: clado/my-good + orbit/usual",
    ]  # fmt: skip
    assert done.err.count("POST /api/search/deep_research") == 1, "Only the run that failed has a story."


def test_output_of_runs_at_once_is_not_mixed(run: Run, tmp_path: Path) -> None:
    """With `--jobs` the output of each run comes in one piece when it ends; no run waits for input."""
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.yaml").write_text(MANY)
    files = [flag for name in ("one", "two", "three") for flag in ("--scenario", tmp_path / f"{name}.yaml")]
    script = "for n in 1 2 3 4; do echo $$; sleep 0.01; done; cat; exit 4"
    done = run("--time", "real", "--jobs", 3, *files, *sh(script))
    lines = done.out.split()
    assert (done.code, len(lines)) == (4, 12)
    assert all(len(set(lines[start : start + 4])) == 1 for start in (0, 4, 8)), lines
    assert len(set(lines)) == 3
    assert re.findall(r"^Run \d of 3: \w+", done.err, re.MULTILINE) != []
    assert "3 runs: 0 passed, 3 failed." in done.err


def test_the_largest_exit_code_counts(run: Run, tmp_path: Path) -> None:
    """Of several runs the largest exit code is that of jobmock."""
    (tmp_path / "one.yaml").write_text(MANY)
    (tmp_path / "two.yaml").write_text(MANY)
    flags = ("--scenario", tmp_path / "one.yaml", "--scenario", tmp_path / "two.yaml")
    count = shlex.quote(str(tmp_path / "count"))
    done = run("--time", "real", *flags, *sh(f"test -e {count} && exit 6; touch {count}; exit 9"))
    assert done.code == 9 and re.findall(r"  exit code \d", done.err) == ["  exit code 9", "  exit code 6"]


def test_artifacts(run: Run, tmp_path: Path) -> None:
    """Each run writes its traffic as HAR, its picture, and the scenarios that its jobs played, without the key."""
    folder = tmp_path / "new" / "artifacts"
    run(*SCALED, "--scenario", "clado/usual", "--artifacts", folder, "--", *POLLS)
    played, har, picture = sorted(folder.iterdir())
    assert (har.suffix, played.name) == (".har", f"{har.stem}-clado-usual.yaml")
    assert len(json.loads(har.read_text())["log"]["entries"]) == 8
    assert "lk_jobmock" not in har.read_text() + picture.read_text()
    assert picture.name == f"{har.stem}.html"
    assert {"figure", "table"} <= set(checked(picture.read_text("utf-8")).tags)
    assert "api: clado" in played.read_text()


def test_limits_switches_and_seed(run: Run, tmp_path: Path) -> None:
    """The mock takes the limits, switches and seed of `serve`."""
    (tmp_path / "limits.yaml").write_text("clado:\n  status: {requests: 1, seconds: 60}\n")
    done = run("--time", "real", "--limits", tmp_path / "limits.yaml", "--", *POLLS)
    assert done.code == 1 and "→ 429" in done.err
    jobs = [printed_environment(run("--time", "real", "--with-job", "--seed", seed, "--", *ENVIRONMENT))["CLADO_JOB_ID"]
            for seed in (0, 0, 1)]  # fmt: skip
    assert jobs[0] == jobs[1] != jobs[2]
    curl = 'curl -s "$CLADO_BASE_URL/api/credits" -H "Authorization: Bearer $CLADO_API_KEY"'
    assert run("--switch", "clado.tier=fre", "--time", "real", *sh(curl)).code == 2


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux reports all processes and files.")
def test_runs_leave_nothing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a run ends, no process, thread, descriptor or file is left."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setenv("TEST_OF_JOBMOCK", str(tmp_path))
    ways = (
        ("--time", "real", "--", *POLLS), ("--time", "real", *sh("sleep 300 & setsid sleep 300 & exit 0")),
        ("--timeout", 0.1, *sh("sleep 300 | sleep 300")), (*SCALED, "--deadline", 10, "--", "sleep", "300"),
        ("--time", "real", "--scenario", "clado/t*", "--jobs", 2, *sh("sleep 300 & echo $!")),
    )  # fmt: skip
    for way in ways:
        run(*way)
    before = len(os.listdir("/proc/self/fd")), threading.active_count()
    for way in ways * 2:
        run(*way)
    assert (len(os.listdir("/proc/self/fd")), threading.active_count()) == before
    left = [one.pid for one in processes() if has_variable(one.pid, "TEST_OF_JOBMOCK", str(tmp_path))]
    assert left == []
    assert list(tmp_path.rglob("*")) == [tmp_path / "temporary"]


def test_reports(run: Run, tmp_path: Path) -> None:
    """Each report has all runs, and one in text takes the verdict's place; a place that can't be written is refused."""
    flags = ("--report", f"json={tmp_path / 'runs.json'}", "--report", "junit=-")
    done = run("--time", "manual", "--scenario", "clado/at-once", *flags, "--", *POLLS, 3)
    (found,) = json.loads((tmp_path / "runs.json").read_text())["runs"]
    assert (done.code, found["exit_code"], found["scenarios"]) == (1, 1, ["clado/at-once"])
    assert found["meaning"].startswith("The client broke 1 rule: polled-after-end") and found["not_judged"]["clado"]
    assert "<testsuites" in done.err
    text = run("--time", "manual", *BOTH, "--report", "text", "--", *POLLS, 3)
    assert text.err.count("! polled-after-end") == 2 and text.err.count("2 runs: ") == text.err.count("Scenario  ") == 1
    refused = run("--report", f"json={POLLER / 'x'}", *sh("echo ran"))
    assert (refused.code, refused.out) == (2, "")


@pytest.mark.parametrize("flags", [(), ("--report", "text")], ids=["printed", "reported"])
def test_coverage(run: Run, flags: tuple[str, ...]) -> None:
    """With `--coverage` the table of what the client met is printed once, by itself or in a report."""
    done = run("--time", "manual", "--scenario", "clado/at-once", "--coverage", *flags, "--", *POLLS, 1)
    assert re.findall(r"^clado  endings +(.*)$", done.err, re.MULTILINE) == ["1 /   5    20.0"]
    assert "clado  endings" not in run("--time", "manual", "--scenario", "clado/at-once", "--", *POLLS, 1).err


@pytest.mark.skipif(not shutil.which("curl"), reason="curl isn't installed")
def test_client_that_names_the_real_host(run: Run) -> None:
    """With `--intercept` a call to a real host reaches the mock; `--no-network` refuses others."""
    curl = 'curl -s "$1" -H "Authorization: Bearer $CLADO_API_KEY"'
    script = f"ask() {{ {curl}; }}; ask https://search.clado.ai/api/credits; ask https://example.invalid/ || exit 5"
    done = run("--time", "real", "--intercept", "--no-network", *sh(script))
    assert (done.code, "credits" in done.out) == (5, True), done.err
    assert "; 1 request in " in done.err
    alone = run("--no-network", "--", "true")
    assert alone.err == "jobmock: --no-network is for the proxy of --intercept. Give both.\n"
