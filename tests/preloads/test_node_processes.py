"""Processes and threads of Node under the preload: which take part, and what ends them."""

from __future__ import annotations

import os
import subprocess
import time

import pytest
from tests.preloads.node_process import NODE, end, environment, needs_node, run, start
from tests.server.shared_time.client_process import ClientProcess
from tests.support import HANGS, KEYS, Mock

from jobmock.clock import SECOND
from jobmock.preloads.node_options import PRELOAD, with_node_preload

pytestmark = needs_node
KEY = KEYS["clado"]
WORKS = ["a file", "compression", "pbkdf2", "a digest", "a chain of immediates", "a child", "a worker"]


def test_a_worker_thread_takes_part(mock: Mock, server: str) -> None:
    """A client in a worker thread has the polls and the time of the scenario."""
    job = mock.play("clado", "clado/slow")
    counted = run("worker.mjs", job, env=environment(server, KEY)).value
    assert (counted["polls"], counted["date"]) == (181, 900_000)


def test_a_child_process_takes_part_while_its_parent_waits(mock: Mock, server: str) -> None:
    """A child of a process that takes part does so too, and its time goes on from its parent's."""
    job = mock.play("clado", "clado/slow")
    seen = run("parent.mjs", job, env=environment(server, KEY)).value
    assert (seen["polls"], seen["date"]) == (180, 895_000)
    assert seen["parent"] == 905_000


def test_a_child_that_blocks_its_parent_takes_part(mock: Mock, server: str) -> None:
    """A child that is waited for in one blocking call moves the clock, and the parent's time goes on after it."""
    job = mock.play("clado", "clado/slow")
    seen = run("sync_child.mjs", job, env=environment(server, KEY)).value
    assert seen == {"polls": 181, "after": 900_000, "late": 1_000_000}


@pytest.mark.parametrize("work", WORKS)
def test_real_work_holds_the_clock(server: str, work: str) -> None:
    """While real work goes on that takes less than a minute, a sleep of a minute doesn't end."""
    assert run("real_work.mjs", server, work, env=environment(server, KEY)).value == [work, "a minute"]


def test_a_real_event_ends_a_wait(server: str) -> None:
    """A process that waits for the clock, and gets real work by its standard input, holds the clock while it works."""
    other = ClientProcess(server)
    other.join()
    process = start("interrupted.mjs", server, env=environment(server, KEY))
    assert process.stdin is not None and process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    assert other.wait(SECOND)[0] == SECOND  # so the process waits, and does so again soon
    time.sleep(0.2)
    process.stdin.write("work\n")
    process.stdin.flush()
    assert process.stdout.readline() == "working\n"
    waiting = other.waiting(90 * SECOND)
    assert end(process).value == 1000
    other.close()
    waiting.result()


def test_a_process_that_never_asks_the_mock_has_real_timers(mock: Mock, server: str) -> None:
    """A process that never asks the mock doesn't hold the clock of others, and its sleeps are real ones."""
    job = mock.play("clado", "clado/slow")
    seen = run("bystander.mjs", job, env=environment(server, KEY)).value
    assert seen == {"polls": 181, "slept": 300}


def test_a_missing_server_ends_the_process_in_words(server: str) -> None:
    """If nothing answers at the clock's address, the process ends with 3 and one sentence."""
    env = environment(server, KEY, JOBMOCK_TIME_URL="http://127.0.0.1:9/__jobmock/clock")
    ended = run("heartbeat.mjs", server, env=env)
    assert ended.code == 3
    assert ended.err.startswith("jobmock: the clock of 127.0.0.1:9 can't be reached: ") and ended.err.count("\n") == 1


def test_an_old_node_ends_in_words() -> None:
    """Under a Node before 20 the process ends with 3 and one sentence."""
    assert NODE is not None
    old = "Object.defineProperty(process.versions, 'node', {value: '18.20.4'}); require(process.argv[1])"
    ended = subprocess.run([NODE, "-e", old, str(PRELOAD)], capture_output=True, text=True, timeout=HANGS, check=False)
    assert ended.returncode == 3
    assert ended.stderr == "jobmock: this is Node 18.20.4, but virtual time needs Node 20 or newer\n"


def test_the_users_own_options_of_node_stay() -> None:
    """NODE_OPTIONS holds the user's options, then the preload, quoted as Node reads it."""
    assert with_node_preload({"NODE_OPTIONS": "--no-warnings "}) == {
        "NODE_OPTIONS": f'--no-warnings --require "{PRELOAD}"'
    }


def test_real_work_is_seen() -> None:
    """Each kind of work that Node does by itself is seen, so that time doesn't move past it: a connect, for example."""
    found = run("real_work.cjs", PRELOAD.parent / "real_work.cjs", env=os.environ).value
    assert found["seen"] == dict.fromkeys(found["seen"], True) and len(found["seen"]) == 5 and found["isQuiet"]
