"""Checks the body of a start. It may have no other fields, and each error has a code of its own.

The order of the checks: schemas/orbit/README.md#11.6.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from ...dialect.answers import Refused
from ...dialect.request_context import RequestContext

RUN_SHAPES = ("partial_only", "partial_plus_full", "full_generation_only", "candidate_discovery")
SIGNALS = ("profileId", "structuredIntent", "email", "phoneNumber", "linkedinUrl", "urls", "usernames")
_FIELDS = ("requestId", "runShape", *SIGNALS)

_REMOVED_FIELDS = {
    "mode": "Use runShape candidate_discovery, or nothing.",
    "partialProfile": "Use runShape partial_only or partial_plus_full.",
    "dry_run": "It was removed.",
    "options": "It was removed.",
    "profile_id": "Use profileId.",
    "orbit_id": "Use profileId.",
    "phone": "Use phoneNumber.",
}
"""Removed field → a hint for its users (schemas/orbit/README.md#3.1)."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[0-9 ().\-/]*")


def read(call: RequestContext, extra_run_shapes: Sequence[str] = ()) -> dict[str, Any]:
    """Return the body of a start. Raises Refused with the documented code of the first error.

    Source: schemas/orbit/README.md#8.
    """
    try:
        body = call.json_body()
    except orjson.JSONDecodeError as error:
        raise Refused("developer_deep_search_invalid_request", f"The body is not JSON: {error.msg}.") from None
    if not isinstance(body, dict):
        raise Refused("developer_deep_search_invalid_request")
    for field in body:
        if field not in _FIELDS:
            hint = _REMOVED_FIELDS.get(field, f"Allowed: {', '.join(_FIELDS)}.")
            raise Refused("developer_deep_search_field_unsupported", f"The field {field!r} is not supported. {hint}")
    for field, accepts, code in _checks(body, (*RUN_SHAPES, *extra_run_shapes)):
        if field in body and not accepts(body[field]):
            raise Refused(code)
    if "structuredIntent" in body:
        _check_intent(body["structuredIntent"])
    _check_signals(body)
    return body


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_email(value: Any) -> bool:
    return isinstance(value, str) and _EMAIL.fullmatch(value) is not None


def _is_phone(value: Any) -> bool:
    """Return whether a value has 7 to 15 digits, an optional + and separators (schemas/orbit/README.md#11.15)."""
    return isinstance(value, str) and _PHONE.fullmatch(value) is not None and 7 <= sum(map(str.isdigit, value)) <= 15


def _is_web_url(value: Any) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _is_linkedin(value: Any) -> bool:
    """Return whether a value is the URL /in/<slug> on linkedin.com or a subdomain (schemas/orbit/README.md#11.16)."""
    if not isinstance(value, str) or not _is_web_url(value):
        return False
    parts = urlsplit(value)
    host, segments = parts.hostname or "", [segment for segment in parts.path.split("/") if segment]
    return (host == "linkedin.com" or host.endswith(".linkedin.com")) and len(segments) >= 2 and segments[0] == "in"


def _allows_profile_id(run_shape: Any, body: Mapping[str, Any]) -> bool:
    """Return False for a candidate_discovery with a profileId (schemas/orbit/README.md#3.2)."""
    return not (run_shape == "candidate_discovery" and "profileId" in body)


def _checks(body: Mapping[str, Any], run_shapes: Sequence[str]) -> tuple[tuple[str, Callable[[Any], bool], str], ...]:
    """Return the checks of the fields in their order: field, check, code where it fails."""
    return (
        ("requestId", _is_text, "developer_deep_search_request_id_invalid"),
        ("runShape", lambda value: value in run_shapes, "developer_deep_search_run_shape_invalid"),
        ("runShape", lambda value: _allows_profile_id(value, body), "developer_deep_search_run_shape_invalid"),
        ("profileId", _is_text, "developer_deep_search_profile_id_invalid"),
        ("email", _is_email, "developer_deep_search_email_invalid"),
        ("phoneNumber", _is_phone, "developer_deep_search_phone_invalid"),
        ("linkedinUrl", _is_linkedin, "developer_deep_search_linkedin_invalid"),
        ("urls", _is_text_list, "developer_deep_search_field_invalid"),
        ("usernames", _is_text_list, "developer_deep_search_field_invalid"),
        ("urls", lambda urls: all(map(_is_web_url, urls)), "developer_deep_search_url_invalid"),
        ("structuredIntent", lambda value: isinstance(value, dict), "structured_intent_required"),
    )


_SERVER_OWNED = ("resolvedCompanyFilters", "resolvedSchoolFilters", "resolvedEntityFilters")
_SCOPES = ("current", "historical", "both")


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_scope(value: Any) -> bool:
    return value in _SCOPES


_MEMBERS: Mapping[str, Mapping[str, Callable[[Any], bool]]] = {
    "experiences": {
        "organization": _is_string, "title": _is_string, "titleAnyOf": _is_text_list, "year": _is_number,
        "startYear": _is_number, "startYearLte": _is_number, "endYear": _is_number, "temporalScope": _is_scope,
    },
    "schools": {
        "school": _is_string, "schoolAnyOf": _is_text_list, "graduationYear": _is_number, "startYear": _is_number,
        "endYear": _is_number, "temporalScope": _is_scope, "relation": _is_string,
    },
    "semanticClauses": {"text": _is_string, "anyOf": _is_text_list},
    "geo": {"place": _is_string, "distance": _is_string, "isHistorical": lambda value: isinstance(value, bool)},
    "demographics": {"gender": _is_string},
}  # fmt: skip
"""Part of an intent → the checks of its members; others are ignored (schemas/orbit/README.md#3.3)."""
_RANGES = ("ageRange", "birthYearRange")


def _check_intent(intent: Mapping[str, Any]) -> None:
    """Check a `structuredIntent` (schemas/orbit/README.md#3.3)."""
    if "personalization" in intent:
        raise Refused("developer_deep_search_personalization_unsupported")
    if "entityClauses" in intent:
        raise Refused("structured_intent_entity_clauses_unsupported")
    if any(field in intent for field in _SERVER_OWNED):
        raise Refused("structured_intent_server_owned_field")
    if intent.get("version") != "v1":
        raise Refused("structured_intent_version_unsupported")
    if "names" in intent and not _is_text_list(intent["names"]):
        raise Refused("structured_intent_invalid", "structuredIntent.names is a list of text.")
    for field in ("experiences", "schools", "semanticClauses"):
        entries = intent.get(field, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise Refused("structured_intent_invalid", f"structuredIntent.{field} is a list of objects.")
        for entry in entries:
            _check_members(field, entry)
    for field in ("geo", "demographics"):
        _check_object(field, intent.get(field, {}))


def _check_object(field: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise Refused("structured_intent_invalid", f"structuredIntent.{field} is an object.")
    _check_members(field, value)
    for name in _RANGES if field == "demographics" else ():
        if name in value:
            _check_range(name, value[name])


def _check_range(name: str, value: Any) -> None:
    if not isinstance(value, dict) or not all(_is_number(value.get(end)) for end in ("min", "max")):
        raise Refused("structured_intent_invalid", f"{name} needs the numbers min and max.")
    if value["min"] > value["max"]:
        raise Refused("structured_intent_invalid", f"{name} has min above max.")


def _check_members(field: str, entry: Mapping[str, Any]) -> None:
    for key, accepts in _MEMBERS[field].items():
        if key in entry and not accepts(entry[key]):
            raise Refused("structured_intent_invalid", f"structuredIntent.{field} has a wrong {key!r}.")


def signals(body: Mapping[str, Any]) -> set[str]:
    """Return the identity signals in a body. An empty list, or an intent with only a version, isn't one.

    Source: schemas/orbit/README.md#11.14.
    """
    given = {field for field in SIGNALS if body.get(field)}
    return given - {"structuredIntent"} if body.get("structuredIntent", {}).keys() <= {"version"} else given


def _check_signals(body: Mapping[str, Any]) -> None:
    """Refuse a body without a signal, or a discovery without an intent (schemas/orbit/README.md#3.1,#11.17)."""
    given = signals(body)
    if not given:
        raise Refused("developer_deep_search_input_required")
    if body.get("runShape") == "candidate_discovery" and "structuredIntent" not in given:
        raise Refused("developer_deep_search_unprocessable_seed", "candidate_discovery needs a structuredIntent.")
