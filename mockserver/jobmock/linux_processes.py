"""What Linux reports about processes in `/proc`. On other systems there is nothing, so no process is found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import FileIO
from typing import NamedTuple

_PROC = "/proc"
_MOST_OF_COMMAND = 200


class Process(NamedTuple):
    """A process: its session, and when it started, in ticks since the system's start."""

    pid: int
    session: int
    started: int


def process_of(pid: int) -> Process | None:
    """Return a process; None if it doesn't exist, or has ended and only its exit code is left."""
    fields = _status(pid)
    if len(fields) < 20 or fields[0] in (b"Z", b"X"):
        return None
    return Process(pid, session=int(fields[3]), started=int(fields[19]))


def processes() -> Iterator[Process]:
    """Yield all processes."""
    try:
        names = os.listdir(_PROC)
    except OSError:
        return
    yield from filter(None, (process_of(int(name)) for name in names if name.isdigit()))


def ancestors(pid: int) -> tuple[int, ...]:
    """Return a process, its parent, and so on; empty if it doesn't exist."""
    found: list[int] = []
    while pid > 0 and pid not in found and (fields := _status(pid)):
        found.append(pid)
        pid = int(fields[1])
    return tuple(found)


def has_variable(pid: int, name: str, word: str) -> bool:
    """Return whether a process was started with a variable of this name that has a word, alone or among others."""
    begin = f"{name}=".encode()
    values = (entry[len(begin) :] for entry in _read(f"{pid}/environ").split(b"\0") if entry.startswith(begin))
    return any(word.encode() in value.split() for value in values)


def command_line(pid: int) -> str:
    """Return the command of a process in one line; empty if it isn't known."""
    return " ".join(_read(f"{pid}/cmdline").decode("utf-8", "replace").split("\0")).strip()[:_MOST_OF_COMMAND]


def process_of_connection(port: int, server_port: int) -> int | None:
    """Return the process at the client's end of a connection to a port of this machine; None if it isn't known."""
    inode = _inode(port, server_port)
    if inode is None:
        return None
    target = f"socket:[{inode}]"
    return next((process.pid for process in processes() if target in _open_files(process.pid)), None)


def _status(pid: int) -> list[bytes]:
    """Return the fields of a process's status, from its state on."""
    return _read(f"{pid}/stat").rpartition(b") ")[2].split()


def _inode(port: int, server_port: int) -> str | None:
    """Return the inode of the socket with this port at its own end, and that port at the other end."""
    for table in ("net/tcp", "net/tcp6"):
        for line in _read(table).decode("ascii", "replace").splitlines()[1:]:
            fields = line.split()
            ends = [int(field.rpartition(":")[2], 16) for field in fields[1:3]]
            if ends == [port, server_port]:
                return fields[9]
    return None


def _open_files(pid: int) -> Iterator[str]:
    try:
        for name in os.listdir(f"{_PROC}/{pid}/fd"):
            yield os.readlink(f"{_PROC}/{pid}/fd/{name}")
    except OSError:  # it has ended, or belongs to another user
        return


def _read(name: str) -> bytes:
    try:
        with FileIO(f"{_PROC}/{name}") as file:
            return file.readall()
    except OSError:
        return b""
