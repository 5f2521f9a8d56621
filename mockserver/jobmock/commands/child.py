"""A command as a child process with all that it starts: it begins, gets signals, and is ended completely."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import monotonic, sleep
from typing import IO, Any, Self

from ..linux_processes import Process, command_line, process_of
from .guard import Guard
from .started_processes import GRACE_SECONDS, LOOK_SECONDS, MARK, end_all, group_exists, started_processes

_WIND_DOWN_SECONDS = 0.3
"""So long may a command's children take to end by themselves after it."""
_PIECE = 65_536
_OWN_GROUP: Mapping[str, Any] = (
    {"start_new_session": True}
    if hasattr(os, "setsid")
    else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
)


class Child:
    """A command that runs in a session of its own. Raises OSError if it can't be started.

    Its standard streams are those of this process. If it is `captured`, its input is empty and its output is collected:
    the last `most` bytes of each stream. If it is `piped`, `stdin` and `stdout` are pipes for the caller, and only what
    it writes to stderr is collected.
    A process of another session may read from a terminal, and a key that sends a signal reaches this process alone.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, stdin: int | None = None,
        captured: bool = False, piped: bool = False, most: int | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        if sys.platform == "win32":  # which finds no file such as npx.cmd by its name alone
            command = [shutil.which(command[0]) or command[0], *command[1:]]
        self._mark = secrets.token_hex(8)
        pipe = subprocess.PIPE if captured or piped else None
        marks = " ".join(filter(None, (environment.get(MARK), self._mark)))
        self._guard = Guard(self._mark)
        try:
            self._process = subprocess.Popen(
                command, env={**environment, MARK: marks}, stdout=pipe, stderr=pipe, bufsize=0,
                stdin=pipe if piped else subprocess.DEVNULL if captured else stdin, **_OWN_GROUP,
            )  # fmt: skip
        except BaseException:
            self._guard.close()
            raise
        self.stdin, self.stdout = self._process.stdin, self._process.stdout
        self.pid = self._process.pid
        started = process_of(self.pid)
        self._started = started.started if started else 0
        self._guard.watch(self.pid, self._started)
        self._ended, self._on_end = threading.Event(), on_end
        self._lock, self._reaped = threading.Lock(), False
        collected = (None if piped else self._process.stdout, self._process.stderr)
        self._outputs = [None if stream is None else _Output(stream, most) for stream in collected]
        thread_in_real_time(self._wait).start()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the command has ended. Returns False if it runs on."""
        return self._ended.wait(seconds)

    def send(self, number: int) -> None:
        """Send a signal to the command and its process group."""
        with self._lock:
            if not self._reaped:
                _send(self._process, number)

    def end(self) -> tuple[int, list[str]]:
        """End the command if it still runs, and all that it started. Return its exit code, and what it left behind.

        The exit code of a command that ended by a signal is 128 and the signal's number. A process that was left behind
        is named by its number and its command.
        """
        by_itself = self._ended.is_set()
        left = self._await_children(_WIND_DOWN_SECONDS) if by_itself else []
        named = [f"{one.pid} ({command_line(one.pid) or 'unknown'})" for one in left]
        if left or not by_itself:
            self._end_processes()
        for output in filter(None, self._outputs):
            output.close()
        self._guard.close()
        with self._lock:
            code, self._reaped = self._process.wait(), True
        return (128 - code if code < 0 else code), named

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if not self._reaped:
            self.end()

    @property
    def output(self) -> tuple[bytes, bytes]:
        """What the command has written to stdout and stderr; empty for a stream that isn't collected."""
        out, err = (b"" if output is None else output.content for output in self._outputs)
        return out, err

    def _wait(self) -> None:
        """Wait for the command's end. Its number stays reserved until `end`, so no signal goes to another process."""
        if hasattr(os, "waitid"):
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        else:
            self._process.wait()
        self._ended.set()
        self._on_end()

    def _end_processes(self) -> None:
        """End the command, and all that it started."""
        if not hasattr(os, "killpg"):
            subprocess.run(("taskkill", "/f", "/t", "/pid", str(self.pid)), capture_output=True, check=False)
            self._ended.wait(GRACE_SECONDS)
            return
        end_all(self._signal_all, self._await_end)

    def _signal_all(self, number: int) -> None:
        self.send(number)
        for one in self._children():
            with suppress(OSError):
                os.kill(one.pid, number)

    def _await_end(self, seconds: float) -> bool:
        """Wait until the command and its children have ended, so long at most. Return whether they have."""
        until = monotonic() + seconds
        return self._ended.wait(seconds) and not self._await_children(until - monotonic())

    def _await_children(self, seconds: float) -> list[Process]:
        """Wait until all children have ended, so long at most. Return those that haven't."""
        until = monotonic() + seconds
        while (left := self._children()) and monotonic() < until:
            sleep(LOOK_SECONDS)
        return left

    def _children(self) -> list[Process]:
        """Return what the command has started and still runs. Elsewhere than on Linux, one stands for its group."""
        if sys.platform != "linux":
            return [Process(self.pid, self.pid, 0)] if self._ended.is_set() and group_exists(self.pid) else []
        return [one for one in started_processes(self.pid, self._started, self._mark) if one.pid != self.pid]


class _Output:
    """One output of a captured command, which a thread reads. Its last `most` bytes are kept."""

    def __init__(self, stream: IO[bytes], most: int | None) -> None:
        self._stream, self._pieces = stream, deque[bytes]()
        self._size, self._most = 0, most
        self._thread = thread_in_real_time(self._read)
        self._thread.start()

    @property
    def content(self) -> bytes:
        """What was written until now."""
        return b"".join(tuple(self._pieces))

    def close(self) -> None:
        """Read what is left. A process that couldn't be ended may keep the output open: it isn't waited for."""
        self._thread.join(GRACE_SECONDS)
        if not self._thread.is_alive():
            self._stream.close()

    def _read(self) -> None:
        while piece := self._stream.read(_PIECE):
            self._pieces.append(piece)
            self._size += len(piece)
            while self._most is not None and self._size > self._most:
                self._size -= len(self._pieces.popleft())


def _send(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to a process and its group. Windows has no signals but its own, so another one ends the process."""
    with suppress(OSError, ValueError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, number)
        elif number == signal.SIGINT:
            process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", number))
        else:
            process.terminate()


def thread_in_real_time(target: Callable[[], None]) -> threading.Thread:
    """Return a daemon thread that takes no part in virtual time, which this process may have."""
    thread = threading.Thread(target=target, name="jobmock-command", daemon=True)
    thread.outside_virtual_time = True  # type: ignore[attr-defined]
    return thread
