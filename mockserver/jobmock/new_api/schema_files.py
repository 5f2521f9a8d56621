"""Makes JSON Schemas of 2020-12 of the schemas of an OpenAPI document: a file for each message, and a shared one.

What several messages refer to is in `components.json`, each part once, so schemas may refer to themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .. import json_pointer
from ..errors import UsageError
from .model import MARK
from .references import References

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SHARED = "components.json"
_COMPONENT = re.compile(r"/components/schemas/([A-Za-z0-9._-]+)")
_SCHEMA = (
    "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems",
    "unevaluatedProperties",
)  # fmt: skip
_SCHEMAS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SCHEMAS_BY_NAME = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_NO_KEYWORDS = ("discriminator", "xml", "externalDocs", "example", "nullable", "$id", "$schema", "$anchor")
_LONGEST = 200
_LIMITS = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))


class SchemaFiles:
    """Converts schemas. `shared` has the parts to which the converted ones refer, by their names."""

    def __init__(self, references: References) -> None:
        self._references = references
        self._is_3_0 = str(references.data["openapi"]).startswith("3.0")
        self._names: dict[str, str] = {}
        self._waiting: list[str] = []
        self.shared: dict[str, Any] = {}

    def message(self, pointer: str) -> dict[str, Any]:
        """Return the file of the message whose schema is at a place. If that only refers, the file has its target."""
        schema = self._references.at(pointer)
        if isinstance(schema, Mapping) and "$ref" in schema and (self._is_3_0 or len(schema) == 1):
            pointer = self._references.resolved(self._references.pointer(schema["$ref"], pointer))
            schema = self._references.at(pointer)
        made = self._converted(schema, pointer, SHARED)
        while self._waiting:
            self._convert_shared(self._waiting.pop())
        _check_schema(made, pointer)
        self._check_ends(made, ())
        return {"$schema": DIALECT, **(made if isinstance(made, dict) else {"allOf": [made]})}

    def _check_ends(self, schema: Any, opened: tuple[str, ...]) -> None:
        """Raise UsageError for a schema that is a part of itself at one and the same place, so that it has no end."""
        if not isinstance(schema, dict):
            return
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name in opened:
                raise UsageError(f"The schema {name!r} refers to itself without a member between, so it has no end.")
            self._check_ends(self.shared[name], (*opened, name))
        for keyword in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(keyword, ()):
                self._check_ends(part, opened)

    def _converted(self, schema: Any, base: str, file: str) -> Any:
        """Return a schema with the keywords of 2020-12. `file` is what references to shared parts begin with."""
        if isinstance(schema, bool) or not isinstance(schema, Mapping):
            return schema if isinstance(schema, bool) else {}
        if "$ref" in schema and self._is_3_0:
            return {"$ref": self._shared(schema["$ref"], base, file)}

        def inner(value: Any) -> Any:
            return self._converted(value, base, file)

        made = {
            key: _inside(key, value, inner)
            for key, value in schema.items() if key not in _NO_KEYWORDS and not key.startswith("x-")
        }  # fmt: skip
        if "$ref" in schema:
            made["$ref"] = self._shared(schema["$ref"], base, file)
        if "example" in schema:
            made.setdefault("examples", [schema["example"]])
        if not _is_pattern(made.get("pattern", "")):
            made["$comment"] = f"{MARK} Python has no such pattern as {made.pop('pattern')!r}, so it isn't checked."
        made = _with_exclusive_limits(made)
        return _nullable(made) if schema.get("nullable") is True else made

    def _shared(self, ref: Any, base: str, file: str) -> str:
        """Return the reference to a shared part, which waits to be converted when it is first referred to."""
        pointer = self._references.pointer(ref, base)
        if pointer not in self._names:
            name = self._names[pointer] = self._new_name(pointer)
            self.shared[name] = {}
            self._waiting.append(pointer)
        return f"{file}#/$defs/{self._names[pointer]}"

    def files(self, messages: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Return the files of these messages and of the shared parts, without examples."""
        shared = {SHARED: {"$schema": DIALECT, "$defs": self.shared}} if self.shared else {}
        return {name: without_examples(schema) for name, schema in {**messages, **shared}.items()}

    def _convert_shared(self, pointer: str) -> None:
        component = _COMPONENT.match(pointer)
        base = component[0] if component else pointer
        made = self.shared[self._names[pointer]] = self._converted(self._references.at(pointer), base, "")
        _check_schema(made, pointer)

    def _new_name(self, pointer: str) -> str:
        """Return the name of a component, or one that is made of the pointer for any other part."""
        component = _COMPONENT.fullmatch(pointer)
        name = component[1] if component else re.sub(r"[^A-Za-z0-9]+", "-", pointer).strip("-") or "document"
        while name in self.shared:
            name += "-2"
        return name


def _inside(keyword: str, value: Any, inner: Callable[[Any], Any]) -> Any:
    """Return the value of a keyword, with the schemas in it converted."""
    if keyword in _SCHEMAS_BY_NAME and isinstance(value, Mapping):
        return {name: inner(schema) for name, schema in value.items()}
    if keyword in _SCHEMAS and isinstance(value, list):
        return [inner(schema) for schema in value]
    return inner(value) if keyword in _SCHEMA else value


def _with_exclusive_limits(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema whose exclusive limits are numbers. In OpenAPI 3.0 they are true or false."""
    for limit, exclusive in _LIMITS:
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and limit in schema:
            schema[exclusive] = schema.pop(limit)
    return schema


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that allows null as well."""
    if "enum" in schema and None not in schema["enum"]:
        schema = {**schema, "enum": [*schema["enum"], None]}
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _is_pattern(pattern: Any) -> bool:
    try:
        re.compile(pattern)
    except (re.error, TypeError):
        return False
    return True


def without_examples(schema: Any, *, is_name: bool = False) -> Any:
    """Return a schema without examples: jobmock takes those of a text for an open list of its words."""
    if isinstance(schema, list):
        return [without_examples(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        key: value if key in ("enum", "const", "default") and not is_name
        else without_examples(value, is_name=key in _SCHEMAS_BY_NAME and not is_name)
        for key, value in schema.items() if is_name or key != "examples"
    }  # fmt: skip


def _check_schema(schema: Any, pointer: str) -> None:
    """Raise UsageError for what is no JSON Schema. `pointer` is its place in the document."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        place = json_pointer.join(error.absolute_path)
        text = f"{error.message[:_LONGEST]} at {place or '/'}"
        raise UsageError(f"The schema at '#{pointer}' is no JSON Schema of 2020-12: {text}.") from None
