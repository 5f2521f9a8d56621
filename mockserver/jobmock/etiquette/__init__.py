"""The rules of etiquette for polling clients, and the verdict on a client's journal. Pure: no I/O, no clock."""

from __future__ import annotations

from .declared_rules import EXPLAINED, RULES, Rule
from .returned_value import ReturnedValue, describe
from .rule_settings import SEVERITIES, RuleSettings, parse_severities
from .verdict import OUTCOMES, Finding, Verdict, by_reason, findings_of, judge

__all__ = [
    "EXPLAINED", "OUTCOMES", "RULES", "SEVERITIES", "Finding", "ReturnedValue", "Rule", "RuleSettings", "Verdict",
    "by_reason", "describe", "findings_of", "judge", "parse_severities",
]  # fmt: skip
