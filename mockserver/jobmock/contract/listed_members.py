"""The members and words that a schema lists, as a tree that is made once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView, Mapping, Sequence
from typing import Any, NamedTuple

from .. import json_pointer
from . import documents


class Unlisted(NamedTuple):
    """A member that the schema doesn't list, or (with `word`) a text outside an open list. `known` are listed."""

    path: tuple[str | int, ...]
    value: Any
    known: frozenset[str]
    word: bool

    @property
    def pointer(self) -> str:
        """The path as a JSON Pointer."""
        return json_pointer.join(self.path)


class Listed:
    """What a schema lists for one value. `open` means a map, whose members may have any name."""

    __slots__ = ("deep", "flat", "items", "members", "names", "open", "words")

    def __init__(self) -> None:
        self.members: dict[str, Listed] | None = None
        self.names: frozenset[str] = frozenset()
        self.deep: list[tuple[str, Listed]] = []
        """The members that have listed members or words of their own."""
        self.flat: KeysView[str] | None = None
        """The names of the members, where none of them is in `deep`: then one comparison of names is enough. That saves
        most calls for the many small objects of a list."""
        self.items: Listed | None = None
        self.words: frozenset[str] = frozenset()
        self.open = False

    @property
    def plain(self) -> bool:
        """Whether such a value has nothing that could be unlisted."""
        return self.members is None and self.items is None and not self.words


class At:
    """A schema and the document that its references are relative to."""

    __slots__ = ("document", "schema")

    def __init__(self, document: str, schema: Any) -> None:
        self.document, self.schema = document, schema

    def inner(self, schema: Any) -> At:
        """Return a schema inside this one."""
        return At(self.document, schema)

    def follow(self) -> At:
        """Resolve this schema's `$ref`: `other.json`, `other.json#/$defs/x` or `#/$defs/x`."""
        file, _, fragment = self.schema["$ref"].partition("#")
        name = f"{self.document.rpartition('/')[0]}/{file}" if file else self.document
        return At(name, documents.at(name, fragment))


@documents.cached
def listed(name: str) -> Listed:
    """Return what a schema lists. Raises NoSuchDocument."""
    return _made([At(name, documents.document(name))], {})


def unlisted(listed: Listed, body: Any) -> list[Unlisted]:
    """Return everything in the body that the schema doesn't list."""
    found: list[Unlisted] = []
    _walk(listed, body, (), found)
    return found


def generalised(listed: Listed, path: Iterable[object]) -> str:
    """Return a path as a JSON Pointer in which `*` stands for any index of a list and any name in a map."""
    pointer, at = "", listed
    for part in path:
        members = at.members or {}
        any_one = isinstance(part, int) or (at.open and part not in members)
        pointer += "/*" if any_one else f"/{json_pointer.escape(part)}"
        at = (at.items if isinstance(part, int) else members.get(str(part))) or Listed()
    return pointer


def flat(at: At) -> Iterator[At]:
    """Yield every schema that may apply to one value: through references, `allOf`, `anyOf`, `oneOf` and `if`."""
    if not isinstance(at.schema, Mapping):
        return
    yield at
    if "$ref" in at.schema:
        yield from flat(at.follow())
    for keyword in ("allOf", "anyOf", "oneOf"):
        for branch in at.schema.get(keyword, ()):
            yield from flat(at.inner(branch))
    for keyword in ("then", "else"):
        if keyword in at.schema:
            yield from flat(at.inner(at.schema[keyword]))


def _walk(listed: Listed, body: Any, path: tuple[str | int, ...], found: list[Unlisted]) -> None:
    if isinstance(body, dict):
        members = listed.members
        if members is None:
            return
        if not listed.open and not body.keys() <= members.keys():
            found += [Unlisted((*path, key), body[key], listed.names, False) for key in body if key not in members]
        for key, inner in listed.deep:
            if key in body:
                _walk(inner, body[key], (*path, key), found)
    elif isinstance(body, list):
        items = listed.items
        if items is not None:
            flat = items.flat
            for index, item in enumerate(body):
                if flat is None or item.__class__ is not dict or not item.keys() <= flat:
                    _walk(items, item, (*path, index), found)
    elif listed.words and isinstance(body, str) and body not in listed.words:
        found.append(Unlisted(path, body, listed.words, True))


def _made(schemas: Sequence[At], known: dict[frozenset[int], Listed]) -> Listed:
    """Return the tree for a value to which these schemas may apply. Schemas may refer to themselves."""
    applied = [part for schema in schemas for part in flat(schema)]
    key = frozenset(id(at.schema) for at in applied)
    if key in known:
        return known[key]
    node = known[key] = Listed()
    node.open = any("additionalProperties" in at.schema for at in applied)
    node.words = _words(applied)
    items = [at.inner(at.schema["items"]) for at in applied if "items" in at.schema]
    if items:
        inner = _made(items, known)
        node.items = None if inner.plain else inner
    listing: dict[str, list[At]] = {}
    for at in applied:
        for name, schema in at.schema.get("properties", {}).items():
            listing.setdefault(name, []).append(at.inner(schema))
    if any("properties" in at.schema for at in applied):
        node.members = {name: _made(ats, known) for name, ats in listing.items()}
        node.deep = [(name, inner) for name, inner in node.members.items() if not inner.plain]
        node.names = frozenset(node.members)
        node.flat = None if node.deep or node.open else node.members.keys()
    return node


def _words(applied: Sequence[At]) -> frozenset[str]:
    """Return the words of an open list: a schema has them in `examples`, those of a closed list in `enum`."""
    lists = [at.schema["examples"] for at in applied if at.schema.get("type") == "string" and "examples" in at.schema]
    return frozenset(word for words in lists for word in words)
