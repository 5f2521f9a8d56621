"""A rule as data: its id, its severity and its texts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `severity` is `error` or `warning`.

    `summary` says what a client does that breaks it, `evidence` when that is found, `remedy` what to do instead,
    `source` where the mistake was seen, and `example` a client that makes it. What was seen of a single API alone is in
    its `sightings`. `needs` says what the rule is judged by: the `journal` alone, also the `outcome` of the client's
    call, or also the returned `value`. A rule that needs a `run` is judged where jobmock itself runs the client.
    """

    id: str
    severity: str
    summary: str
    evidence: str
    remedy: str
    example: str
    source: str = ""
    needs: str = "journal"
