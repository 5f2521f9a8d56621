"""`jobmock` itself: its help, its version, its exit codes, and how it behaves beside a terminal or a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from tests.support import HANGS, call, rest_of_terminal

import jobmock
from jobmock import catalogue, cli, errors

COMMANDS = tuple(cli.cli.list_commands(click.Context(cli.cli)))
MODULE = [sys.executable, "-m", "jobmock"]
LONG = "long" * 100
SCRIPT = [str(Path(sys.executable).with_name("jobmock"))]


def on_terminal(*args: str, **env: str) -> str:
    """Run `jobmock ARGS` with a terminal as its stdout and return what that terminal was sent."""
    pty = pytest.importorskip("pty", reason="This system has no such terminals.")
    ours, theirs = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen([*MODULE, *args], stdout=theirs, env={**clean, "TERM": "xterm", **env}) as process:
        os.close(theirs)
        sent = rest_of_terminal(ours)
        assert process.wait(HANGS) == 0
    return sent.decode()


_PARTS = {
    "__init__", "client_callable", "environment", "file_source", "live_source", "logs", "options", "ready_line",
    "sources", "start_lines", "terminal", "tls_options",
}  # fmt: skip


def test_every_module_of_the_folder_is_a_command() -> None:
    """A command is a module of `cli`, under its own name; beside them are only parts of commands."""
    modules = {path.stem for path in Path(cli.__file__).parent.glob("*.py")} - _PARTS
    assert {"serve", "list", "lint", "explain", "demo"} <= modules == {name.replace("-", "_") for name in COMMANDS}



def test_help_can_be_asked_for_twice_in_one_process(capsys: pytest.CaptureFixture[str]) -> None:
    """The imports of one command don't break the next."""
    assert call(capsys, "--help") == call(capsys, "--help")


def test_help_names_every_command_and_says_in_a_sentence_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` and `-h` go to stdout, end with 0 and hold a line for each command."""
    for flag in ("--help", "-h"):
        called = call(capsys, flag)
        assert (called.code, called.err) == (0, "")
        rows = [line.split(maxsplit=1) for line in called.out.partition("Commands:\n")[2].splitlines()]
        assert [row[0] for row in rows] == list(COMMANDS)
        assert all(len(row) == 2 for row in rows)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_of_its_own(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """`jobmock COMMAND --help` ends with 0 and begins with that command's usage."""
    called = call(capsys, command, "--help")
    assert (called.code, called.err) == (0, "")
    assert called.out.startswith(f"Usage: jobmock {command} [OPTIONS]")


def test_version_is_the_packages_own(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints the name and `jobmock.__version__`, and nothing else."""
    assert call(capsys, "--version") == (0, f"jobmock {jobmock.__version__}\n", "")


def test_without_a_command_the_usage_is_shown_as_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """No command at all: the help on stderr, and 2."""
    called = call(capsys)
    assert (called.code, called.out) == (2, "")
    assert called.err.startswith("Usage: jobmock [OPTIONS] COMMAND")


def test_unknown_command_names_all_and_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped command ends with 2, and shows the word, all commands and the nearest one."""
    called = call(capsys, "serv")
    assert (called.code, called.out) == (2, "")
    first, *_ = called.err.splitlines()
    assert first == f"jobmock: No such command 'serv'. Commands: {', '.join(COMMANDS)}. Did you mean 'serve'?"
    assert "Did you mean" not in call(capsys, "zzzzz").err


@pytest.mark.parametrize(
    "args",
    [
        ("--nope",), ("--version=3",), *((command, "--nope") for command in COMMANDS),
        ("serve", "extra"), ("serve", "--port", "x"), ("serve", "--port", "65536"), ("serve", "--port", "-1"),
        ("serve", "--speed", "fast"), ("serve", "--seed", "1.5"), ("serve", "--time", "virtual"),
        ("serve", "--log-format", "xml"), ("serve", "--port"), ("list", "one", "two"), ("list", "--format", "xml"),
        ("list", "--api", "x"),
        ("list", "--scenarios"), ("lint",), ("lint", "--format", "xml", "x.yaml"), ("lint", "--strict=1", "x.yaml"),
        ("explain",), ("explain", "clado/usual", "orbit/usual"), ("demo", "clado/usual"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_flags_and_arguments_are_usage_errors(capsys: pytest.CaptureFixture[str], args: Sequence[str]) -> None:
    """Wrong arguments end with 2 and one sentence on stderr, without a traceback or output on stdout."""
    called = call(capsys, *args)
    assert (called.code, called.out) == (2, "")
    assert called.err.startswith("jobmock: ")
    assert "Traceback" not in called.err


def test_interrupt_ends_with_130(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in any command ends with 130 and without a traceback."""

    def interrupted(self: catalogue.Catalogue) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(catalogue.Catalogue, "entries", interrupted)
    called = call(capsys, "list")
    assert called.code == 130
    assert "Traceback" not in called.err


def test_errors_of_the_package_are_said_in_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A JobmockError ends with 2, a StartError with 3; stderr has the message after the command's name."""

    def failing(self: catalogue.Catalogue) -> None:
        raise raised

    monkeypatch.setattr(catalogue.Catalogue, "entries", failing)
    raised: Exception = errors.UsageError("That is no use.")
    assert call(capsys, "list") == (2, "", "jobmock: That is no use.\n")
    raised = errors.StartError("It doesn't start.")
    assert call(capsys, "list") == (3, "", "jobmock: It doesn't start.\n")
    raised = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):  # a fault of ours must be seen
        call(capsys, "list")


def test_module_and_script_are_the_same_command() -> None:
    """`python -m jobmock` and `jobmock` do the same, under the same name."""
    ran = [
        subprocess.run([*command, "serv"], capture_output=True, text=True, timeout=HANGS, check=False)
        for command in (MODULE, SCRIPT)
    ]
    module, script = ran
    assert (module.returncode, module.stdout, module.stderr) == (script.returncode, script.stdout, script.stderr)
    assert "\nUsage: jobmock [OPTIONS]" in module.stderr


def test_terminal_gets_colours() -> None:
    """On a terminal `list` sets the names in bold; an empty NO_COLOR counts as none."""
    assert "\x1b[1mclado/at-once" in on_terminal("list", NO_COLOR="")


def test_no_color_is_obeyed_on_a_terminal() -> None:
    """With NO_COLOR set, no escape sequence is sent even to a terminal."""
    sent = on_terminal("list", NO_COLOR="1")
    assert "clado/at-once" in sent
    assert "\x1b" not in sent


def test_pipe_gets_no_colours(capsys: pytest.CaptureFixture[str]) -> None:
    """Output that isn't to a terminal is plain text, so that `grep ^clado/` works."""
    ran = call(capsys, "list")
    assert ran.out.startswith("clado/at-once ")
    assert "\x1b" not in ran.out
    assert ran.err == ""


@pytest.mark.parametrize("args", [("list",), ("--help",)], ids=" ".join)
def test_reader_that_leaves_is_no_error(args: Sequence[str]) -> None:
    """A broken pipe (`jobmock list | head -1`) ends with 0 and says nothing: 1 would mean findings."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ran = subprocess.run([*MODULE, *args], stdout=writer, stderr=subprocess.PIPE, timeout=HANGS, check=False)
    finally:
        os.close(writer)
    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("lint", LONG), f"{LONG}:1:1: error: The file can't be read: File name too long."),
        (("list", "--scenarios", LONG), f"jobmock: {LONG!r} is not a folder with scenarios."),
        (("serve", "--limits", LONG), f"{LONG}:1:1: error: The file can't be read: File name too long."),
        (("explain", f"{LONG}.yaml"), f"{LONG}.yaml:1:1: error: The file can't be read: File name too long."),
        (("check", LONG), f"jobmock: {LONG} can't be read: File name too long."),
        (("exhaust", "--api", "clado", "--certificate", f"{LONG}/a", "--", "true"), "can't be written"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_name_that_the_system_refuses(args: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A too long file name has the same message on every Python."""
    code, out, err = call(capsys, *args)
    assert code == 2
    assert told in out + err
