"""The messages of an API as schemas, the places in them that have a meaning, and a valid body for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from ..contract import body_validation
from .body_places import Member, Path, kinds
from .model import MARK
from .sample_bodies import Sampler
from .schema_files import SchemaFiles

_MOST_TRIED = 300
_OF_TEXTS = ("pattern", "minLength", "maxLength")
Changes = Sequence[tuple[Path, Any]]


class Messages:
    """The schemas of the messages, by file name. They are converted as they are added."""

    def __init__(self, name: str, files: SchemaFiles) -> None:
        self._name, self._files = name, files
        self.schemas: dict[str, dict[str, Any]] = {}
        self.stated: dict[str, list[Any]] = {}
        """File → the bodies that the document has as examples."""
        self.sampler = Sampler(files.shared)
        self.flattener = self.sampler.flattener

    def add(self, file: str, pointer: str, examples: Iterable[Any] = ()) -> str:
        """Add the message whose schema is at a place. Return its file, which is an older one with the same schema."""
        schema = self._files.message(pointer)
        known = next((name for name, one in self.schemas.items() if one == schema and _stem(name) == _stem(file)), file)
        while known in self.schemas and self.schemas[known] != schema:
            known = f"{known.removesuffix('.json')}-2.json"
        self.schemas[known] = schema
        self.stated.setdefault(known, []).extend(examples)
        return known

    def valid_body(
        self, file: str, changes: Changes = (), *, examples: Sequence[Any] | None = None,
        fits: Callable[[Any], bool] = lambda example: True, is_full: bool = False,
    ) -> Any:  # fmt: skip
        """Return a body that obeys the schema of a file, with these values in it; None if none was found.

        The examples of the file are tried first, or these ones; those that don't fit last. The documents of the API are
        in use at that time.
        """
        stated = [*(self.stated.get(file, ()) if examples is None else examples), *self._examples_in(file)]
        made = islice(self.sampler.bodies(self.schemas[file], is_full=is_full), _MOST_TRIED)
        misfits = [one for one in stated if not fits(one)]
        for sample in chain((one for one in chain(stated, made) if one not in misfits), misfits):
            body = with_values(sample, changes)
            if self.is_valid(file, body):
                return body
        return None

    def _examples_in(self, file: str) -> Iterator[Any]:
        """Yield the whole bodies that a schema has as examples itself."""
        for flat in self.flattener.flattened(self.schemas[file]):
            yield from flat.get("examples", ())

    def is_valid(self, file: str, body: Any) -> bool:
        """Return whether a body obeys the schema of a file."""
        return next(body_validation.errors(f"{self._name}/{file}", body), None) is None

    def free(self, member: Member, *, text: bool = True) -> None:
        """Let a member have any text as its value, or, without `text`, any text if it is one."""
        known = kinds(self.flattener, member)
        for schema in member.schemas:
            self._free(schema, _OF_TEXTS, "jobmock's ids are other texts", text and not {"string", None} & {*known})

    def free_length(self, member: Member) -> None:
        """Let a list be as long as a scenario says."""
        for schema in member.schemas:
            self._free(schema, ("maxItems",), "scenarios may have more results")

    def _free(self, schema: Any, keywords: Sequence[str], why: str, needs_type: bool = False) -> None:
        if not isinstance(schema, dict):
            return
        inner = [self._files.shared[schema["$ref"].partition("#/$defs/")[2]]] if "$ref" in schema else []
        for part in [*inner, *(part for keyword in ("allOf", "anyOf", "oneOf") for part in schema.get(keyword, ()))]:
            self._free(part, keywords, why, needs_type)
        removed = [keyword for keyword in keywords if schema.pop(keyword, None) is not None]
        if needs_type and "type" in schema:
            types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            schema["type"] = [*types, "string"]
            removed.append("type")
        if removed:
            schema["$comment"] = f"{MARK} Less strict than the document ({', '.join(removed)}), as {why}."


def _stem(file: str) -> str:
    """Return the kind of message that a file has: errors of several statuses are one kind."""
    return file.partition("-")[0].partition(".")[0]


def with_values(body: Any, changes: Iterable[tuple[Path, Any]]) -> Any:
    """Return a body with values at these paths. An empty path changes nothing."""
    for path, value in changes:
        if path and isinstance(body, Mapping):
            body = _with_value(body, path, value)
    return body


def _with_value(body: Any, path: Path, value: Any) -> dict[str, Any]:
    inner = body if isinstance(body, Mapping) else {}
    name, rest = path[0], path[1:]
    return {**inner, name: _with_value(inner.get(name), rest, value) if rest else value}
