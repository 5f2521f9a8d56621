"""Holds a document against `schemas/scenario.schema.json` and says what is wrong in words.

The schema is the one truth; `_SAY` has one sentence for each of its keywords. Three rules that a schema says badly
are at the end: which steps have an `after`, that a fault has one action, and that ranges run forwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..contract.documents import validator
from ..errors import Problem, ScenarioError, hint
from .composer import Document, escape

_BARE = (204, 304)
"""Statuses of answers that have no body."""
FRAMING = ("connection", "content-length", "keep-alive", "trailer", "transfer-encoding", "upgrade")
ACTIONS = ("respond", "disconnect", "corrupt", "hang", "drip")
Found = tuple[str, str, bool]
"""A message, the JSON Pointer it is about, and whether it is about the key there."""


def check(document: Document) -> None:
    """Raise ScenarioError with every fault of shape, in the order of the file."""
    found = [entry for error in validator("scenario.schema.json").iter_errors(document.data) for entry in _say(error)]
    found = found or list(_beyond_schema(document.data))
    problems = {
        entry: Problem(message=entry[0], origin=document.origin, pointer=entry[1], key=entry[2]) for entry in found
    }
    if problems:
        raise ScenarioError(sorted(problems.values(), key=lambda problem: problem.position or (0, 0)))


def _say(error: Any) -> Iterator[Found]:
    pointer = "".join(f"/{escape(str(part))}" for part in error.absolute_path)
    if "propertyNames" in error.schema_path:
        near = hint(error.instance, error.schema.get("enum", ()))
        message = f"Unknown key {error.instance!r}{_in(error)}. {_allowed(error.schema)}{near}"
        yield message, f"{pointer}/{escape(error.instance)}", True
        return
    yield from _SAY[error.validator](error, pointer)


def _unknown_keys(error: Any, pointer: str) -> Iterator[Found]:
    allowed = sorted(error.schema["properties"])
    for key in error.instance:
        if key not in allowed:
            message = f"Unknown key {key!r}{_in(error)}. Allowed: {', '.join(allowed)}.{hint(key, allowed)}"
            yield message, f"{pointer}/{escape(key)}", True


def _missing(error: Any, pointer: str) -> Iterator[Found]:
    for key in error.validator_value:
        if key not in error.instance:
            yield f"The key {key!r} is missing{_in(error)}. {_allowed(error.schema['properties'][key])}", pointer, False


def _foreign(error: Any, pointer: str) -> Iterator[Found]:
    yield f"{_name(error)} has no meaning for this api. Remove it.", pointer, True


def _not_one(error: Any, pointer: str) -> Iterator[Found]:
    keys = sorted(error.schema["properties"])
    least = "exactly one" if error.schema.get("maxProperties") == 1 else "at least one"
    yield f"{_name(error)} needs {least} of {', '.join(keys)}; it has {_shown(error.instance)}.", pointer, False


def _no_branch(error: Any, pointer: str) -> Iterator[Found]:
    """Say what is wrong inside the branch that the value fits by its type, or name all branches."""
    branches: dict[int, list[Any]] = {}
    for cause in error.context or ():
        branches.setdefault(int(cause.relative_schema_path[0]), []).append(cause)
    fitting = [causes for causes in branches.values() if not any(_misfits(cause, error) for cause in causes)]
    if len(fitting) == 1:
        for cause in fitting[0]:
            yield from _say(cause)
        return
    yield f"{_name(error)} is {_shown(error.instance)}. {_allowed(error.schema)}", pointer, False


def _misfits(cause: Any, parent: Any) -> bool:
    return bool(cause.validator in ("type", "enum") and cause.absolute_path == parent.absolute_path)


def _bad_value(error: Any, pointer: str) -> Iterator[Found]:
    near = hint(error.instance, map(str, error.schema.get("enum", ())))
    yield f"{_name(error)} is {_shown(error.instance)}. {_allowed(error.schema)}{near}", pointer, False


_SAY: dict[str, Callable[[Any, str], Iterator[Found]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing,
    "not": _foreign,
    "minProperties": _not_one,
    "maxProperties": _not_one,
    "anyOf": _no_branch,
    **dict.fromkeys(
        ("type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "pattern", "minLength", "maxLength",
         "minItems", "maxItems", "uniqueItems"), _bad_value,
    ),
}  # fmt: skip


def _allowed(schema: Any) -> str:
    """Say in words what a schema allows."""
    if "$ref" in schema:
        schema = _resolve(schema["$ref"])
    if "title" in schema:
        return f"Allowed: {schema['title']}."
    if "anyOf" in schema:
        return "Allowed: " + ", or ".join(branch["title"] for branch in schema["anyOf"]) + "."
    if "const" in schema:
        return f"Allowed: {schema['const']!r}."
    if "enum" in schema:
        return f"Allowed: {', '.join(map(str, schema['enum']))}."
    return f"Allowed: {_kind(schema)}{_range(schema)}."


_KINDS = {
    "integer": "a whole number", "number": "a number", "string": "text", "object": "a mapping",
    "array": "a list", "boolean": "true or false", "null": "null",
}  # fmt: skip


def _kind(schema: Any) -> str:
    types = schema.get("type", "string")
    return " or ".join(_KINDS[name] for name in ([types] if isinstance(types, str) else types))


def _range(schema: Any) -> str:
    bounds = (
        ("exclusiveMinimum", " above {}"), ("minimum", " from {}"), ("maximum", " up to {}"),
        ("minItems", " of at least {}"), ("maxItems", " of at most {}"), ("maxLength", " of at most {} characters"),
        ("pattern", " like {}"), ("uniqueItems", " without repeats"), ("minLength", " that is not empty"),
    )  # fmt: skip
    return "".join(text.format(schema[key]) for key, text in bounds if key in schema)


def _resolve(reference: str) -> Any:
    from ..contract.documents import document

    return document("scenario.schema.json")["definitions"][reference.rpartition("/")[2]]


def _name(error: Any) -> str:
    parts = list(error.absolute_path)
    names = [part for part in parts if isinstance(part, str)]
    if not names:
        return "A scenario"
    return repr(names[-1]) if names[-1] is parts[-1] else f"Entry {int(parts[-1]) + 1} of {names[-1]!r}"


def _in(error: Any) -> str:
    return f" in {_name(error)}" if error.absolute_path else ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _beyond_schema(data: Any) -> Iterator[Found]:
    yield from _ends(data["progression"], "/progression")
    if "progression" in data.get("more", {}):
        yield from _ends(data["more"]["progression"], "/more/progression")
    for number, fault in enumerate(data.get("faults", ())):
        yield from _fault(fault, f"/faults/{number}")


def _ends(steps: list[Any], pointer: str) -> Iterator[Found]:
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        if last and "after" in step:
            message = "The last step holds for ever and has no 'after'. Remove it, or add a step."
            yield message, f"{pointer}/{number}/after", True
        elif not last and "after" not in step:
            message = f"Step {number + 1} ({step['status']}) needs an 'after' with polls or seconds; the last has none."
            yield message, f"{pointer}/{number}", False


def _fault(fault: Any, pointer: str) -> Iterator[Found]:
    actions = [action for action in ACTIONS if action in fault]
    if len(actions) > 1:
        message = f"A fault has one action, not {' and '.join(actions)}. Write two faults."
        yield message, f"{pointer}/{actions[1]}", True
    if not actions and "delay" not in fault:
        yield f"A fault needs an action: one of {', '.join(ACTIONS)}, or a delay.", pointer, False
    if "retry_after" in fault and "respond" not in fault:
        yield "'retry_after' goes with 'respond' only.", f"{pointer}/retry_after", True
    respond = fault.get("respond")
    bare = isinstance(respond, dict) and "body" not in respond and respond["status"] not in _BARE
    if bare and respond["status"] < 400:
        message = f"'respond' with status {respond['status']} needs a 'body': the API has its own for errors only."
        yield message, f"{pointer}/respond", False
    for name in respond.get("headers", ()) if isinstance(respond, dict) else ():
        if name.lower() in FRAMING:
            message = f"The header {name!r} frames the answer and can't be scripted. See 'corrupt' and 'disconnect'."
            yield message, f"{pointer}/respond/headers/{escape(name)}", True
    for key in ("requests", "seconds"):
        first, last = fault["when"].get(key, (0, 1))
        if first > last or (key == "seconds" and first == last):
            message = f"{key!r} runs from {first} to {last}; the second number is the larger one."
            yield message, f"{pointer}/when/{key}", False
