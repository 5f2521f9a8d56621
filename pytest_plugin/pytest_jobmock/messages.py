"""The text of findings in a failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobmock.etiquette import Finding

_WIDTH = 118
_INDENT = " " * 4


def findings_message(findings: Sequence[Finding], not_judged: Mapping[str, str]) -> str:
    """Return what a client did wrong, one finding per line, and the rules that could not be judged."""
    rules = len({finding.rule for finding in findings})
    lines = [f"The client broke {rules} rule{'s' * (rules != 1)} of polling:"]
    lines += [f"  {finding}" for finding in findings]
    if not_judged:
        lines.append(_not_judged(not_judged))
    return "\n".join(lines)


def _not_judged(not_judged: Mapping[str, str]) -> str:
    """Return each reason once, with the rules that aren't judged for it on short lines below."""
    from jobmock.etiquette import by_reason

    lines = ["Not judged:"]
    for reason, rules in by_reason(not_judged):
        lines.append(f"  {reason}")
        lines += wrap(rules, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False)
    return "\n".join(lines)
