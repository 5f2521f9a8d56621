"""The text of findings in a failure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobmock.etiquette import Finding


def findings_message(findings: Sequence[Finding], not_judged: Sequence[str]) -> str:
    """Return what a client did wrong, one finding per line, and the rules that could not be judged."""
    rules = len({finding.rule for finding in findings})
    lines = [f"The client broke {rules} rule{'s' * (rules != 1)} of polling:"]
    lines += [f"  {finding}" for finding in findings]
    if not_judged:
        lines.append(f"  Not judged without verify(returned=…) or verify(raised=…): {', '.join(not_judged)}.")
    return "\n".join(lines)
