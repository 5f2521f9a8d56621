"""How an OpenAPI document says that requests carry a key, and what of that jobmock can't play."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..json_pointer import escape
from .document_operations import DocumentOperation
from .references import References

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""What the name of a header may be, and the word before a key."""


class SentKey(NamedTuple):
    """The header with the key (None without keys), the word before it, and what is guessed about it."""

    header: str | None
    word: str
    gap: str | None = None


_NOT_SAID = SentKey(None, "", "The document doesn't say in which header a key is sent, so there are none.")


def sent_key(operation: DocumentOperation) -> SentKey:
    """Return how requests of an operation carry a key: as the first of its schemes says that jobmock can play."""
    references = operation.references
    listed = operation.node.get("security", references.data.get("security"))
    if not isinstance(listed, list):
        return _NOT_SAID
    names = [name for one in listed if isinstance(one, Mapping) for name in one]
    found = [_of_scheme(references, name) for name in names]
    exact = (one for one in found if one.gap is None)
    nearly = (one for one in found if one.header)
    return next(exact, None) or next(nearly, None) or (found[0] if found else SentKey(None, ""))


def _of_scheme(references: References, name: str) -> SentKey:
    node = references.at(references.resolved(references.pointer(f"#/components/securitySchemes/{escape(name)}")))
    scheme: Mapping[str, Any] = node if isinstance(node, Mapping) else {}
    kind, place = scheme.get("type"), str(scheme.get("in"))
    if kind == "apiKey":
        header = str(scheme.get("name", ""))
        if place == "header" and _TOKEN.fullmatch(header):
            return SentKey(header.lower(), "")
        return SentKey(None, "", f"The document has the key in the {place} ({header}). jobmock finds keys in headers "
                                 "alone, so there are none.")  # fmt: skip
    if kind == "mutualTLS":
        return SentKey(None, "", "The document has certificates of clients. jobmock has none, so there are no keys.")
    word = str(scheme.get("scheme") or "bearer").capitalize()
    if not _TOKEN.fullmatch(word):
        return _NOT_SAID
    return SentKey("authorization", word, _DIFFERENT.get(word))


_DIFFERENT = {
    "Basic": "The document has user and password in base64 (HTTP Basic). jobmock takes a key as it is, behind Basic.",
    "Digest": "The document has HTTP Digest. jobmock takes a key as it is, behind Digest.",
}
"""Word before a key → what jobmock does in another way."""
