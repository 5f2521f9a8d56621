"""What the documents list of each value, as a tree that is made once: members, items, and the words of open lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from . import documents


class Unlisted(NamedTuple):
    """A member that no document lists, or (`word`) a text that an open list doesn't have; `known` are those it has."""

    path: tuple[str | int, ...]
    value: Any
    known: frozenset[str]
    word: bool

    @property
    def pointer(self) -> str:
        """The path as a JSON Pointer."""
        return "".join(f"/{escape(part)}" for part in self.path)


class Listed:
    """What is listed of one value. `open` is a map, whose members have names of their own choice."""

    __slots__ = ("deep", "flat", "items", "members", "names", "open", "words")

    def __init__(self) -> None:
        self.members: dict[str, Listed] | None = None
        self.names: frozenset[str] = frozenset()
        self.deep: list[tuple[str, Listed]] = []
        """The members in which there is something to look for."""
        self.flat: KeysView[str] | None = None
        """The names of the members, where there is nothing to look for in them: then one comparison is enough, which
        spares most calls for the many small objects of a list."""
        self.items: Listed | None = None
        self.words: frozenset[str] = frozenset()
        self.open = False

    @property
    def plain(self) -> bool:
        """Whether nothing can be unlisted in such a value."""
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
        return At(name, documents.at(name, fragment.split("/")[1:]))


@cache
def listed(name: str) -> Listed:
    """Return what a document lists. Raises NoSuchDocument."""
    return _made([At(name, documents.document(name))], {})


def unlisted(listed: Listed, body: Any) -> list[Unlisted]:
    """Walk body and tree together, and return what is in the body and not in the tree."""
    found: list[Unlisted] = []
    _walk(listed, body, (), found)
    return found


def generalised(listed: Listed, path: Iterable[object]) -> str:
    """Return a path as a JSON Pointer in which `*` stands for any index of a list and any name in a map."""
    pointer, at = "", listed
    for part in path:
        members = at.members or {}
        any_one = isinstance(part, int) or (at.open and part not in members)
        pointer += "/*" if any_one else f"/{escape(part)}"
        at = (at.items if isinstance(part, int) else members.get(str(part))) or Listed()
    return pointer


def escape(part: object) -> str:
    """Return one part of a path as it stands in a JSON Pointer."""
    return str(part).replace("~", "~0").replace("/", "~1")


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
    """Make the tree of a value to which these schemas may apply; documents may refer to themselves."""
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
    """Return the examples of a text: a closed list stands in `enum`, one that may grow in `examples`."""
    lists = [at.schema["examples"] for at in applied if at.schema.get("type") == "string" and "examples" in at.schema]
    return frozenset(word for words in lists for word in words)
