"""One run of a client's command, as all formats of a report show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ...client_reports.activity import ClientActivity
from ...coverage import NOTHING_MET, Coverage
from ...etiquette import Finding, Verdict
from ...redaction import redact, redact_id
from ...reports.plain_text import valid_unicode
from ..planning import run_name


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """One run of a command: what it played, how it ended, and what the client did wrong.

    `meaning` says in sentences why the exit code is what it is, and `result` in a few words. `requests` is how many
    the client sent. `virtual_seconds` is the time that passed on the mock's clock. `verdicts` has one of each API, and
    `story` the requests of both. No field holds a key.
    """

    scenarios: tuple[str, ...]
    command: str
    exit_code: int
    meaning: str
    result: str
    requests: int
    real_seconds: float
    virtual_seconds: float
    verdicts: Mapping[str, Verdict]
    story: str = ""
    artifacts: tuple[str, ...] = ()
    coverage: Coverage | None = None
    """What the client met of the APIs; None if that isn't counted."""
    activities: Sequence[ClientActivity] = ()
    """What the client did with each API, for pictures."""

    def __post_init__(self) -> None:
        shown = {
            "scenarios": tuple(map(_without_keys, self.scenarios)),
            "artifacts": tuple(map(_without_keys, self.artifacts)),
            "verdicts": {api: _verdict_without_keys(verdict) for api, verdict in self.verdicts.items()},
            **{name: _without_keys(getattr(self, name)) for name in ("command", "meaning", "result", "story")},
        }
        for name, value in shown.items():
            object.__setattr__(self, name, value)

    @property
    def name(self) -> str:
        """The scenarios, on one line."""
        return run_name(self.scenarios)

    @property
    def failed(self) -> bool:
        """Whether the exit code isn't 0."""
        return self.exit_code != 0

    @property
    def outcome(self) -> str:
        """`passed` or `failed`."""
        return "failed" if self.failed else "passed"

    @property
    def times(self) -> str:
        """Both durations in words."""
        return f"{self.virtual_seconds:.3f} s of the mock's clock in {self.real_seconds:.2f} real s"

    @property
    def has_more_to_say(self) -> bool:
        """Whether the run failed, or the client broke a rule."""
        return self.failed or any(self.findings())

    def findings(self) -> Iterator[tuple[str, Finding]]:
        """Yield each finding, with its API."""
        for api, verdict in self.verdicts.items():
            for finding in verdict.findings:
                yield api, finding


def summary(runs: Sequence[RunReport]) -> str:
    """Return how many runs there were, and how many of them failed, in a sentence."""
    failed = sum(run.failed for run in runs)
    return f"{len(runs)} run{'s' * (len(runs) != 1)}: {len(runs) - failed} passed, {failed} failed."


def whole_coverage(runs: Sequence[RunReport]) -> Coverage | None:
    """Return what the client met in all runs together; None if that isn't counted."""
    counted = [run.coverage for run in runs if run.coverage is not None]
    return NOTHING_MET.merge(*counted) if counted else None


def _without_keys(text: str) -> str:
    return "\n".join(redact(line) for line in valid_unicode(text).split("\n"))


def _verdict_without_keys(verdict: Verdict) -> Verdict:
    return replace(verdict, findings=tuple(map(_finding_without_keys, verdict.findings)))


def _finding_without_keys(finding: Finding) -> Finding:
    job = None if finding.job is None else redact_id(valid_unicode(finding.job))
    return replace(finding, job=job, evidence=_without_keys(finding.evidence), remedy=_without_keys(finding.remedy))
