"""Signals and terminals: what reaches `jobmock run` reaches its command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support import HANGS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals.")
RUN = (sys.executable, "-m", "jobmock", "run", "--time", "real")
WAITS = "n=0; while [ $n -lt 6000 ]; do n=$((n + 1)); sleep 0.01; done"
READY = f"echo ready; {WAITS}"


def restore_signals() -> None:
    """Let no signal be ignored, as at a terminal: a shell that starts the tests in the background ignores two."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process whose command has printed a line, and end it."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=restore_signals
    ) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.terminate()


def exit_code(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end of a process, and return its exit code."""
    process.communicate(timeout=HANGS)
    return process.returncode


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1])
@pytest.mark.parametrize("handled", [True, False])
def test_signal_is_passed_on(number: signal.Signals, handled: bool) -> None:
    """A command that handles a signal ends as it likes; another one is ended by it. So is the exit code."""
    script = f"trap 'exit 7' {number.name.removeprefix('SIG')}; {READY}" if handled else READY
    with started(*RUN, "--", "sh", "-c", script) as process:
        process.send_signal(number)
        assert exit_code(process) == (7 if handled else 128 + number)


def test_signal_that_is_ignored_stays_ignored() -> None:
    """Under `nohup` neither jobmock nor its command takes notice of SIGHUP."""
    script = f"trap 'exit 9' USR1; {READY}"
    with started("sh", "-c", 'trap "" HUP; exec "$@"', "sh", *RUN, "--", "sh", "-c", script) as process:
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGUSR1)
        assert exit_code(process) == 9


def test_no_other_run_begins_after_a_signal() -> None:
    """After a signal the runs that have not begun are left out: 130, and stderr says how many."""
    with started(*RUN, "--scenario", "clado/s*", "--", "sh", "-c", READY) as process:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=HANGS)
    assert process.returncode == 130
    *_, total, last = err.decode().splitlines()
    assert total == "1 run: 0 passed, 1 failed."
    assert last.startswith("jobmock: Interrupted before ")


def test_stopped_and_continued() -> None:
    """A terminal's signal to stop stops both jobmock and its command; they go on together."""
    with started(*RUN, "--", "sh", "-c", f"trap 'exit 6' USR1; {READY}") as process:
        process.send_signal(signal.SIGTSTP)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGUSR1)
        assert exit_code(process) == 6


def test_terminal(tmp_path: Path) -> None:
    """A command reads from the terminal, knows that it is one, and gets the signal of Ctrl-C."""
    pty = pytest.importorskip("pty", reason="This system has no such terminals.")
    reads = "test -t 0 && test -t 1 && read line && echo got $line"
    script = f"{reads}; trap 'exit 8' INT; echo on; {WAITS}"
    child, terminal = pty.fork()
    if not child:
        restore_signals()
        os.execv(sys.executable, [*RUN, "--", "sh", "-c", script])
    seen = b""
    try:
        os.write(terminal, b"hello\n")
        while b"on\r\n" not in seen:
            seen += os.read(terminal, 1000)
        os.write(terminal, b"\x03")
        _, status = os.waitpid(child, 0)
    finally:
        os.close(terminal)
    assert b"got hello" in seen
    assert os.waitstatus_to_exitcode(status) == 8
