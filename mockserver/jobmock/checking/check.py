"""A check: judges exchanges one after another and counts the violations. It holds only one exchange at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from .. import apis
from ..errors import UsageError, hint
from .answer_rules import judge_answer, judge_as_requested
from .base_paths import BasePaths
from .exchange import LiveExchange, Source
from .job_answers import Continuation, Digests, JobAnswer, continuation, job_answer, job_key
from .json_bodies import TOO_DEEP
from .messages import is_word
from .received_answer import ReceivedAnswer, received_answer
from .recorded_jobs import RecordedJobs
from .report import Report
from .report_builder import ReportBuilder
from .schema_places import with_schema_place
from .selection import ALL, Selection
from .sequence_rules import JobSequences
from .violation import Identity, LiveViolation

_NOT_JUDGED: Mapping[str, Callable[[ReceivedAnswer], bool]] = {
    "not answered": lambda answer: answer.exchange.status <= 0,  # recorders have -1, -2 and -999 too
    "not modified": lambda answer: answer.exchange.status == 304,  # the body is the one that the client has
    "body nested too deeply": lambda answer: answer.body is TOO_DEEP,
}
"""Why an answer is left out of the check, and when."""


class KeptAnswer(NamedTuple):
    """What an exchange shows of its job, where it was found, and its number in the source."""

    shown: JobAnswer | Continuation
    source: Source
    number: int


class Check:
    """A check of one API, or of all. `accepted` are the identities in a baseline. Raises UsageError.

    Judged exchanges are added to `jobs`, if a picture of them is wanted. `selection` says which are judged, and
    `base_paths` are paths of a proxy, which come before those of the API; without them, one is guessed. Answers about
    jobs whose digests are `in_several` sources are kept, and not compared.
    """

    def __init__(
        self, api: str | None = None, accepted: Iterable[Identity] = (), jobs: RecordedJobs | None = None, *,
        selection: Selection = ALL, base_paths: Iterable[str] = (), digests: Digests | None = None,
        in_several: frozenset[int] = frozenset(),
    ) -> None:  # fmt: skip
        if api is not None and api not in apis.names():
            names = apis.names()
            raise UsageError(f"There is no API {api!r}. Allowed: {', '.join(names)}.{hint(api, names)}")
        self._paths = BasePaths((apis.load(api),) if api else apis.all_apis(), base_paths)
        self._selection = selection
        self._accepted, self._jobs = frozenset(accepted), jobs
        self._sequences, self._report = JobSequences(), ReportBuilder()
        self._digests, self._in_several = digests or Digests(), in_several
        self.kept: list[KeptAnswer] = []
        """The answers about jobs that several sources have answers about."""
        self.number = 0
        """How many exchanges were given to the check, with entries that can't be read."""

    @property
    def guessed_base_paths(self) -> Mapping[str, str]:
        """The base path of each API before its own paths, if one was guessed."""
        return self._paths.guessed

    @property
    def is_empty(self) -> bool:
        """Whether there was no exchange that could be read."""
        return not (self._report.judged or self._report.left_out)

    @property
    def results(self) -> ReportBuilder:
        """What was found until now."""
        return self._report

    def merge(self, shares: Sequence[ReportBuilder], number: int) -> None:
        """Add what other checks found in the shares of one source, which has so many entries."""
        self._report.merge(shares, self.number)
        self.number += number

    def job_key(self, method: str, path: str) -> str:
        """Return what all requests about one job have in common; empty if a request is about none."""
        path = path.partition("?")[0]
        api, operation, params = self._paths.find(method.upper(), path)
        return job_key(api, params["job"]) if operation is not None and "job" in params else ""

    def skip(self) -> bool:
        """Count an entry that another check judges. Return True."""
        self.number += 1
        return True

    def leave_out(self, source: Source, reason: str) -> None:
        """Count an entry of a recording that can't be read."""
        self.number += 1
        self._report.add_odd_entry(source, reason)

    def judge(self, exchange: LiveExchange, *, alone: bool = False) -> list[LiveViolation]:
        """Judge an exchange, and return the violations that no baseline accepts.

        It is also compared with earlier exchanges, unless it is `alone`. Requests that are no operation of the API are
        left out, and so are answers that never came, weren't read or are nested too deeply.
        """
        self.number += 1
        method = exchange.method.upper()
        api, operation, params = self._paths.find(method, exchange.path)
        if operation is None:
            self._report.leave_out(_name_unknown_request(exchange.method, exchange.path))
            return []
        if reason := self._selection.why_out_of_period(exchange):
            self._report.leave_out(f"{method} {operation.path}, {reason}")
            return []
        if operation.name == "more" and not alone:
            self._compare(continuation(api, params["job"], exchange, self._digests), exchange.source)
        answer = received_answer(api, operation, params, exchange)
        if reason := self._selection.why_other_job(answer) or _why_not_judged(answer):
            self._report.leave_out(f"{method} {operation.path}, {reason}")
            return []
        self._report.judged[f"{api.name} {operation.name}"] += 1
        if self._jobs is not None:
            self._jobs.add(self.number, answer)
        found = list(judge_answer(answer))
        if not alone:
            found += (*judge_as_requested(answer), *self._compare(job_answer(answer, self._digests), exchange.source))
        for violation in found:
            if self._report.count(violation):
                placed = with_schema_place(violation, answer.body)
                self._report.add_row(placed, exchange.source, self.number)
        return [violation for violation in found if violation.identity not in self._accepted]

    def _compare(self, shown: JobAnswer | Continuation | None, source: Source) -> list[LiveViolation]:
        """Compare what an exchange shows of its job with earlier ones; or keep it, to be compared later."""
        if shown is None:
            return []
        if shown.job.digest in self._in_several:
            self.kept.append(KeptAnswer(shown, source, self.number))
            return []
        return list(self._sequences.judge(shown))

    def report(self) -> Report:
        """Return the report on all exchanges until now."""
        return replace(self._report.build(self._accepted), jobs=self._jobs, exchanges=self.number)

    def final_report(self) -> Report:
        """Return the report. Raises UsageError if no answer was judged, because that proves nothing."""
        report = self.report()
        if not report.judged:
            left_out = {**report.left_out, **{str(odd): odd.count for odd in report.odd}}
            left = ", ".join(f"{count} × {what}" for what, count in left_out.items()) or "nothing"
            raise UsageError(f"No answer was judged, so nothing is known. Left out: {left}.")
        return report


def _why_not_judged(answer: ReceivedAnswer) -> str:
    """Return why an answer can't be judged, empty if it can."""
    return answer.exchange.unread or next((reason for reason, holds in _NOT_JUDGED.items() if holds(answer)), "")


def _name_unknown_request(method: str, path: str) -> str:
    """Return the method and the first part of the path of another API's request: the rest may hold a person's name."""
    first, *more = path.removeprefix("/").split("/")
    shown = [part if not part or is_word(part) else "*" for part in (method, first)]
    return f"{shown[0].upper()} /{shown[1]}{'/…' * bool(more)}"
