"""A command that stays alive for one job after another, and hears of each on its stdin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from threading import Event

from ..catalogue import Catalogue
from ..client_reports.played_job import PlayedJob, played_job
from ..clock import SECOND
from ..dialect.api import Api
from ..engine.progression import Plan
from ..errors import UsageError
from ..redaction import redact
from ..server.listeners import Host
from ..server.shared_time.process import end_waits
from .client_run import ClientRun, ClientSettings, RequestLimit
from .clients import after, last_output
from .command_run import OWN_ERROR
from .environment import client_environment, mock_variables
from .line_protocol import Answer, LineProtocol, ProtocolError
from .run_mock import RunMock, check_time
from .signals import Signals
from .starting import start_child
from .time_limits import Stop, TimeLimits

_NOTHING: Mapping[str, str] = {}
_MOST_STDERR = 1 << 16
_END_SECONDS = 1.0
"""So long has a command to end by itself once its input has ended."""
_UNREAD = Stop("ignores its input", 1, "The command waits, but hasn't read its next job from stdin.")
_LONGEST_LIFE = 30 * 86_400 * SECOND
"""A command is replaced when its clock has gone so far: a number of JavaScript holds 104 days in nanoseconds."""


class PersistentClient:
    """A command that speaks the line protocol. It keeps its key and its clock, which goes on from job to job.

    One that has ended, or was ended, is replaced. Raises StartError if this system can't run it in the wanted time.
    """

    def __init__(
        self, command: Sequence[str], api: Api, catalogue: Catalogue, settings: ClientSettings, host: Host,
        signals: Signals,
    ) -> None:  # fmt: skip
        check_time(settings.mock.time)
        self._start = partial(_Process, command, api, catalogue, settings, host, signals)
        self._program = redact(command[0])
        self._process: _Process | None = None
        self._has_answered = False

    def run(self, plan: Plan, start: int, variables: Mapping[str, str] = _NOTHING) -> ClientRun:
        """Give the command a job. Raises NotStarted, and UsageError for a command that doesn't speak the protocol."""
        process = self._process
        if process is not None and (process.start != start or not process.may_play(plan)):
            self.close()
        while True:
            process = self._process = self._process or self._start(start)
            done, error = process.play(plan, variables)
            if done.stop is not None or error is not None:
                self._end(process)
            if error is None or not process.has_ended_between(done):
                break
        if not self._has_answered:
            self._check_speaks(done, error)
        self._has_answered = self._has_answered or done.has_ended
        return done

    def _check_speaks(self, done: ClientRun, error: ProtocolError | None) -> None:
        """Raise UsageError if the first job shows that the command doesn't speak the protocol."""
        is_silent = not done.has_ended and not done.played.was_asked
        if done.stop is not None and done.stop.exit_code == OWN_ERROR:
            return
        if (error is not None and error.is_unknown) or is_silent:
            what = f"The command {self._program!r} doesn't speak the protocol of a persistent command"
            raise UsageError(f"{what}: it {error or 'neither answered nor asked for its job.'}")

    def close(self) -> None:
        """End the command: its input ends, and it may end by itself."""
        if self._process is not None:
            self._process.ask_to_end()
            self._end(self._process)

    def _end(self, process: _Process) -> None:
        self._process = None
        process.end()


class _Process:
    """One process of a persistent command, with its mock."""

    def __init__(
        self, command: Sequence[str], api: Api, catalogue: Catalogue, settings: ClientSettings, host: Host,
        signals: Signals, start: int,
    ) -> None:  # fmt: skip
        self.start, self._api, self._settings, self._host = start, api.name, settings, host
        self._ended = Event()
        self._on_event: Callable[[], None] = lambda: None
        self._stop: Callable[[Stop], None] = lambda stop: None
        self._requests = RequestLimit(settings.limits.requests)
        self._jobs: set[str] = set()
        self._answers, self._have_looked = 0, False
        self._has_lines = False
        with ExitStack() as stack:
            self._mock = mock = stack.enter_context(RunMock.served(host, catalogue, settings.mock, {}, start))
            mock.service.watchers.append(self._requests.note_request)
            environment = client_environment(settings.base, mock, (), {})
            mock.own_processes(lambda stop: self._stop(stop), self._may_move)  # before the first request can come
            self._child = stack.enter_context(signals.passed_to(lambda: start_child(
                command, environment, piped=True, most=_MOST_STDERR, on_end=self._note_end
            )))  # fmt: skip
            assert self._child.stdin is not None and self._child.stdout is not None
            self._lines = LineProtocol(self._child.stdin, self._child.stdout, lambda: self._on_event())
            self._has_lines = True
            self._stack = stack.pop_all()

    def may_play(self, plan: Plan) -> bool:
        """Return whether the process can take a job of a plan: it runs, isn't too old, and its clock fits.

        A date in a Retry-After has whole seconds, so it is as far ahead as in a new process only on a whole second.
        """
        elapsed = self._mock.clock.elapsed
        is_exact = elapsed % SECOND == 0 or self._settings.mock.time != "virtual"
        return not self._ended.is_set() and elapsed <= _LONGEST_LIFE and (is_exact or not _has_dates(plan))

    def play(self, plan: Plan, variables: Mapping[str, str]) -> tuple[ClientRun, ProtocolError | None]:
        """Give the process a job; return how its call ended, and how it broke the protocol."""
        self._host.settle()
        mock, limits, api = self._mock, self._settings.limits, self._api
        job = mock.give_job(api, plan)
        namespace, stopped = mock.namespaces[api], list[PlayedJob]()
        time_limits = TimeLimits(
            mock.clock, timeout=limits.timeout, deadline=after(limits.seconds), began=mock.clock.now(),
            on_stop=lambda: stopped.append(played_job(namespace, job)), requests=lambda: len(namespace.journal),
        )  # fmt: skip
        self._have_looked = False
        self._stop, self._on_event = time_limits.stop, time_limits.end
        self._requests.begin(time_limits.stop)
        stop, answer, error = None, None, None
        try:
            self._lines.send(mock_variables(mock.url, {api: namespace.key}, {api: job.id}) | dict(variables))
            if self._ended.is_set():
                time_limits.end()
            stop = time_limits.wait()
            answer = None if stop else self._answer()
        except ProtocolError as broken:
            error = broken
        self._host.settle()
        played, late = self._without_late_requests(stopped[0] if stop else played_job(namespace, job))
        error = error or late or self._unfinished_line(stop)
        text = None if error is None else str(error)
        if answer is None:
            return ClientRun(played=played, stop=stop, broken_protocol=text, has_ended=False), error
        return ClientRun(played=played, returned=answer.returned, raised=answer.raised, broken_protocol=text), error

    def has_ended_between(self, done: ClientRun) -> bool:
        """Return whether the process ended after its last answer, so that another one can take the job."""
        return bool(self._answers) and self._ended.is_set() and not (done.played.journal or self._lines.has_written)

    def ask_to_end(self) -> None:
        """End the input of the process, and wait a moment for its end."""
        self._lines.ask_to_end()
        self._child.wait(_END_SECONDS)

    def end(self) -> None:
        """End the process and its mock."""
        try:
            self._stack.close()
        finally:
            self._lines.close()

    def _may_move(self) -> bool:
        """Return whether the clock may move. A process that waits for it, and not for its job, is ended.

        What processes wait for may be what they waited for before they read the job. So they look again first.
        """
        if not self._has_lines:
            return False
        if not self._lines.may_move():
            if self._lines.is_ignored:
                self._stop(_UNREAD)
            return False
        if not self._have_looked:
            self._have_looked = True
            group = self._mock.app.shared_time.group(self._mock.clock)
            end_waits(group.processes, self._mock.clock.elapsed)
            return False
        return True

    def _note_end(self) -> None:
        self._ended.set()
        self._on_event()

    def _answer(self) -> Answer:
        """Return the answer. Raises ProtocolError."""
        try:
            answer = self._lines.take_answer()
        except ProtocolError as error:
            if error.is_unknown or not self._child.wait(_END_SECONDS):
                raise
            code, _ = self._child.end()
            said = last_output(self._child.output[1])
            written = f", and it wrote: {said}" if said else "."
            raise ProtocolError(f"{error} Its exit code is {code}{written}", is_unknown=False) from None
        self._answers += 1
        return answer

    def _without_late_requests(self, played: PlayedJob) -> tuple[PlayedJob, ProtocolError | None]:
        """Leave out the requests about earlier jobs, and return what to say of them."""
        late = {one.number for one in played.journal if not self._jobs.isdisjoint(one.path.split("/"))}
        self._jobs.add(played.job.id)
        if not late:
            return played, None
        text = f"sent {len(late)} request{'s' * (len(late) != 1)} about an earlier job after it had answered for that."
        return played._replace(journal=played.journal.snapshot(late)), ProtocolError(text, is_unknown=False)

    def _unfinished_line(self, stop: Stop | None) -> ProtocolError | None:
        """Return what to say of a process that was ended while its answer may have lacked a newline."""
        if stop is None or not self._lines.has_written:
            return None
        return ProtocolError("wrote output without a newline at its end.")


def _has_dates(plan: Plan) -> bool:
    """Return whether a plan answers with dates in Retry-After."""
    return any(fault.retry_after is not None and fault.retry_after.as_date for fault in plan.scenario.faults)
