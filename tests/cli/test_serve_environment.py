"""`jobmock serve` is set up by environment variables, and says on a terminal what it does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from tests.support import HANGS, call, rest_of_terminal, served

from jobmock.cli import serve as serve_module
from jobmock.server import serving

COMMAND = serve_module.command
FLAGS = [option for option in COMMAND.params if isinstance(option, click.Option)]


def variable(option: click.Option) -> str:
    """Return the variable of an option by click's own rule for a prefix."""
    return "JOBMOCK_SERVE_" + option.opts[0].removeprefix("--").replace("-", "_").upper()


@pytest.fixture
def arguments(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the command's function is called with, in place of a server."""
    got: dict[str, Any] = {}
    monkeypatch.setattr(COMMAND, "callback", lambda **given: got.update(given) or 0)
    return got


VALUES = {
    click.types.IntRange: ("7", 7), click.types.IntParamType: ("7", 7), click.types.FloatParamType: ("2.5", 2.5),
    click.types.BoolParamType: ("1", True), click.types.StringParamType: ("word", "word"),
    click.types.Path: ("/x", Path("/x")),
}  # fmt: skip


@pytest.mark.parametrize("option", FLAGS, ids=variable)
def test_each_option_can_come_from_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any], option: click.Option
) -> None:
    """The variable of an option sets it as the option itself does, and the option goes before its variable."""
    choices = getattr(option.type, "choices", None)
    text, value = (choices[-1], choices[-1]) if choices else VALUES[type(option.type)]
    monkeypatch.setenv(variable(option), text)
    assert call(capsys, "serve").code == 0
    assert arguments[str(option.name)] == ((value,) if option.multiple else value)
    if not option.is_flag:
        other = "9" if value in (7, 2.5) else choices[0] if choices else "other"
        assert call(capsys, "serve", option.opts[0], other).code == 0
        assert str(arguments[str(option.name)]).strip("(',)") in (other, "9.0", f"PosixPath('{other}")


def test_several_values_have_blanks_between_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any]
) -> None:
    """An option that may be given again takes several values, and folders as PATH does."""
    monkeypatch.setenv("JOBMOCK_SERVE_SCENARIO", "clado/slow orbit/slow")
    monkeypatch.setenv("JOBMOCK_SERVE_SCENARIOS", os.pathsep.join(("/a b", "/c")))
    assert call(capsys, "serve").code == 0
    assert arguments["defaults"] == ("clado/slow", "orbit/slow")
    assert arguments["folders"] == (Path("/a b"), Path("/c"))


def test_help_shows_each_variable(capsys: pytest.CaptureFixture[str]) -> None:
    """`serve --help` has the variable of each option, and that of the token as before."""
    shown = "".join(call(capsys, "serve", "--help").out.split())
    assert [name for name in map(variable, FLAGS) if name not in shown] == []
    assert "JOBMOCK_CONTROL_TOKEN" in shown


def test_the_token_has_both_variables(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any]
) -> None:
    """`JOBMOCK_CONTROL_TOKEN` stays, and goes before `JOBMOCK_SERVE_CONTROL_TOKEN`."""
    monkeypatch.setenv("JOBMOCK_SERVE_CONTROL_TOKEN", "new")
    assert call(capsys, "serve").code == 0
    assert arguments["control_token"] == "new"
    monkeypatch.setenv("JOBMOCK_CONTROL_TOKEN", "old")
    assert call(capsys, "serve").code == 0
    assert arguments["control_token"] == "old"


def test_a_server_is_set_up_by_the_environment() -> None:
    """A server whose mode of time and scenario come from the environment has them."""
    env = {"JOBMOCK_SERVE_TIME": "manual", "JOBMOCK_SERVE_SCENARIO": "clado/stuck", "JOBMOCK_SERVE_CORS": "*"}
    with served(env=env) as server, httpx.Client(base_url=server.url, timeout=HANGS) as http:
        key = {"authorization": "Bearer lk_env"}
        http.post("/api/search/deep_research", json={"query": "x"}, headers=key)
        assert http.get("/__jobmock/clock", headers=key).json()["mode"] == "manual"
        assert http.get("/__jobmock/jobs", headers=key).json()["jobs"][0]["scenario"] == "clado/stuck"


WRONG = [
    ("PORT", "x", "Invalid value for '--port' from the variable JOBMOCK_SERVE_PORT: 'x' is not"),
    ("TLS", "maybe", "Invalid value for '--tls' from the variable JOBMOCK_SERVE_TLS: 'maybe' is not"),
    ("TIME", "manuel", "Invalid value for '--time' from the variable JOBMOCK_SERVE_TIME: 'manuel' is not"),
]


@pytest.mark.parametrize(("name", "value", "says"), WRONG)
def test_a_wrong_value_is_named_as_from_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    """A value that can't be read ends with 2, and the message names option and variable."""
    monkeypatch.setenv(f"JOBMOCK_SERVE_{name}", value)
    called = call(capsys, "serve")
    assert called.code == 2
    assert called.err.startswith(f"jobmock: {says}")


def test_a_wrong_value_of_the_command_line_names_no_variable(capsys: pytest.CaptureFixture[str]) -> None:
    """A message about an option that was typed says nothing of the environment."""
    assert "JOBMOCK" not in call(capsys, "serve", "--port", "x").err
    assert "environment" not in call(capsys, "serve", "--speed", "0").err


def test_a_value_that_is_refused_later_names_the_variables(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that is found after reading has a line with the variables that were used, without their values."""
    monkeypatch.setattr(serving, "serve", lambda *args: 99)
    monkeypatch.setenv("JOBMOCK_SERVE_TIME", "manual")
    monkeypatch.setenv("JOBMOCK_CONTROL_TOKEN", "secret-token")
    assert call(capsys, "serve", "--port", 0, "--speed", "3").err == (
        "jobmock: --speed is for --time scaled alone, and --time is manual.\n"
        "Options come from the environment too: JOBMOCK_SERVE_TIME, JOBMOCK_CONTROL_TOKEN.\n"
    )


def lines_on_terminal(*flags: str) -> tuple[list[str], list[bytes]]:
    """Run `jobmock serve` with a terminal as its stderr; return what the terminal and stdout got."""
    pty = pytest.importorskip("pty", reason="This system has no such terminals.")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "jobmock", "serve", "--port", "0", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        assert process.stdout is not None
        out = [process.stdout.readline()]
        sent = b""
        if "json" not in flags:
            while sent.count(b"\n") < 3:
                sent += os.read(ours, 65536)
        process.send_signal(signal.SIGTERM)
        out += process.stdout.readlines()
        sent += rest_of_terminal(ours)
        assert process.wait(HANGS) == 0
    return sent.decode().splitlines(), out


PLAYED: dict[str, tuple[Sequence[str], str]] = {
    "defaults": ((), "New jobs play clado/usual and orbit/usual, time is real."),
    "chosen": (
        ("--scenario", "orbit/slow", "--time", "manual"), "New jobs play clado/usual and orbit/slow, time is manual.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAYED)
def test_three_lines_on_a_terminal(name: str) -> None:
    """A terminal gets three lines: where server and page are, what is played, how to stop it. stdout is as ever."""
    flags, played = PLAYED[name]
    (where, what, how), out = lines_on_terminal(*flags)
    assert len(out) == 1 and b'"event": "ready"' in out[0]
    url = out[0].decode().partition('"url": "')[2].partition('"')[0]
    assert f"listens on {url}; its page is {url}/__jobmock/." in where
    assert what.startswith(played)
    assert how == "Ctrl+C stops it."


def test_lines_of_json_stay_alone() -> None:
    """With `--log-format json`, a terminal gets no such lines either."""
    assert lines_on_terminal("--log-format", "json")[0] == []


def test_a_pipe_gets_no_such_lines() -> None:
    """Where stderr is a pipe, only logs go there."""
    with served() as server:
        assert server.end(signal.SIGTERM) == 0
        assert server.err.until_end() == []
