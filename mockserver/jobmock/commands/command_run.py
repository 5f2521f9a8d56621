"""One run of a command: how it ended, what the client did, and the exit code of that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..client_reports.activity import ClientActivity
from ..client_reports.story import heading, story
from ..etiquette import Finding
from ..redaction import redact
from .time_limits import Stop

OWN_ERROR = 3
"""The exit code of a run that jobmock itself couldn't go on with."""
_ALL_FINDINGS = "--report json lists everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRun:
    """One run of a command.

    `name` has the names of its scenarios, `own_code` is the command's own exit code, and `stop` says why jobmock ended
    it. `left_behind` names the processes that still ran after it, and `seconds` is the real time. A finding of the
    severity error fails the run only if it is `strict`.
    """

    name: str
    command: str
    own_code: int
    stop: Stop | None
    left_behind: Sequence[str]
    was_asked: bool
    activities: Sequence[ClientActivity]
    seconds: float
    strict: bool = True

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
        broken = self.strict and any(finding.severity == "error" for finding in self.findings)
        return self.own_code or int(broken or not self.was_asked)

    @property
    def result(self) -> str:
        """The result in a few words: `passed`, or what failed."""
        broken = dict.fromkeys(finding.rule for finding in self.findings if finding.severity == "error")
        unasked = () if self.was_asked else ("neither API was asked",)
        code = (f"exit code {self.own_code}",) if self.own_code and not self.stop else ()
        stop = (self.stop.kind,) if self.stop else ()
        return ", ".join((*stop, *code, *unasked, *(broken if self.strict else ()))) or "passed"

    @property
    def notes(self) -> Iterator[str]:
        """What must be said about this run beside its requests, in sentences."""
        if self.stop is not None:
            yield f"jobmock: {self.stop.text}" if self.stop.exit_code == OWN_ERROR else self.stop.text
        elif not self.was_asked:
            yield f"{redact(self.command)} asked neither API: is its base URL taken from CLADO_BASE_URL?"
        if self.left_behind:
            many = len(self.left_behind)
            text = f"{redact(self.command)} left {many} process{'es' * (many != 1)} behind, which jobmock ended"
            yield f"{text}: {redact(', '.join(self.left_behind))}."

    @property
    def story(self) -> str:
        """The story of its requests as a red test tells it: a line for each API if all is well, or else all of it."""
        if self.exit_code or self.findings:
            return story(self.activities, all_findings=_ALL_FINDINGS)
        return "\n".join(redact(f"{heading(activity)}; no findings") for activity in self.activities)
