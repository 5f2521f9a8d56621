"""The findings about clients as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from ... import apis
from ...engine.namespace import Namespace, Namespaces
from ...etiquette import OUTCOMES, Verdict, judge
from .fields import Body, Problem, fields


def of_key(namespace: Namespace, body: Body) -> dict[str, Any]:
    """Return the findings about the client of a key. `outcome` is how its call for `job`, or the last job, ended."""
    given = fields(body, {}, {"outcome": (str,), "job": (str,)})
    journal, now = namespace.journal, namespace.clock.now()
    verdict = judge(journal, apis.load(namespace.api), outcome=given.get("outcome"), job=given.get("job"), now=now)
    return _shown([(namespace.api, verdict)])


def of_all(namespaces: Namespaces, body: Body) -> dict[str, Any]:
    """Return the findings about all clients, with and without a key. Raises Problem for an outcome."""
    if fields(body, {}, {"outcome": (str,), "job": (str,)}):
        allowed = f"With one, 'outcome' is one of: {', '.join(OUTCOMES)}."
        raise Problem(400, f"An outcome and a job belong to one key: send it as a bearer token. {allowed}")
    journals = [(one.api, one.journal) for one in namespaces] + [(api, namespaces.outside) for api in apis.names()]
    return _shown([(api, judge(journal, apis.load(api))) for api, journal in journals])


def _shown(verdicts: Sequence[tuple[str, Verdict]]) -> dict[str, Any]:
    rows = [_row(api, asdict(finding)) for api, verdict in verdicts for finding in verdict.findings]
    return {"findings": rows, "not_judged": _once(rule for _, verdict in verdicts for rule in verdict.not_judged)}


def _row(api: str, finding: dict[str, Any]) -> dict[str, Any]:
    """Return a finding with its API beside its rule."""
    return {"rule": finding.pop("rule"), "severity": finding.pop("severity"), "api": api, **finding}


def _once(rules: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(rules))
