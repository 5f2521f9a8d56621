"""POST /api/search/deep_research: reads the body, makes the job (apis/clado §3.1, §4.1, §11 #2–#5, #25)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from ...dialect import Answer, Call, Refused


def answer(call: Call) -> Answer:
    """Make a job of min(count, limit) people. Every POST makes a new one (apis/clado §11 #25)."""
    body = _read(call)
    plan = call.plan_for("job")
    count = plan.scenario.results.count
    wanted = body.get("limit")
    job = call.start_job(call.namespace.unique("job"), plan, count if wanted is None else min(count, wanted), {})
    return Answer(200, {"job_id": job.id, "status": "pending", "message": "Job accepted."})


def _read(call: Call) -> dict[str, Any]:
    try:
        body = orjson.loads(call.request.body)
    except orjson.JSONDecodeError as error:
        raise _invalid([_entry(["body", error.pos], f"JSON decode error: {error.msg}", "json_invalid")]) from None
    if not isinstance(body, dict):
        raise _invalid([_entry(["body"], "Input should be an object.", "dict_type")])
    most = call.switch("limit_maximum")
    entries = [entry for name, rule in _RULES.items() if (entry := _fault(name, body.get(name), rule))]
    if most is not None and not entries and (body.get("limit") or 0) > most:
        entries = [_entry(["body", "limit"], f"Input should be at most {most}.", "less_than_equal")]
    if entries:
        raise _invalid(entries)
    return body


def _fault(name: str, value: Any, rule: tuple[Callable[[Any], bool], str, str]) -> dict[str, Any] | None:
    if value is None:
        return _entry(["body", name], "Field required.", "missing") if name == "query" else None
    accepts, text, kind = rule
    return None if accepts(value) else _entry(["body", name], text, kind)


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_RULES: dict[str, tuple[Callable[[Any], bool], str, str]] = {
    "query": (lambda value: isinstance(value, str) and bool(value.strip()), "Input should be text.", "string_type"),
    "limit": (lambda value: type(value) is int and value >= 1, "Input should be a whole number from 1.", "int_type"),
    "hard_filter_company_urls": (_is_text_list, "Input should be a list of text.", "list_type"),
}
"""What start reads of the body; anything else is ignored (apis/clado §11 #4)."""


def _entry(place: list[str | int], text: str, kind: str) -> dict[str, Any]:
    return {"loc": place, "msg": text, "type": kind}


def _invalid(entries: list[dict[str, Any]]) -> Refused:
    return Refused("invalid", detail=entries)
