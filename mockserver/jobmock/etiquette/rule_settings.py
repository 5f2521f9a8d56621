"""The settings of the rules that a test may choose: thresholds and severities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..clock import SECOND
from ..errors import UsageError, hint, short_repr
from .declared_rules import RULES
from .thresholds import THRESHOLDS

_FORM = "Write RULE=error, RULE=warning or RULE=off, with commas between."
SEVERITIES = ("error", "warning", "off")
_DEADLINE = round(THRESHOLDS["deadline"].value * SECOND)
_PATIENCE = 2
"""A job may be polled so many times as long as it may take, if that is longer than the usual deadline."""
_ONE: float = THRESHOLDS["min_interval"].value * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSettings:
    """Thresholds and severities of the rules.

    `min_interval` is how far apart polls must be: not each two of them, but a row of polls on average. The thresholds
    grow and shrink with it. `deadline` is the longest time for which a job may be polled, by default a day, or twice as
    long as a job may take if that is more; `longest_job` is how long a job may take, by default the API's. All three
    are in nanoseconds. `severities` makes a rule an `error` or a
    `warning`, or turns it `off`. Raises UsageError.
    """

    min_interval: int = round(_ONE)
    deadline: int | None = None
    longest_job: int | None = None
    severities: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.severities, Mapping):
            example = "{'page-repeated': 'off'}"
            raise UsageError(f"Rules are a mapping such as {example}, not {short_repr(self.severities)}.")
        for rule, severity in self.severities.items():
            if rule not in RULES:
                raise UsageError(f"There is no rule {rule!r}. Allowed: {', '.join(RULES)}.{hint(rule, RULES)}")
            if severity not in SEVERITIES:
                near = hint(severity, SEVERITIES)
                raise UsageError(f"The severity of {rule} is {severity!r}. Allowed: {', '.join(SEVERITIES)}.{near}")
        for name in ("min_interval", "deadline"):
            if (getattr(self, name) or 0) < 0:
                raise UsageError(f"{name!r} is {getattr(self, name) / SECOND:g} s. Allowed: 0 or more.")

    def deadline_for(self, longest_job: int | None) -> int:
        """Return how long a job may be polled that may take so long; None if nothing says how long it may take."""
        return max(_DEADLINE, _PATIENCE * (longest_job or 0)) if self.deadline is None else self.deadline

    @property
    def scale(self) -> float:
        """How many times longer than the default `min_interval` is."""
        return self.min_interval / _ONE

    def scaled(self, seconds: float) -> float:
        """Return a threshold in nanoseconds that is given in seconds for the default `min_interval`."""
        return seconds * SECOND * self.scale

    def severity(self, rule: str) -> str:
        """Return the severity of a rule."""
        return self.severities.get(rule, RULES[rule].severity)


def parse_severities(text: str) -> dict[str, str]:
    """Return the severities in `RULE=LEVEL,…`; line breaks separate too. Raises UsageError."""
    pairs = [part.partition("=") for part in text.replace("\n", ",").split(",") if part.strip()]
    if not all(equals for _, equals, _ in pairs):
        raise UsageError(_FORM)
    severities = {rule.strip(): severity.strip() for rule, _, severity in pairs}
    RuleSettings(severities=severities)
    return severities
