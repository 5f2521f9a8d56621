"""Bounds the size of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from xml.etree.ElementTree import Element, tostring

from .elements import element

MOST_BYTES = 8 << 20
"""A page ends with the part that completes so many bytes."""


def bounded(parts: Iterable[Callable[[], Element]], most: int = MOST_BYTES) -> Iterator[Element]:
    """Yield the parts of a page, each made when there is room for it, and a line that counts those left out."""
    size = left_out = 0
    for make in parts:
        if size >= most:
            left_out += 1
            continue
        part = make()
        size += len(tostring(part))
        yield part
    if left_out:
        text = f"{left_out} more part{'s' * (left_out != 1)} would make this page larger than {most >> 20} MiB."
        yield element("p", text, class_="folded")
