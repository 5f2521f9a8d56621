"""Validates a document against a schema, such as `scenario.schema.json`, with a message in words for each fault.

`_MESSAGES_BY_KEYWORD` has one message for each keyword of the schema. Three rules that a schema can't express well are
at the end: which steps have an `after`, that a fault has one action, and that ranges run forwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from operator import ge, gt
from typing import Any

from .. import json_pointer
from ..contract.documents import validator
from ..engine.headers import STATUSES_WITHOUT_BODY
from ..errors import Problem, ScenarioError, first_problems, hint, short_repr
from .document import Document

FRAMING_HEADERS = ("connection", "content-length", "keep-alive", "trailer", "transfer-encoding", "upgrade")
ACTIONS = ("respond", "change", "disconnect", "corrupt", "hang", "drip")
_MOST_FOUND = 1_000
"""The check ends after so many faults: each costs time."""
FoundProblem = tuple[str, str, bool]
"""A message, its JSON Pointer, and whether it is about the key there, and not the value."""


def check_schema(document: Document) -> None:
    """Raise ScenarioError with the faults of a scenario, in the order of the file; of very many with the first."""
    check_document(document, "scenario.schema.json", beyond_schema=_problems_beyond_schema)


def check_document(
    document: Document, schema: str, beyond_schema: Callable[[Any], Iterable[FoundProblem]] = lambda data: ()
) -> None:  # fmt: skip
    """Raise ScenarioError with the faults of a document, found by a schema, or else by `beyond_schema`."""
    errors = validator(schema).iter_errors(document.data)
    found = list(islice((entry for error in errors for entry in _messages(error)), _MOST_FOUND))
    found = found or list(beyond_schema(document.data))
    problems = {
        entry: Problem(message=entry[0], origin=document.origin, pointer=entry[1], key=entry[2]) for entry in found
    }
    if problems:
        raise ScenarioError(first_problems(problems.values()))


def _messages(error: Any) -> Iterator[FoundProblem]:
    pointer = json_pointer.join(error.absolute_path)
    if "propertyNames" in error.schema_path:
        allowed = _allowed_text(error.schema) + hint(error.instance, error.schema.get("enum", ()))
        message = f"Unknown key {short_repr(error.instance)}{_location_text(error)}. {allowed}"
        yield message, f"{pointer}/{json_pointer.escape(error.instance)}", True
        return
    yield from _MESSAGES_BY_KEYWORD[error.validator](error, pointer)


def _unknown_keys(error: Any, pointer: str) -> Iterator[FoundProblem]:
    allowed = sorted(error.schema["properties"])
    for key in error.instance:
        if key not in allowed:
            text = f"Allowed: {', '.join(allowed)}.{hint(key, allowed)}"
            message = f"Unknown key {short_repr(key)}{_location_text(error)}. {text}"
            yield message, f"{pointer}/{json_pointer.escape(key)}", True


def _missing_keys(error: Any, pointer: str) -> Iterator[FoundProblem]:
    for key in error.validator_value:
        if key not in error.instance:
            allowed = _allowed_text(error.schema["properties"][key])
            yield f"The key {key!r} is missing{_location_text(error)}. {allowed}", pointer, False


def _key_of_other_api(error: Any, pointer: str) -> Iterator[FoundProblem]:
    yield f"{_subject(error)} has no meaning for this api. Remove it.", pointer, True


def _wrong_key_count(error: Any, pointer: str) -> Iterator[FoundProblem]:
    keys = sorted(error.schema["properties"])
    least = "exactly one" if error.schema.get("maxProperties") == 1 else "at least one"
    yield f"{_subject(error)} needs {least} of {', '.join(keys)}; it has {short_repr(error.instance)}.", pointer, False


def _no_matching_branch(error: Any, pointer: str) -> Iterator[FoundProblem]:
    """Yield the faults inside the branch that the value fits by its type, or else one that names all branches."""
    branches: dict[int, list[Any]] = {}
    for cause in error.context or ():
        branches.setdefault(int(cause.relative_schema_path[0]), []).append(cause)
    fitting = [causes for causes in branches.values() if not any(_is_type_mismatch(cause, error) for cause in causes)]
    if len(fitting) == 1:
        for cause in fitting[0]:
            yield from _messages(cause)
        return
    yield f"{_subject(error)} is {short_repr(error.instance)}. {_allowed_text(error.schema)}", pointer, False


def _is_type_mismatch(cause: Any, parent: Any) -> bool:
    return bool(cause.validator in ("type", "enum") and cause.absolute_path == parent.absolute_path)


def _bad_value(error: Any, pointer: str) -> Iterator[FoundProblem]:
    near = hint(error.instance, map(str, error.schema.get("enum", ()))) or _other_form(error)
    yield f"{_subject(error)} is {short_repr(error.instance)}. {_allowed_text(error.schema)}{near}", pointer, False


def _other_form(error: Any) -> str:
    """Return how a range is written that is a list of two numbers instead of `from` and `to`; else nothing."""
    value, schema = error.instance, error.schema
    if isinstance(value, list) and len(value) == 2 and set(schema.get("properties", ())) == {"from", "to"}:
        return f" Write {{from: {short_repr(value[0])}, to: {short_repr(value[1])}}}: it is a range, not a list."
    return ""


_MESSAGES_BY_KEYWORD: dict[str, Callable[[Any, str], Iterator[FoundProblem]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "not": _key_of_other_api,
    "minProperties": _wrong_key_count,
    "maxProperties": _wrong_key_count,
    "anyOf": _no_matching_branch,
    **dict.fromkeys(
        ("type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "pattern", "minLength", "maxLength",
         "minItems", "maxItems", "uniqueItems"), _bad_value,
    ),
}  # fmt: skip


def _allowed_text(schema: Any) -> str:
    """Return in words what a schema allows."""
    if "$ref" in schema and "title" not in schema:
        schema = _resolve_reference(schema["$ref"])
    if "title" in schema:
        return f"Allowed: {schema['title']}."
    if "anyOf" in schema:
        return "Allowed: " + ", or ".join(branch["title"] for branch in schema["anyOf"]) + "."
    if "const" in schema:
        return f"Allowed: {schema['const']!r}."
    if "enum" in schema:
        return f"Allowed: {', '.join(map(str, schema['enum']))}."
    return f"Allowed: {_type_text(schema)}{_range_text(schema)}."


_KINDS = {
    "integer": "a whole number", "number": "a number", "string": "text", "object": "a mapping",
    "array": "a list", "boolean": "true or false", "null": "null",
}  # fmt: skip


def _type_text(schema: Any) -> str:
    types = schema.get("type", "string")
    return " or ".join(_KINDS[name] for name in ([types] if isinstance(types, str) else types))


def _range_text(schema: Any) -> str:
    bounds = (
        ("exclusiveMinimum", " above {}"), ("minimum", " from {}"), ("maximum", " up to {}"),
        ("maxItems", f" of {schema.get('minItems', 0)} to {{}} entries"), ("maxLength", " of at most {} characters"),
        ("pattern", " like {}"), ("uniqueItems", " without repeats"), ("minLength", " that is not empty"),
    )  # fmt: skip
    return "".join(text.format(schema[key]) for key, text in bounds if key in schema)


def _resolve_reference(reference: str) -> Any:
    from ..contract.documents import document

    return document("scenario.schema.json")["definitions"][reference.rpartition("/")[2]]


def _subject(error: Any) -> str:
    parts = list(error.absolute_path)
    names = [part for part in parts if isinstance(part, str)]
    if not names:
        return f"Entry {int(parts[-1]) + 1}" if parts else "The document"
    return short_repr(names[-1]) if names[-1] is parts[-1] else f"Entry {int(parts[-1]) + 1} of {short_repr(names[-1])}"


def _location_text(error: Any) -> str:
    return f" in {_subject(error)}" if error.absolute_path else ""


def _problems_beyond_schema(data: Any) -> Iterator[FoundProblem]:
    yield from _step_problems(data["progression"], "/progression")
    if "progression" in data.get("more", {}):
        yield from _step_problems(data["more"]["progression"], "/more/progression")
    for number, fault in enumerate(data.get("faults", ())):
        yield from _fault_problems(fault, f"/faults/{number}")


def _step_problems(steps: list[Any], pointer: str) -> Iterator[FoundProblem]:
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        if last and "after" in step:
            message = "The last step holds for ever and has no 'after'. Remove it, or add a step."
            yield message, f"{pointer}/{number}/after", True
        elif not last and "after" not in step:
            message = f"Step {number + 1} ({step['status']}) needs an 'after' with polls or seconds; the last has none."
            yield message, f"{pointer}/{number}", False


def _fault_problems(fault: Any, pointer: str) -> Iterator[FoundProblem]:
    actions = [action for action in ACTIONS if action in fault]
    if len(actions) > 1:
        message = f"A fault has one action, not {' and '.join(actions)}. Write two faults."
        yield message, f"{pointer}/{actions[1]}", True
    if not actions and "delay" not in fault:
        yield f"A fault needs an action: one of {', '.join(ACTIONS)}, or a delay.", pointer, False
    if "retry_after" in fault and "respond" not in fault:
        yield "'retry_after' goes with 'respond' only.", f"{pointer}/retry_after", True
    respond = fault.get("respond")
    bare = isinstance(respond, dict) and "body" not in respond and respond["status"] not in STATUSES_WITHOUT_BODY
    if bare and respond["status"] < 400:
        message = f"'respond' with status {respond['status']} needs a 'body': the API has its own for errors only."
        yield message, f"{pointer}/respond", False
    headers = fault.get("change", {}).get("headers", {})
    yield from _header_problems(headers, has_retry_after=False, pointer=f"{pointer}/change/headers")
    if isinstance(respond, dict):
        yield from _header_problems(respond.get("headers", {}), "retry_after" in fault, f"{pointer}/respond/headers")
    yield from _range_problems(fault["when"], f"{pointer}/when")


def _header_problems(headers: Any, has_retry_after: bool, pointer: str) -> Iterator[FoundProblem]:
    """Yield the headers that can't be sent, or that the scenario gives twice: a name counts in lower case."""
    first: dict[str, str] = {}
    for name in headers:
        place, other = f"{pointer}/{json_pointer.escape(name)}", first.setdefault(name.lower(), name)
        if name.lower() in FRAMING_HEADERS:
            message = f"The header {name!r} frames the answer and can't be scripted. See 'corrupt' and 'disconnect'."
            yield message, place, True
        if other is not name:
            yield f"{other!r} and {name!r} are the same header. Remove one of them.", place, True
        if has_retry_after and name.lower() == "retry-after":
            yield f"The header {name!r} and 'retry_after' say the same. Remove one of them.", place, True


def _range_problems(when: Any, pointer: str) -> Iterator[FoundProblem]:
    for name, is_empty in (("requests", gt), ("seconds", ge)):
        span = when.get(name)
        if span is not None and is_empty(span["from"], span["to"]):
            message = f"{name!r} runs from {span['from']} to {span['to']}; 'to' is the larger number."
            yield message, f"{pointer}/{name}", False
