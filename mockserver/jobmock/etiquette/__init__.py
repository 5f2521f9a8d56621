"""What a well-behaved polling client does: rules with ids over a journal, and a verdict. Pure: no I/O, no clock."""

from __future__ import annotations

from .manners import SEVERITIES, Manners
from .rules import RULES, Rule
from .verdict import OUTCOMES, Finding, Verdict, judge

__all__ = ["OUTCOMES", "RULES", "SEVERITIES", "Finding", "Manners", "Rule", "Verdict", "judge"]
