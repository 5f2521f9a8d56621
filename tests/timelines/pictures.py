"""Reads pictures: the texts in them, and what they refer to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, fromstring

SVG = "{http://www.w3.org/2000/svg}"
_ACTIVE = re.compile(r"script|iframe|object|embed|img|image|form|input|link|base|animate.*|set|foreignObject")
_LOADING = re.compile(r"url\(|@import|expression")


def parsed(svg: str) -> Element:
    """Return the root of an SVG file, which runs nothing and loads nothing."""
    root = fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert list(active_parts(root)) == []
    return root


def active_parts(root: Element) -> Iterator[str]:
    """Yield what runs a program or loads anything. A link to a part of the same file doesn't."""
    for found in root.iter():
        tag = found.tag.removeprefix(SVG)
        if _ACTIVE.fullmatch(tag) or (tag == "style" and _LOADING.search(found.text or "")):
            yield tag
        for name, value in found.attrib.items():
            is_link = name in ("href", "src", "srcset", "action", "data") and not value.startswith("#")
            if is_link or name.startswith("on") or (name == "style" and _LOADING.search(value)):
                yield f"{tag} {name}={value}"


def texts(root: Element) -> list[str]:
    """Return the visible texts of a picture."""
    return [found.text or "" for found in root.iter(f"{SVG}text")]
