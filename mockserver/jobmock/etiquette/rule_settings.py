"""The settings of the rules that a test may choose: thresholds and severities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..clock import SECOND
from ..errors import UsageError, hint, short_repr
from .rules import RULES

SEVERITIES = ("error", "warning", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSettings:
    """Thresholds and severities of the rules.

    `floor` is the shortest time between two polls, `deadline` the longest time for which a job may be polled, both in
    nanoseconds. `severities` makes a rule an `error` or a `warning`, or turns it `off`. Raises UsageError.
    """

    floor: int = SECOND
    deadline: int = 24 * 3600 * SECOND
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
        for name in ("floor", "deadline"):
            if getattr(self, name) < 0:
                raise UsageError(f"{name!r} is {getattr(self, name) / SECOND:g} s. Allowed: 0 or more.")

    def severity(self, rule: str) -> str:
        """Return the severity of a rule."""
        return self.severities.get(rule, RULES[rule].severity)
