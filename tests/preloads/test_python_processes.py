"""Processes of Python under the preload: which take part, and how they end."""

from __future__ import annotations

import fcntl
import subprocess
from pathlib import Path

import pytest
from tests.preloads.python_process import Ended, end, environment, run_text, start
from tests.support import Mock

from jobmock.clock import SECOND

REQUEST = "import httpx, os, sys, time\ndef ask(): httpx.get(os.environ['CLADO_BASE_URL'] + '/x')\n"
"""The beginning of programs that connect to the mock."""
IN_A_CHILD = REQUEST + "t = time.time(); ask(); time.sleep(1000); print(time.time() - t)"


def outcome(program: str, env: dict[str, str]) -> tuple[Ended, Ended]:
    """Run a program with and without the preload. The error's file is the same in both."""
    plain = {name: value for name, value in env.items() if not name.startswith(("JOBMOCK_", "PYTHONPATH"))}
    return run_text(program, env=env), run_text(program, env=plain)


# --- processes that never ask the mock -----------------------------------------------------------------------------

ENDINGS = {
    "sys.exit": "import sys; print('x'); sys.exit(7)",
    "a text": "import sys; sys.exit('bye')",
    "an error": "def f():\n    raise ValueError('x')\nf()",
    "an error in a thread": "import threading\ndef f(): 1 / 0\nthreading.Thread(target=f, name='t').start()",
    "os._exit": "import os; os._exit(9)",
    "SIGTERM": "import os, signal; os.kill(os.getpid(), signal.SIGTERM); signal.pause()",
    "SIGINT": "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(9)",
    "an alarm": "import signal; signal.setitimer(signal.ITIMER_REAL, 0.05); signal.pause()",
    "atexit": "import atexit, time; atexit.register(lambda: (time.sleep(0.05), print('last')))",
    "a daemon": "import threading, time; threading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
    "a fork": "import os, sys\nif not os.fork(): sys.exit(3)\nprint(os.wait()[1])",
    "strict warnings": "import os, warnings; warnings.simplefilter('error')\nif not os.fork(): os._exit(0)\nos.wait()",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_process_that_never_asks_ends_as_always(server: str, ending: str) -> None:
    """Exit code, output and traceback are the same as without the preload."""
    with_preload, without = outcome(ENDINGS[ending], environment(server))
    assert with_preload == without


def test_a_process_that_never_asks_really_sleeps(mock: Mock, server: str) -> None:
    """Its sleeps and timeouts take real time, its own clocks count them, and the mock's clock stands."""
    program = (
        "import asyncio, json, queue, select, socket, threading, time\n"
        "from jobmock.clock import TIME\n"
        "a, b = socket.socketpair(); began = TIME.monotonic(); t = time.monotonic()\n"
        "time.sleep(0.25); select.select([a], [], [], 0.25); asyncio.run(asyncio.sleep(0.25))\n"
        "try: queue.Queue().get(timeout=0.25)\n"
        "except queue.Empty: pass\n"
        "x = threading.Thread(target=time.sleep, args=(0.25,)); x.start(); x.join()\n"
        "print(json.dumps([time.monotonic() - t, TIME.monotonic() - began]))"
    )
    by_its_clock, really = run_text(program, env=environment(server)).value
    assert by_its_clock == pytest.approx(1.25, abs=1e-6) and really >= 1.25
    assert mock.namespace("clado").clock.elapsed == 0


def test_a_process_doesnt_look_like_a_test(server: str) -> None:
    """No test runner is imported, as some programs behave differently beside one."""
    program = "import json, sys; print(json.dumps(sorted({'pytest', '_pytest', 'hypothesis'} & {*sys.modules})))"
    assert run_text(program, env=environment(server)).value == []


def test_a_clock_that_is_only_read_follows_real_time(server: str) -> None:
    """A loop that reads the clock until a second has passed ends."""
    program = "import time; t = time.monotonic()\nwhile time.monotonic() < t + 1: pass"
    assert run_text(program, env=environment(server)).code == 0


def test_a_loop_without_virtual_time_runs_in_a_process_that_never_asks(server: str) -> None:
    """A process that never asks may use uvloop, which virtual time can't reach."""
    pytest.importorskip("uvloop", reason="uvloop isn't installed")
    program = "import asyncio, uvloop; uvloop.run(asyncio.sleep(0.05)); print(1)"
    assert run_text(program, env=environment(server)).value == 1


# --- processes that take part --------------------------------------------------------------------------------------

AT_EXIT = {
    "a thread from before": (
        "def f(): time.sleep(300); print(time.monotonic() - t)\n"
        "import threading; t = time.monotonic(); threading.Thread(target=f).start()\ntime.sleep(0.25); ask()",
        "300.0\n",
    ),
    "a pool": (
        "from concurrent.futures import ThreadPoolExecutor\ndef f(): time.sleep(100); print(time.monotonic() - t)\n"
        "ask(); t = time.monotonic(); pool = ThreadPoolExecutor(1); pool.submit(f); pool.submit(f)",
        "100.0\n200.0\n",
    ),
    "atexit": (
        "def f(): time.sleep(50); print(time.monotonic() - t)\n"
        "import atexit; t = time.monotonic(); atexit.register(f); ask(); time.sleep(50)",
        "100.0\n",
    ),
    "a daemon": (
        "import threading; ask(); threading.Thread(target=time.sleep, args=(1e6,), daemon=True).start()\n"
        "time.sleep(50); print(1)",
        "1\n",
    ),
}


@pytest.mark.parametrize("kind", AT_EXIT)
def test_what_goes_on_at_exit_is_in_virtual_time(server: str, kind: str) -> None:
    """Threads and handlers for which the interpreter waits at exit wait in virtual time; daemons don't hold it."""
    program, expected = AT_EXIT[kind]
    assert run_text(REQUEST + program, env=environment(server)) == Ended(0, expected, "")


def test_a_process_that_joins_late_waits_as_long_as_before(mock: Mock, server: str) -> None:
    """Where the shared clock is ahead at the first request, a sleep that goes on doesn't become shorter."""
    mock.advance(500)
    program, expected = AT_EXIT["a thread from before"]
    assert run_text(REQUEST + program, env=environment(server)) == Ended(0, expected, "")
    assert mock.namespace("clado").clock.elapsed == 799.75 * SECOND


@pytest.mark.parametrize(
    ("program", "code", "error"),
    [
        ("sys.exit('bye')", 1, "bye\n"), ("os._exit(9)", 9, ""), ("raise SystemExit(4)", 4, ""),
        ("import signal; os.kill(os.getpid(), signal.SIGTERM); time.sleep(9)", -15, ""),
    ],
    ids=["a text", "os._exit", "a number", "SIGTERM"],
)  # fmt: skip
def test_a_process_that_takes_part_ends_as_always(server: str, program: str, code: int, error: str) -> None:
    """Its exit code and its last words are its own."""
    assert run_text(f"{REQUEST}ask(); time.sleep(50)\n{program}", env=environment(server)) == Ended(code, "", error)


def test_an_alarm_of_a_process_is_in_virtual_time(server: str) -> None:
    """An alarm that is set before the first request rings at its reading."""
    program = (
        "import signal\ndef ring(*_): print(time.monotonic() - t); sys.exit()\n"
        "signal.signal(signal.SIGALRM, ring); t = time.monotonic(); signal.alarm(100); ask(); time.sleep(300)"
    )
    assert float(run_text(REQUEST + program, env=environment(server)).out) == pytest.approx(100, abs=5)


CHILDREN = {
    "fork": "p = os.fork()\nif not p: ask(); time.sleep(1000); print(1000.0, flush=True); os._exit(0)\nos.wait()",
    "subprocess": "import subprocess; subprocess.run(CHILD)",
    "a timeout": "import subprocess; subprocess.run(CHILD, timeout=600)",
    "output": "import subprocess; print(subprocess.check_output(CHILD, text=True), end='')",
    "asyncio": (
        "import asyncio\nasync def main(): await (await asyncio.create_subprocess_exec(*CHILD)).wait()\n"
        "asyncio.run(main())"
    ),
    "multiprocessing": (
        "import multiprocessing\ndef f(): ask(); time.sleep(1000); print(1000.0)\n"
        "p = multiprocessing.get_context('fork').Process(target=f); p.start(); p.join()"
    ),
}


@pytest.mark.parametrize("kind", CHILDREN)
def test_a_child_takes_part_while_its_parent_waits(mock: Mock, server: str, kind: str) -> None:
    """A child's sleep moves the clock that its waiting parent shares, and the parent's time goes on from there."""
    program = (
        f"{REQUEST}CHILD = [sys.executable, '-c', {IN_A_CHILD!r}]\nt = time.monotonic(); ask(); time.sleep(100)\n"
        f"{CHILDREN[kind]}\nask(); time.sleep(10); print(time.monotonic() - t)"
    )
    assert run_text(program, env=environment(server)) == Ended(0, "1000.0\n1110.0\n", "")
    assert mock.namespace("clado").clock.elapsed == 1110 * SECOND


def test_input_holds_nobody(mock: Mock, server: str) -> None:
    """A process that waits for lines on stdin lets others go on, and goes on itself in their time."""
    program = f"{REQUEST}ask()\nfor line in sys.stdin: time.sleep(10); print(line.strip(), time.time(), flush=True)"
    env = environment(server)
    reader = start("-c", program, env=env, stdin=subprocess.PIPE)
    assert reader.stdin is not None and reader.stdout is not None
    reader.stdin.write("a\n")
    reader.stdin.flush()
    first = float(reader.stdout.readline().split()[1])
    assert run_text(IN_A_CHILD, env=env).code == 0
    assert float(end(reader, "b\n").out.split()[1]) == first + mock.namespace("clado").clock.elapsed / SECOND - 10


def test_a_missing_server_ends_the_process_in_words(server: str) -> None:
    """If nothing answers at the clock's address, the process ends with 3 and one sentence."""
    env = environment(server, JOBMOCK_TIME_URL="http://127.0.0.1:9/__jobmock/clock")
    ended = run_text(REQUEST + "ask()", env=env)
    assert (ended.code, ended.err.count("\n")) == (3, 1)
    assert ended.err.startswith("jobmock: No jobmock answers at http://127.0.0.1:9 (JOBMOCK_TIME_URL): ")


def test_a_blocked_call_is_named_and_goes_on(server: str, tmp_path: Path) -> None:
    """A call that virtual time can't reach is printed with file and line, once, and isn't interrupted."""
    place = tmp_path / "lock"
    program = "import fcntl; ask(); file = open(sys.argv[1], 'w'); fcntl.flock(file, fcntl.LOCK_EX); print(1)"
    with place.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        process = start("-c", REQUEST + program, place, env=environment(server))
        assert process.stderr is not None
        report = process.stderr.readline()
    assert report.startswith("jobmock: Virtual time can't reach the call in which the thread 'MainThread' at <string>:")
    assert report.endswith(" event loops), or use --time scaled.\n")
    assert end(process) == Ended(0, "1\n", "")


def test_a_loop_that_takes_part_without_virtual_time_is_refused(server: str) -> None:
    """uvloop is refused in words in a process that takes part."""
    pytest.importorskip("uvloop", reason="uvloop isn't installed")
    ended = run_text(REQUEST + "import asyncio, uvloop; ask(); uvloop.run(asyncio.sleep(5))", env=environment(server))
    assert ended.code == 1
    assert "uvloop keeps its own time, which virtual time can't reach: run the client on" in ended.err
    assert ", or use --time scaled. It was begun in the thread 'MainThread' at " in ended.err
