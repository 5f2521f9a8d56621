"""Shared test tools: a service without a socket, commands here and in other processes, and each API's key and path."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar

import pytest
from tests.api_facts import job_id_of, operation_of, path_of, start_body
from tests.forking import CAN_FORK, PARENT, Forked

from jobmock import apis, cli
from jobmock.clock import SECOND
from jobmock.engine.journal import Journal, Record, size_of
from jobmock.engine.namespace import Namespace
from jobmock.models import Exchange, Reply, Request
from jobmock.service.service import Service

HANGS = 180.0
"""Seconds after which a wait counts as hanging. Tests don't check speed; the benchmarks do."""
WHOLE = "WHOLE_PROPERTIES"
"""An environment variable with which properties try all their examples, and tables all their rows."""
EPOCH = 1_767_225_600 * SECOND
KEYS = {api.name: api.key("test") for api in apis.all_apis()}
JOBS = {api.name: operation_of(api, "start").path for api in apis.all_apis()}
STARTS: dict[str, Any] = {api.name: start_body(api) for api in apis.all_apis()}


def examples(number: int) -> int:
    """Return how many examples of a property are tried: an eighth, or all in the campaign `properties`."""
    return number if os.environ.get(WHOLE) else max(min(number, 5), number // 8)


Row = TypeVar("Row")


def part(rows: Iterable[Row], every: int) -> list[Row]:
    """Return the rows of a long table that are tried: every n-th, or all in the campaign `properties`.

    In a product of two lists, each entry of either is tried if n has no factor in common with their lengths.
    """
    return list(rows)[:: 1 if os.environ.get(WHOLE) else every]


class Mock:
    """A service that is called without a socket."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def send(
        self, method: str, path: str, *, key: str | None = None, query: str = "", body: Any = None,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> Reply:  # fmt: skip
        """Send one request; `body` is bytes, or becomes JSON; `key` is a bearer key."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        bearer = ((b"authorization", f"Bearer {key}".encode()),) if key is not None else ()
        return self.service.handle(Request(method, path.encode(), query.encode(), bearer + headers, raw))

    def start(self, api: str, key: str | None = None, body: Any = None) -> str:
        """Start a job and return its id."""
        known = apis.load(api)
        start, sent = operation_of(known, "start"), known.credential.headers(key or KEYS[api])
        content = STARTS[api] if body is None else body
        reply = self.send(start.method, path_of(start), body=content, headers=sent)
        job = job_id_of(known, reply.body, reply.headers)
        assert reply.status < 300 and job is not None, reply
        return job

    def poll(self, api: str, job: str, key: str | None = None, query: str = "") -> Reply:
        """Send one status request."""
        known = apis.load(api)
        status, sent = operation_of(known, "status"), known.credential.headers(key or KEYS[api])
        return self.send(status.method, path_of(status, job), query=query, headers=sent)

    def play(self, api: str, scenario: Any, key: str | None = None) -> str:
        """Let the key play a scenario (a name or an object), start a job and return its id."""
        key = key or KEYS[api]
        plan = self.service.catalogue.resolve(scenario, api)
        self.namespace(api, key).use(plan)
        return self.start(api, key, start_body(apis.load(api), plan.scenario.run_shape))

    def namespace(self, api: str, key: str | None = None) -> Namespace:
        """Return the namespace of a key, and open it if there is none."""
        return self.service.namespace(apis.load(api), key or KEYS[api])

    def advance(self, seconds: float, api: str = "clado", key: str | None = None) -> None:
        """Advance the clock of a key's namespace."""
        self.namespace(api, key).clock.advance(round(seconds * SECOND))


def json_of(reply: Reply) -> Any:
    """Return the JSON body of a reply as data."""
    return json.loads(reply.body)


def put(journal: Journal, exchange: Exchange) -> Record:
    """Add an exchange to a journal, and return its record."""
    sender = exchange.connection, exchange.agent
    record = (exchange.number, exchange.at, exchange.arrived, sender, exchange[2:-3], size_of(exchange))
    journal.add(record)
    return record


class CommandResult(NamedTuple):
    """The exit code and the output of a command that ran in this process."""

    code: int
    out: str
    err: str


def call(capsys: pytest.CaptureFixture[str], *args: object) -> CommandResult:
    """Run `jobmock ARGS` in this process."""
    capsys.readouterr()
    code = cli.execute([str(arg) for arg in args])
    return CommandResult(code, *capsys.readouterr())


def rest_of_terminal(ours: int) -> bytes:
    """Return what a terminal is still sent until its other end is closed, and close it."""
    sent = b""
    try:
        while chunk := os.read(ours, 65536):
            sent += chunk
    except OSError:  # Linux says so that the other end is closed
        pass
    finally:
        os.close(ours)
    return sent


class Lines:
    """The lines of a process's stream, which a thread collects as they come."""

    def __init__(self, stream: IO[str]) -> None:
        self._lines: list[str] = []
        self._changed, self._ended = threading.Condition(), False
        self._thread = threading.Thread(target=self._collect, args=(stream,), daemon=True)
        self._thread.start()

    def _collect(self, stream: IO[str]) -> None:
        for line in stream:
            with self._changed:
                self._lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait_for(self, text: str, seconds: float = HANGS, *, times: int = 1) -> str:
        """Wait for a line that contains `text`, or for the n-th such line, and return it."""

        def found() -> list[str]:
            return [line for line in self._lines if text in line][times - 1 :]

        with self._changed:
            self._changed.wait_for(lambda: found() or self._ended, seconds)
            assert found(), f"No line with {text!r} in {seconds} s, but: {self._lines}"
            return found()[0]

    def until_end(self) -> list[str]:
        """Wait for the end of the stream and return all lines."""
        self._thread.join(HANGS)
        assert not self._thread.is_alive(), "The stream is still open."
        return list(self._lines)

    def so_far(self) -> list[str]:
        """Return the lines until now."""
        with self._changed:
            return list(self._lines)


class Served:
    """A `jobmock serve` process that is ready, and its two streams."""

    def __init__(self, process: subprocess.Popen[str] | Forked, out: IO[str], err: IO[str]) -> None:
        self.process = process
        self.out, self.err = Lines(out), Lines(err)
        self.ready: dict[str, Any] = {}
        self.url = ""

    def end(self, number: int) -> int:
        """Send a signal, wait for the end of the process, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(HANGS)


@contextmanager
def served(
    *flags: object, cwd: Path | None = None, env: Mapping[str, str] | None = None, by: str = "serve"
) -> Iterator[Served]:
    """Run `jobmock serve` (or another command `by` name) on a free port for the length of a `with` block."""
    out, err = _pipe(), _pipe()
    with out.read, err.read:
        with out.write, err.write:
            process = _start([by, "--port", "0", *map(str, flags)], cwd, {**os.environ, **(env or {})}, out, err)
        server = Served(process, out.read, err.read)
        try:
            server.ready = json.loads(server.out.wait_for("{"))
            server.url = server.ready["url"]
            yield server
        finally:
            process.kill()
            process.wait(HANGS)
            server.out.until_end()
            server.err.until_end()


class _Pipe(NamedTuple):
    read: IO[str]
    write: IO[str]


def _pipe() -> _Pipe:
    read, write = os.pipe()
    return _Pipe(open(read, encoding="utf-8"), open(write, "w", encoding="utf-8"))


def _start(
    args: list[str], cwd: Path | None, env: Mapping[str, str], out: _Pipe, err: _Pipe
) -> subprocess.Popen[str] | Forked:
    """Start `jobmock ARGS` in another process."""
    if CAN_FORK:
        return PARENT.fork("jobmock", args, cwd or Path.cwd(), env, out.write.fileno(), err.write.fileno())
    command = [sys.executable, "-m", "jobmock", *args]
    return subprocess.Popen(command, stdout=out.write, stderr=err.write, text=True, cwd=cwd, env=env)


def scenario(api: str, *steps: str | dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a scenario as an object; each step but the last is for one poll unless it has an `after`."""
    progression: list[dict[str, Any]] = [{"status": step} if isinstance(step, str) else dict(step) for step in steps]
    for step in progression[:-1]:
        step.setdefault("after", {"polls": 1})
    return {"version": 1, "api": api, "progression": progression, **more}
