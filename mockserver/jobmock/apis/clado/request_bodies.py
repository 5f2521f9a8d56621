"""Reads the JSON bodies of requests to Clado. Errors become the list of a 422 (schemas/clado/README.md#11.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from ...dialect.answers import Refused
from ...dialect.request_context import RequestContext

Rule = tuple[Callable[[Any], bool], str, str]
"""A check of a field, with the text and the type of the error where the check fails."""


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_count(value: Any) -> bool:
    return type(value) in (int, float) and value >= 1 and value == int(value)


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


COUNT: Rule = (_is_count, "Input should be a whole number from 1.", "int_type")
TEXT: Rule = (_is_text, "Input should be text.", "string_type")
TEXT_LIST: Rule = (_is_text_list, "Input should be a list of text.", "list_type")


def read(call: RequestContext, rules: Mapping[str, Rule], *, needed: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the body; fields without a rule are ignored. Raises Refused with all errors.

    An empty body is an empty object where no field is needed.
    """
    try:
        body = call.json_body() if call.request.body or needed else {}
    except orjson.JSONDecodeError as error:
        raise invalid([entry(["body", error.pos], f"JSON decode error: {error.msg}", "json_invalid")]) from None
    if not isinstance(body, dict):
        raise invalid([entry(["body"], "Input should be an object.", "dict_type")])
    errors = [found for name, rule in rules.items() if (found := _error(name, body, rule, needed))]
    if errors:
        raise invalid(errors)
    return body


def _error(name: str, body: Mapping[str, Any], rule: Rule, needed: frozenset[str]) -> dict[str, Any] | None:
    if name not in body:
        return entry(["body", name], "Field required.", "missing") if name in needed else None
    accepts, text, kind = rule
    return None if accepts(body[name]) else entry(["body", name], text, kind)


def entry(place: list[str | int], text: str, kind: str) -> dict[str, Any]:
    """Return one error of a 422."""
    return {"loc": place, "msg": text, "type": kind}


def invalid(entries: list[dict[str, Any]]) -> Refused:
    """Return the 422 with these errors."""
    return Refused("invalid", detail=entries)
