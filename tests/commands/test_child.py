"""Commands as child processes: nothing that they start is left, and their exit codes and output are kept."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import HANGS

from jobmock.commands.child import Child
from jobmock.linux_processes import has_variable, process_of, processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Only Linux reports all that a process has started.")
MARK = "TEST_OF_JOBMOCK"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment that marks each process of one test."""
    return {**os.environ, MARK: str(tmp_path)}


@pytest.fixture(autouse=True)
def _nothing_is_left(environment: dict[str, str]) -> Iterator[None]:
    """Fail a test that leaves any process, whatever its session and its parent are."""
    yield
    left = [one.pid for one in processes() if has_variable(one.pid, MARK, environment[MARK])]
    assert left == []


def ended(script: str, environment: dict[str, str]) -> tuple[int, list[str], bytes]:
    """Run a shell script to its own end; return its exit code, what it left behind, and its output."""
    with Child(("sh", "-c", script), environment, captured=True) as child:
        assert child.wait(HANGS)
        code, left = child.end()
    return code, left, child.output[0]


def test_exit_code_and_output(environment: dict[str, str]) -> None:
    """A command that ends by itself has its own exit code, its output, and has left nothing."""
    assert ended("echo out; exit 3", environment) == (3, [], b"out\n")
    assert ended("kill -KILL $$", environment) == (137, [], b"")


LEFT = {
    "in the background": "sleep 300",
    "a session of its own": "exec setsid sleep 300",
    "deaf to SIGTERM": "trap '' TERM; sleep 300 & sleep 300; sleep 300",
    "without the variables": "exec env -i sleep 300",
    "a stopped one": "kill -STOP $$",
}


@pytest.mark.parametrize("script", LEFT.values(), ids=LEFT)
def test_what_is_left_behind_is_ended_and_named(script: str, environment: dict[str, str], tmp_path: Path) -> None:
    """A process that outlives the command is ended in every case, and named by its number and its command."""
    (tmp_path / "left.sh").write_text(f"touch {tmp_path}/began\n{script}\n")
    wait = f"sh {tmp_path}/left.sh & while ! test -e {tmp_path}/began; do sleep 0.01; done; sleep 0.1; echo $!"
    code, left, out = ended(wait, environment)
    assert code == 0
    assert any(one.startswith(f"{out.decode().strip()} (") for one in left), left
    assert process_of(int(out)) is None


def test_child_that_winds_down_is_not_left_behind(environment: dict[str, str]) -> None:
    """A process that ends by itself a moment after the command isn't said to be left behind."""
    assert ended("sleep 0.05 & exit 0", environment) == (0, [], b"")


def test_running_command_is_ended_with_all_that_it_started(environment: dict[str, str]) -> None:
    """To end a command is to end its children, also where it is deaf to SIGTERM; what it wrote before is kept."""
    script = "trap '' TERM; sleep 300 & echo on; sleep 300; sleep 300"
    with Child(("sh", "-c", script), environment, captured=True) as child:
        while not child.output[0]:
            assert not child.wait(0.01)
        assert child.end() == (137, [])
    assert child.output == (b"on\n", b"")


def test_block_that_raises_ends_the_command(environment: dict[str, str]) -> None:
    """An error in the block leaves no process."""
    with pytest.raises(LookupError), Child(("sleep", "300"), environment) as child:
        raise LookupError
    assert process_of(child.pid) is None


def test_signals_reach_the_whole_group(environment: dict[str, str]) -> None:
    """A signal goes to the command and its children; one that comes after its end goes to nobody."""
    child_script = "trap 'echo child; exit' USR1; echo on; while :; do sleep 0.01; done"
    script = f"trap 'wait; echo caught; exit 5' USR1; ({child_script}) & wait; wait"
    with Child(("sh", "-c", script), environment, captured=True) as child:
        while not child.output[0]:
            assert not child.wait(0.01)
        child.send(signal.SIGUSR1)
        assert child.wait(HANGS)
        code, _ = child.end()
        child.send(signal.SIGKILL)
    assert code == 5
    assert sorted(child.output[0].split()) == [b"caught", b"child", b"on"]


def test_command_that_can_not_be_started() -> None:
    """The system's own error says why."""
    with pytest.raises(FileNotFoundError):
        Child(("no-such-command",), os.environ)


def test_captured_command_reads_nothing(environment: dict[str, str]) -> None:
    """The input of a captured command is empty, so it doesn't wait for a terminal."""
    assert ended("cat; echo end", environment) == (0, [], b"end\n")
