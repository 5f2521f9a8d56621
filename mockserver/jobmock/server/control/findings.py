"""The findings about clients, as JSON and as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson

from ... import apis
from ...engine.namespace import Namespace, Namespaces
from ...etiquette import OUTCOMES, Finding, ReturnedValue, Verdict, judge
from .clients import client_of, page_of_clients, size_of, stories_of
from .fields import Body, Problem, fields
from .long_calls import LongCall
from .selection import FORMAT, NAMESPACE, is_text

_OF_ONE_CALL = {"outcome": (str,), "job": (str,), "returned": (str,), "time": (str,)}
_OF_ANY = {**NAMESPACE, **FORMAT}
_NEEDED = "send it as a bearer token, or name its namespace"
_OF_A_VALUE: dict[str, type] = {"empty": bool, "status": str, "count": int, "repeated": int, "members": list}


def of_one(namespace: Namespace, body: Body) -> LongCall:
    """Return the findings about the client of a namespace.

    `outcome` is how its call for `job`, or the last job, ended, and `returned` what is known of the value. `time` is
    `virtual` if the client's own waits move the key's clock, which the server knows if the clock is that of a run.
    Raises Problem.
    """
    given = fields(body, {}, {**_OF_ONE_CALL, **_OF_ANY})
    journal, now, jobs = namespace.journal, namespace.clock.now(), dict(namespace.jobs)
    outcome, job, returned = given.get("outcome"), given.get("job"), _value(given.get("returned"))
    time = given.get("time") or namespace.clock.time_mode
    if returned is not None and outcome != "returned":
        raise Problem(400, "'returned' goes with 'outcome=returned' only: it says what the call returned.")

    def make() -> dict[str, Any] | str:
        verdict = judge(
            journal, apis.load(namespace.api), outcome=outcome, returned=returned, job=job, now=now, time=time,
            jobs=jobs,
        )  # fmt: skip
        if is_text(given):
            return client_of(namespace).story(verdict)
        return _shown([(namespace.api, namespace.name, verdict)])

    return LongCall(make, size=len(journal))


def of_several(targets: Sequence[Namespace], server: Namespaces, body: Body) -> LongCall:
    """Return a page of the findings about clients with these namespaces, and then those about requests without a key.

    Raises Problem for an outcome.
    """
    given = fields(body, {}, {**_OF_ONE_CALL, **_OF_ANY, "after": (str,)})
    if given.keys() & _OF_ONE_CALL:
        allowed = f"With one, 'outcome' is one of: {', '.join(OUTCOMES)}."
        raise Problem(400, f"An outcome and a job belong to one key: {_NEEDED}. {allowed}")
    clients, following = page_of_clients(targets, server, given.get("after", "0"))
    more = {"next": following} if following else {}

    def make() -> dict[str, Any] | str:
        if is_text(given):
            return stories_of(clients, following)
        return {**_shown([(client.api, client.name, client.verdict()) for client in clients]), **more}

    return LongCall(make, size=size_of(clients))


def _value(text: str | None) -> ReturnedValue | None:
    """Return what a call says of the value that the client returned. Raises Problem."""
    if text is None:
        return None
    try:
        known = orjson.loads(text)
    except orjson.JSONDecodeError:
        known = None
    if not isinstance(known, dict) or not all(_is_of_value(name, member) for name, member in known.items()):
        allowed = ", ".join(f"{name} ({kind.__name__})" for name, kind in _OF_A_VALUE.items())
        raise Problem(400, f"'returned' is a JSON object with some of: {allowed}. Example: {{\"count\": 22}}")
    members = frozenset(name for name in known.pop("members", ()) if isinstance(name, str))
    return ReturnedValue(**known, members=members)


def _is_of_value(name: str, member: Any) -> bool:
    kind = _OF_A_VALUE.get(name)
    return kind is not None and (type(member) is kind or (member is None and kind in (str, int)))


def _shown(verdicts: Sequence[tuple[str, str | None, Verdict]]) -> dict[str, Any]:
    rows = [_row(api, name, finding) for api, name, verdict in verdicts for finding in verdict.findings]
    not_judged = {rule: reason for *_, verdict in verdicts for rule, reason in verdict.not_judged.items()}
    return {"findings": rows, "not_judged": not_judged}


def _row(api: str, namespace: str | None, finding: Finding) -> dict[str, Any]:
    """Return a finding with its API and the public name of its namespace beside its rule."""
    return {"rule": finding.rule, "severity": finding.severity, "api": api, "namespace": namespace, **asdict(finding)}
