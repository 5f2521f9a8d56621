"""Checks the words of scenarios: those in `scenario.json` are those of the tables, and switches have defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..contract import documents
from ..engine.progression import ABSENT
from ..errors import Problem, short_repr
from .checked_api import CheckedApi, hint

_FILE = "scenario.json"


def check_words(subject: CheckedApi) -> Iterator[Problem]:
    """Yield the words that the file and the tables say differently, and the switches without a correct default."""
    name = subject.document(_FILE)
    if (subject.package.data("schemas") / _FILE).is_file():
        definitions = documents.document(name).get("definitions", {})
        yield from _file(subject, name, definitions)
        for switch, schema in definitions.get("switches", {}).get("properties", {}).items():
            if "default" not in schema:  # whether it is correct is checked for all schemas in files
                place = f"/definitions/switches/properties/{switch}"
                yield subject.in_document(name, place, f"The switch {switch!r} has no `default`.")
    else:
        for switch, schema in subject.api.switches.items():
            if problem := _problem_of_switch(schema):
                yield subject.at("switches", switch, message=f"The switch {switch!r} has {problem}.")


def _file(subject: CheckedApi, name: str, definitions: Mapping[str, Any]) -> Iterator[Problem]:
    api = subject.api
    known = {
        "status": ("transitions", [*api.transitions, ABSENT]),
        "operation": ("operations", list(dict.fromkeys(operation.name for operation in api.operations))),
        "error": ("errors", list(api.errors)),
    }
    for word, (member, names) in known.items():
        listed, place = definitions.get(word, {}).get("enum"), f"/definitions/{word}/enum"
        if listed is None:
            yield subject.in_document(name, "", f"It has no list {place[1:]}.")
            continue
        for one in names:
            if one not in listed:
                yield subject.in_document(name, place, f"The {word} {one!r} of `{member}` isn't in the list.")
        for one in listed:
            if one not in names:
                text = f"The {word} {short_repr(one)} isn't in `{member}`. Allowed: {', '.join(names)}."
                yield subject.in_document(name, place, text + hint(one, names))


def _problem_of_switch(schema: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the schema of a switch, as a part of a sentence; None if nothing is."""
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft7Validator.check_schema(schema)
    except SchemaError as error:
        return f"no JSON Schema: {error.message}"
    if "default" not in schema:
        return "no `default`"
    wrong = next(Draft7Validator(schema).iter_errors(schema["default"]), None)
    return f"a `default` that breaks its own schema: {wrong.message}" if wrong else None
