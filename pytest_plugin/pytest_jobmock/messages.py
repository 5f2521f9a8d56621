"""The text of findings in a failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobmock.etiquette import Finding


def findings_message(findings: Sequence[Finding], not_judged: Mapping[str, str]) -> str:
    """Return what a client did wrong, one finding per line, and the rules that could not be judged."""
    rules = len({finding.rule for finding in findings})
    lines = [f"The client broke {rules} rule{'s' * (rules != 1)} of polling:"]
    lines += [f"  {finding}" for finding in findings]
    for reason in dict.fromkeys(not_judged.values()):
        rules_of_reason = ", ".join(rule for rule, why in not_judged.items() if why == reason)
        lines.append(f"  Not judged: {rules_of_reason}. {reason}")
    return "\n".join(lines)
