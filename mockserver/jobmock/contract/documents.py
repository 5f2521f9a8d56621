"""Loads the JSON documents of `schemas/`, and makes validators. References resolve among them; nothing is fetched."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from .. import json_pointer, resources
from ..errors import NoSuchDocument, hint

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

T = TypeVar("T")
BASE = "https://jobmock.invalid/schemas/"
"""The base URI of references among documents. Nothing is ever fetched from there."""
_own: dict[str, Mapping[str, Any]] = {}
"""The documents that stand in place of those of the same name."""
_forget: list[Callable[[], None]] = []
"""What empties the caches of everything that is made of documents."""


def cached(function: Callable[..., T], size: int | None = None) -> _lru_cache_wrapper[T]:
    """Cache what a function makes of documents, until other documents are used."""
    kept = lru_cache(maxsize=size)(function)
    _forget.append(kept.cache_clear)
    return kept


@contextmanager
def replaced(own: Mapping[str, Mapping[str, Any]]) -> Iterator[None]:
    """Use other documents, by name, until the end of the block."""
    use(own)
    try:
        yield
    finally:
        use({})


def use(own: Mapping[str, Mapping[str, Any]]) -> None:
    """Use other documents, by name, from now on. What is made of documents is kept if they are the same as before."""
    if own == _own:
        return
    _own.clear()
    _own.update(own)
    for forget in _forget:
        forget()


def names() -> list[str]:
    """Return the name of every document, such as `clado/status.json`."""
    root = resources.folder("schemas")
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*.json"))


@cached
def document(name: str) -> Mapping[str, Any]:
    """Return a document. Raises NoSuchDocument."""
    if name in _own:
        return _own[name]
    if name not in names():
        raise NoSuchDocument(f"There is no document {name!r} in schemas/.{hint(name, names())}")
    loaded: Mapping[str, Any] = json.loads((resources.folder("schemas") / name).read_text("utf-8"))
    return loaded


def at(name: str, pointer: str) -> Any:
    """Return the value at a JSON Pointer in a document. Raises NoSuchDocument."""
    schema: Any = document(name)
    for key in json_pointer.split(pointer):
        schema = schema[int(key)] if isinstance(schema, list) else schema[key]
    return schema


def definitions(api: str) -> Mapping[str, Any]:
    """Return the `definitions` of an API's `scenario.json`: its statuses, errors, switches and so on."""
    words: Mapping[str, Any] = document(f"{api}/scenario.json")["definitions"]
    return words


@cached
def validator(name: str, pointer: str = "") -> Validator:
    """Return the reference validator of a document, or of the part at a JSON Pointer. Raises NoSuchDocument."""
    from jsonschema.validators import extend, validator_for
    from referencing import Registry
    from referencing.jsonschema import specification_with

    def found(uri: str) -> Any:
        """Return a document without `$schema`: jsonschema would take the class of that name, and not `kind`."""
        contents = document(uri.removeprefix(BASE))
        return specification.create_resource({key: value for key, value in contents.items() if key != "$schema"})

    specification = specification_with(document(name)["$schema"])
    registry: Any = Registry(retrieve=found)  # type: ignore[call-arg]
    kind: Any = extend(validator_for(document(name)), {"uniqueItems": _repeated_items})  # type: ignore[no-untyped-call]
    made: Validator = kind({"$ref": f"{BASE}{name}#{pointer}" if pointer else BASE + name}, registry=registry)
    return made


def _repeated_items(validator: Validator, wanted: bool, items: Any, schema: Any) -> Iterator[ValidationError]:
    """Yield an error for a list that repeats an item. jsonschema itself would compare each object with each other."""
    from jsonschema.exceptions import ValidationError

    if wanted and isinstance(items, list):
        written = [json.dumps(item, sort_keys=True) for item in items]
        if len(set(written)) < len(written):
            yield ValidationError("The list repeats an item.")
