"""`python -m tests.forking FD`: a process that has loaded what others need, and forks one for each that is asked for.

To load it takes half a second of the processor, a fork a hundredth. What a process loads, and when, must be tested in
one that begins with nothing.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple, TextIO

CAN_FORK = sys.platform == "linux"
LOADED = (
    "aiohttp", "anyio.pytest_plugin", "httpx", "httpx2", "hypothesis.core", "jobmock.server.app", "jobmock.cli.serve",
    "jobmock.scenario", "jobmock.strategies.regressions", "jobmock.transport", "jobmock.virtual", "pytest",
    "pytest_jobmock.mocks.intercept", "pytest_jobmock.session", "pytest_jobmock.plugin", "requests", "trio",
    "uvicorn.protocols.http.httptools_impl",
)  # fmt: skip


class Request(NamedTuple):
    """What is to be run, where, and with which environment; its files are handed over beside it."""

    module: str
    args: Sequence[str]
    cwd: str
    env: Mapping[str, str]


class Ran(NamedTuple):
    """How a process ended, and what it printed."""

    code: int
    out: str
    err: str


class Forked:
    """A process that was forked, with what tests use of `subprocess.Popen`."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told
        self.pid = int(told.recv(32))
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return its exit code."""
        if self.returncode is None:
            self._told.settimeout(timeout)
            try:
                self.returncode = int(self._told.recv(32))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(f"the process {self.pid}", timeout or 0) from None
            self._told.close()
        return self.returncode

    def poll(self) -> int | None:
        """Return its exit code if it has ended."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        self.send_signal(signal.SIGKILL)


class Parent:
    """The process that forks: begun when it is first needed, and ended with `end`."""

    def __init__(self) -> None:
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def fork(
        self, module: str, args: Sequence[str], cwd: Path, env: Mapping[str, str], out: int, err: int
    ) -> Forked:  # fmt: skip
        """Let a module run, as `python -m` would, with these descriptors for what it prints."""
        control = self._control or self._begin()
        request = Request(module, args, str(cwd), {**env})
        told, teller = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with teller, TemporaryFile() as file:
            file.write(json.dumps(request).encode())
            file.seek(0)
            socket.send_fds(control, [b"."], [file.fileno(), out, err, teller.fileno()])
        return Forked(told)

    def run(self, module: str, args: Sequence[str], cwd: Path, seconds: float) -> Ran:
        """Let a module run to its end, in this environment; return what it printed. Begins anew where none can fork."""
        if not CAN_FORK:
            line = [sys.executable, "-m", module, *args]
            done = subprocess.run(line, cwd=cwd, capture_output=True, text=True, timeout=seconds, check=False)
            return Ran(done.returncode, done.stdout, done.stderr)
        with TemporaryFile("w+", encoding="utf-8") as out, TemporaryFile("w+", encoding="utf-8") as err:
            process = self.fork(module, args, cwd, os.environ, out.fileno(), err.fileno())
            try:
                code = process.wait(seconds)
            finally:
                process.kill()
            for file in (out, err):
                file.seek(0)
            return Ran(code, out.read(), err.read())

    def _begin(self) -> socket.socket:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            line = [sys.executable, "-m", __name__, str(theirs.fileno())]
            root = Path(__file__).parents[1]
            self._process = subprocess.Popen(line, cwd=root, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        return self._control

    def end(self) -> None:
        """End that process."""
        if self._control is not None and self._process is not None:
            self._control.close()
            self._process.wait()
            self._control = None


PARENT = Parent()
"""That of this process. It loads nothing before it is asked to fork."""


def serve(control: socket.socket) -> Request | None:
    """Fork whenever asked to, and tell how each ended. Returns the request in a child; None at the end."""
    with selectors.DefaultSelector() as watched:
        watched.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in watched.select():
                if key.fileobj is control:
                    sent, files, *_ = socket.recv_fds(control, 1, 4)
                    if not sent:
                        return None
                    pid = os.fork()
                    if not pid:
                        return _taken(files)
                    teller = socket.socket(fileno=files.pop())
                    teller.send(str(pid).encode())
                    watched.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, teller))
                    for file in files:
                        os.close(file)
                else:
                    _tell(key, watched)


def _tell(key: selectors.SelectorKey, watched: selectors.BaseSelector) -> None:
    """Tell how a child ended."""
    pid, teller = key.data
    watched.unregister(key.fileobj)
    os.close(key.fd)
    with teller:
        teller.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def _taken(files: Sequence[int]) -> Request:
    """Make the files that were handed over this process's own; return what it is to do."""
    asked, out, err, teller = files
    os.close(teller)
    os.dup2(out, 1)
    os.dup2(err, 2)
    sys.stdout, sys.stderr = _stream(1, "strict"), _stream(2, "backslashreplace")  # the old ones know the old files
    with open(asked, encoding="utf-8") as file:
        return Request(*json.load(file))


def _stream(descriptor: int, errors: str) -> TextIO:
    """Return a stream to a descriptor, as Python makes one."""
    return open(descriptor, "w", buffering=1, encoding="utf-8", errors=errors, closefd=False)


def become(request: Request) -> None:
    """Go on as `python -m module args` would have begun."""
    os.environ.clear()
    os.environ.update(request.env)
    os.chdir(request.cwd)
    sys.argv[1:] = request.args
    sys.path[:1] = [request.cwd, *filter(None, request.env.get("PYTHONPATH", "").split(os.pathsep))]
    runpy.run_module(request.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    for loaded in LOADED:
        import_module(loaded)
    gc.collect()
    gc.freeze()
    asked = serve(socket.socket(fileno=int(sys.argv[1])))
    if asked is not None:
        become(asked)
