"""The findings about clients as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from ... import apis
from ...engine.namespace import Namespace, Namespaces
from ...etiquette import OUTCOMES, Verdict, judge
from .fields import Body, Problem, fields
from .long_calls import LongCall, page_of

PAGE = 2_000
"""A page ends with the namespace that completes so many exchanges, where a namespace counts as one too."""


def of_key(namespace: Namespace, body: Body) -> LongCall:
    """Return the findings about the client of a key. `outcome` is how its call for `job`, or the last job, ended."""
    given = fields(body, {}, {"outcome": (str,), "job": (str,)})
    journal, now = namespace.journal, namespace.clock.now()
    outcome, job = given.get("outcome"), given.get("job")

    def make() -> dict[str, Any]:
        return _shown([(namespace.api, judge(journal, apis.load(namespace.api), outcome=outcome, job=job, now=now))])

    return LongCall(make, size=len(journal))


def of_all(namespaces: Namespaces, body: Body) -> LongCall:
    """Return a page of the findings about all clients, with and without a key. Raises Problem for an outcome."""
    given = fields(body, {}, {"outcome": (str,), "job": (str,), "after": (str,)})
    if given.keys() & {"outcome", "job"}:
        allowed = f"With one, 'outcome' is one of: {', '.join(OUTCOMES)}."
        raise Problem(400, f"An outcome and a job belong to one key: send it as a bearer token. {allowed}")
    page, following = page_of(namespaces, given.get("after", "0"), lambda one: 1 + len(one.journal), PAGE)
    journals = [(one.api, one.journal) for one in page]
    if following is None:
        journals += [(api, namespaces.outside) for api in apis.names()]
    more = {"next": following} if following else {}

    def make() -> dict[str, Any]:
        return {**_shown([(api, judge(journal, apis.load(api))) for api, journal in journals]), **more}

    return LongCall(make, size=sum(1 + len(journal) for _, journal in journals))


def _shown(verdicts: Sequence[tuple[str, Verdict]]) -> dict[str, Any]:
    rows = [_row(api, asdict(finding)) for api, verdict in verdicts for finding in verdict.findings]
    return {"findings": rows, "not_judged": _once(rule for _, verdict in verdicts for rule in verdict.not_judged)}


def _row(api: str, finding: dict[str, Any]) -> dict[str, Any]:
    """Return a finding with its API beside its rule."""
    return {"rule": finding.pop("rule"), "severity": finding.pop("severity"), "api": api, **finding}


def _once(rules: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(rules))
