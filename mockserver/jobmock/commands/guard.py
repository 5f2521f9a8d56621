"""A guard of a command: a small process that ends all of the command if jobmock itself is killed.

Nothing else can: SIGKILL leaves jobmock no time, and a system ends at most the children of a process with it, not
theirs. The guard waits for the end of a pipe, whose other end only jobmock has. Until then it is a shell, which starts
quickly.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from functools import partial

from ..preloads.environment import without_virtual_time
from .started_processes import await_none, end_all, group_exists, started_processes

_SHELL = "/bin/sh"
_SCRIPT = 'trap "" HUP INT QUIT TERM; read -r command; read -r end && exit; exec "$@" $command'
"""The first line says which process the command is, the second one that it has ended."""


class Guard:
    """Ends the processes with a mark, and the command `watch` names, once this process has ended without `close`.

    Windows has no guard, and neither has a system without a shell.
    """

    def __init__(self, mark: str) -> None:
        ending = (sys.executable, "-P", "-m", __name__, mark)
        self._process: subprocess.Popen[bytes] | None = None
        if os.name == "posix":
            with suppress(FileNotFoundError):
                self._process = subprocess.Popen(
                    (_SHELL, "-c", _SCRIPT, _SHELL, *ending), env=without_virtual_time(os.environ),
                    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, bufsize=0,
                    start_new_session=True,
                )  # fmt: skip

    def watch(self, pid: int, started: int) -> None:
        """Guard a command, which was started at this tick of the system."""
        self._write(f"{pid} {started}\n")

    def close(self) -> None:
        """End the guard: the command needs it no more."""
        self._write("\n\n")
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()

    def _write(self, text: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):  # somebody has ended it
                self._process.stdin.write(text.encode())


def end_orphans(mark: str, pid: int = 0, started: int = 0) -> None:
    """End what a command has left. Elsewhere than on Linux that is its process group."""
    if sys.platform != "linux":
        if pid:
            end_all(partial(_signal_group, pid), lambda seconds: await_none(lambda: group_exists(pid), seconds))
        return

    def running() -> list[int]:
        own = os.getpid()
        return [one.pid for one in started_processes(pid or -1, started, mark) if one.pid != own]

    def signal_all(number: int) -> None:
        for one in running():
            with suppress(OSError):
                os.kill(one, number)

    end_all(signal_all, lambda seconds: await_none(running, seconds))


def _signal_group(leader: int, number: int) -> None:
    with suppress(OSError):
        os.killpg(leader, number)


if __name__ == "__main__":
    end_orphans(sys.argv[1], *map(int, sys.argv[2:]))
