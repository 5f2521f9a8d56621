"""`python -m tests.forking FD`: a process that has imported what others need, and forks a child for each request.

The imports take half a second of processor time, a fork a hundredth. A test of what a process imports, and when, must
start a new interpreter instead.
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
    """The module to run, its arguments, folder and environment; files are sent along with it."""

    module: str
    args: Sequence[str]
    cwd: str
    env: Mapping[str, str]


class ProcessResult(NamedTuple):
    """The exit code and the output of a process."""

    code: int
    out: str
    err: str


class Forked:
    """A forked process, with the methods of `subprocess.Popen` that tests use."""

    def __init__(self, results: socket.socket) -> None:
        self._results = results
        self.pid = int(results.recv(32))
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end of the process; return its exit code. Raises TimeoutExpired."""
        if self.returncode is None:
            self._results.settimeout(timeout)
            try:
                self.returncode = int(self._results.recv(32))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(f"the process {self.pid}", timeout or 0) from None
            self._results.close()
        return self.returncode

    def poll(self) -> int | None:
        """Return the exit code if the process has ended."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the process, unless it has ended."""
        self.send_signal(signal.SIGKILL)


class Parent:
    """The process that forks; it is started when it is first needed, and ended by `end`."""

    def __init__(self) -> None:
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def fork(
        self, module: str, args: Sequence[str], cwd: Path, env: Mapping[str, str], out: int, err: int
    ) -> Forked:  # fmt: skip
        """Run a module as `python -m` does, with these descriptors for its output."""
        control = self._control or self._start()
        request = Request(module, args, str(cwd), {**env})
        results, result_writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with result_writer, TemporaryFile() as file:
            file.write(json.dumps(request).encode())
            file.seek(0)
            socket.send_fds(control, [b"."], [file.fileno(), out, err, result_writer.fileno()])
        return Forked(results)

    def run(self, module: str, args: Sequence[str], cwd: Path, seconds: float) -> ProcessResult:
        """Run a module to its end in this environment; return its output. Starts an interpreter if it can't fork."""
        if not CAN_FORK:
            line = [sys.executable, "-m", module, *args]
            done = subprocess.run(line, cwd=cwd, capture_output=True, text=True, timeout=seconds, check=False)
            return ProcessResult(done.returncode, done.stdout, done.stderr)
        with TemporaryFile("w+", encoding="utf-8") as out, TemporaryFile("w+", encoding="utf-8") as err:
            process = self.fork(module, args, cwd, os.environ, out.fileno(), err.fileno())
            try:
                code = process.wait(seconds)
            finally:
                process.kill()
            for file in (out, err):
                file.seek(0)
            return ProcessResult(code, out.read(), err.read())

    def _start(self) -> socket.socket:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            line = [sys.executable, "-m", __name__, str(theirs.fileno())]
            root = Path(__file__).parents[1]
            self._process = subprocess.Popen(line, cwd=root, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        return self._control

    def end(self) -> None:
        """End the process."""
        if self._control is not None and self._process is not None:
            self._control.close()
            self._process.wait()
            self._control = None


PARENT = Parent()
"""The forking process of this process; it isn't started before the first fork."""


def serve(control: socket.socket) -> Request | None:
    """Fork for each request, and send each child's exit code. Returns the request in a child; None at the end."""
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
                        return _take_over(files)
                    result_writer = socket.socket(fileno=files.pop())
                    result_writer.send(str(pid).encode())
                    watched.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, result_writer))
                    for file in files:
                        os.close(file)
                else:
                    _send_exit_code(key, watched)


def _send_exit_code(key: selectors.SelectorKey, watched: selectors.BaseSelector) -> None:
    """Send the exit code of a child that has ended."""
    pid, result_writer = key.data
    watched.unregister(key.fileobj)
    os.close(key.fd)
    with result_writer:
        result_writer.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def _take_over(files: Sequence[int]) -> Request:
    """Use the files that were sent as this process's own; return the request."""
    request, out, err, results = files
    os.close(results)
    os.dup2(out, 1)
    os.dup2(err, 2)
    sys.stdout, sys.stderr = _stream(1, "strict"), _stream(2, "backslashreplace")  # the old ones have the old files
    with open(request, encoding="utf-8") as file:
        return Request(*json.load(file))


def _stream(descriptor: int, errors: str) -> TextIO:
    """Return a stream to a descriptor, as Python makes one."""
    return open(descriptor, "w", buffering=1, encoding="utf-8", errors=errors, closefd=False)


def become(request: Request) -> None:
    """Run the requested module as `python -m` does."""
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
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    if request is not None:
        become(request)
