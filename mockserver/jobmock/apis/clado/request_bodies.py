"""Reads the JSON bodies of Clado's calls; faults become the 422 list of schemas/clado/README.md#11.2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from ...dialect.answers import Refused

Rule = tuple[Callable[[Any], bool], str, str]
"""What a field accepts, and the text and type of the entry that says so."""


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_count(value: Any) -> bool:
    return type(value) in (int, float) and value >= 1 and value == int(value)


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


COUNT: Rule = (_is_count, "Input should be a whole number from 1.", "int_type")
TEXT: Rule = (_is_text, "Input should be text.", "string_type")
TEXT_LIST: Rule = (_is_text_list, "Input should be a list of text.", "list_type")


def read(raw: bytes, rules: Mapping[str, Rule], *, needed: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the body; fields without a rule are ignored. Raises Refused with every fault.

    An empty body is an empty object where nothing is needed.
    """
    try:
        body = orjson.loads(raw) if raw or needed else {}
    except orjson.JSONDecodeError as error:
        raise invalid([entry(["body", error.pos], f"JSON decode error: {error.msg}", "json_invalid")]) from None
    if not isinstance(body, dict):
        raise invalid([entry(["body"], "Input should be an object.", "dict_type")])
    faults = [fault for name, rule in rules.items() if (fault := _fault(name, body, rule, needed))]
    if faults:
        raise invalid(faults)
    return body


def _fault(name: str, body: Mapping[str, Any], rule: Rule, needed: frozenset[str]) -> dict[str, Any] | None:
    if name not in body:
        return entry(["body", name], "Field required.", "missing") if name in needed else None
    accepts, text, kind = rule
    return None if accepts(body[name]) else entry(["body", name], text, kind)


def entry(place: list[str | int], text: str, kind: str) -> dict[str, Any]:
    """Return one entry of the list."""
    return {"loc": place, "msg": text, "type": kind}


def invalid(entries: list[dict[str, Any]]) -> Refused:
    """Return the refusal that carries the list."""
    return Refused("invalid", detail=entries)
