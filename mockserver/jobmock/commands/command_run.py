"""One run of a command: how it ended, what the client did, and the exit code of that."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..client_reports.activity import NOT_JUDGED, ClientActivity
from ..client_reports.story import heading, story
from ..coverage import Coverage
from ..etiquette import Finding, Verdict
from ..redaction import redact
from .planning import run_name
from .reports.run_report import RunReport
from .time_limits import Stop
from .unasked import Unasked

OWN_ERROR = 3
"""The exit code of a run that jobmock itself couldn't go on with."""
_ALL_FINDINGS = "--report json lists everything"
_FINE = "The command ended with 0, and nothing is wrong."


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRun:
    """One run of a command.

    `scenarios` has the names of what was chosen, `own_code` is the command's own exit code, and `stop` says why jobmock
    ended it. `left_behind` names the processes that still ran after it, `seconds` is the real time, and `clock_seconds`
    that of the mock's clock. A finding of the severity error fails the run only if it is `strict`.
    """

    scenarios: Sequence[str]
    command: Sequence[str]
    own_code: int
    stop: Stop | None
    left_behind: Sequence[str]
    unasked: Unasked | None
    activities: Sequence[ClientActivity]
    seconds: float
    clock_seconds: float
    artifacts: Sequence[Path] = ()
    strict: bool = True
    coverage: Coverage | None = None

    @property
    def name(self) -> str:
        """The names of its scenarios in one text."""
        return run_name(self.scenarios)

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict on the client for each API."""
        return {activity.api: activity.verdict for activity in self.activities}

    @property
    def findings(self) -> list[Finding]:
        """What the client did wrong, at all APIs."""
        return [finding for activity in self.activities for finding in activity.findings]

    @property
    def requests(self) -> int:
        """How many requests it sent."""
        return sum(len(activity.journal) + activity.dropped for activity in self.activities)

    @property
    def exit_code(self) -> int:
        """The exit code of this run: jobmock's, or the command's own, or 1 where that is 0 and something is wrong."""
        if self.stop is not None:
            return self.stop.exit_code
        return self.own_code or int(bool(self.broken_rules or self.unasked))

    @property
    def broken_rules(self) -> list[str]:
        """The rules whose breach fails the run, each once."""
        errors = [finding.rule for finding in self.findings if finding.severity == "error"]
        return list(dict.fromkeys(errors)) if self.strict else []

    @property
    def result(self) -> str:
        """The result in a few words: `passed`, or what failed."""
        unasked = (self.unasked.kind,) if self.unasked else ()
        code = (f"exit code {self.own_code}",) if self.own_code and not self.stop else ()
        stop = (self.stop.kind,) if self.stop else ()
        return ", ".join((*stop, *code, *unasked, *self.broken_rules)) or "passed"

    @property
    def meaning(self) -> str:
        """Why the exit code is what it is, in sentences."""
        return " ".join(filter(None, (self.own_error, *self.notes, self._broken()))) or _FINE

    @property
    def own_error(self) -> str | None:
        """Why jobmock itself couldn't go on, in a sentence."""
        return self.stop.text if self.stop and self.stop.exit_code == OWN_ERROR else None

    @property
    def notes(self) -> Iterator[str]:
        """What else must be said about this run beside its requests, in sentences."""
        if self.stop is not None and self.own_error is None:
            yield self.stop.text
        elif self.own_code and self.stop is None:
            yield f"The command ended with exit code {self.own_code}."
        if self.unasked and self.stop is None:
            yield f"{self._program} {self.unasked.sentence}: {self.unasked.question}"
        if self.left_behind:
            many = len(self.left_behind)
            text = f"{self._program} left {many} process{'es' * (many != 1)} behind, which jobmock ended"
            yield f"{text}: {redact(', '.join(self.left_behind))}."

    def _broken(self) -> str:
        """Return in a sentence which rules fail the run, or an empty text."""
        rules = self.broken_rules
        return f"The client broke {len(rules)} rule{'s' * (len(rules) != 1)}: {', '.join(rules)}." if rules else ""

    def report(self) -> RunReport:
        """Return the run as reports show it."""
        return RunReport(
            scenarios=tuple(self.scenarios), command=shlex.join(self.command), exit_code=self.exit_code,
            meaning=self.meaning, result=self.result, requests=self.requests, real_seconds=self.seconds,
            virtual_seconds=self.clock_seconds, verdicts=self.verdicts, story=self.story,
            artifacts=tuple(map(str, self.artifacts)), coverage=self.coverage, activities=self.activities,
        )  # fmt: skip

    @property
    def _program(self) -> str:
        return redact(self.command[0])

    @property
    def story(self) -> str:
        """The story of its requests as a red test tells it: a line for each API if all is well, or else all of it."""
        if self.exit_code or self.findings:
            return story(self.activities, all_findings=_ALL_FINDINGS)
        return "\n".join(redact(f"{heading(one)}; {_all_is_well(one)}") for one in self.activities)


def _all_is_well(activity: ClientActivity) -> str:
    """Return in words that a client broke no rule, or that no rule judged it."""
    return "not judged" if activity.verdict is NOT_JUDGED else "no findings in its requests"
