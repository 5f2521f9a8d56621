"""Loads the JSON documents of `schemas/`, and makes validators. References resolve among them; nothing is fetched."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .. import api_packages, json_pointer, resources
from ..errors import NoSuchDocument, hint

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

T = TypeVar("T")
BASE = "https://jobmock.invalid/schemas/"
"""The base URI of references among documents. Nothing is ever fetched from there."""
LANGUAGE = "scenario.schema.json"
"""The schema of the scenario language."""
_own: dict[str, Mapping[str, Any]] = {}
"""The documents that stand in place of those of the same name."""
_forget: list[Callable[[], None]] = []
"""What empties the caches of everything that is made of documents."""
_WORDS = "scenario.json"
"""The document with the words that an API's scenarios may use."""
_made_words: list[Callable[[str], Mapping[str, Any] | None]] = []
"""What makes the words of an API of another distribution that has no such file; None for one that can't be used."""


def make_words_by(make: Callable[[str], Mapping[str, Any] | None]) -> None:
    """Set what makes the words of an API that has no `scenario.json`."""
    _made_words[:] = [make]


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
    others = [package.name for package in api_packages.others()]
    words = [f"{api}/{_WORDS}" for api in others if _words_of(api)]
    return sorted({*_own_files(), *(name for api in others for name in _files_of(api)), *words})


def _file(name: str) -> Path | None:
    """Return the file of a document, or None. It is in the folder of its API, or in that of all."""
    package = api_packages.found().usable.get(name.partition("/")[0])
    files = _own_files() if package is None or package.is_own else _files_of(package.name)
    return files.get(name)


def _own_files() -> Mapping[str, Path]:
    """Return the documents of jobmock by name."""
    root = resources.folder("schemas")
    return {path.relative_to(root).as_posix(): path for path in root.rglob("*.json")}


@cache
def _files_of(api: str) -> Mapping[str, Path]:
    """Return the documents of an API of another distribution by name."""
    root = api_packages.data_of(api, "schemas")
    return {f"{api}/{path.relative_to(root).as_posix()}": path for path in root.rglob("*.json")}


@cached
def document(name: str) -> Mapping[str, Any]:
    """Return a document. Raises NoSuchDocument."""
    if name in _own:
        return _own[name]
    api, _, rest = name.partition("/")
    file = _file(name)
    if file is not None:
        loaded: Mapping[str, Any] = json.loads(file.read_text("utf-8"))
        return _with_others(loaded) if name == LANGUAGE else loaded
    if rest == _WORDS and (words := _words_of(api)):
        return words
    raise NoSuchDocument(f"There is no document {name!r} in schemas/.{hint(name, names())}")


def _words_of(api: str) -> Mapping[str, Any] | None:
    """Return the words of an API of another distribution, None if there are none: it can't be used."""
    if f"{api}/{_WORDS}" in _files_of(api):
        return document(f"{api}/{_WORDS}")
    known = api in (package.name for package in api_packages.others())
    return next((make(api) for make in _made_words), None) if known else None


def _with_others(language: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of the scenario language with the words of the APIs of other distributions too."""
    names = [one.name for one in api_packages.others() if _words_of(one.name)]
    listed = language["properties"]["api"]
    api = {**listed, "enum": sorted([*listed["enum"], *names])}
    words = [
        {"if": {"properties": {"api": {"const": name}}, "required": ["api"]}, "then": {"$ref": f"{name}/{_WORDS}"}}
        for name in names
    ]
    return {**language, "properties": {**language["properties"], "api": api}, "allOf": [*language["allOf"], *words]}


def at(name: str, pointer: str) -> Any:
    """Return the value at a JSON Pointer in a document. Raises NoSuchDocument."""
    schema: Any = document(name)
    for key in json_pointer.split(pointer):
        schema = schema[int(key)] if isinstance(schema, list) else schema[key]
    return schema


def definitions(api: str) -> Mapping[str, Any]:
    """Return the `definitions` of an API's `scenario.json`: its statuses, errors, switches and so on."""
    words: Mapping[str, Any] = document(f"{api}/{_WORDS}")["definitions"]
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
