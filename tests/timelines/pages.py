"""Reads pages of HTML: their elements, ids, links, and what could run or load anything."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_VOID = frozenset({"meta", "br"})
_ACTIVE = re.compile(r"script|iframe|object|embed|img|form|input|link|base|animate.*|set|foreignobject")
_LOADING = re.compile(r"url\(|@import|expression")
_LINKS = frozenset({"href", "src", "srcset", "action", "data"})


class Page(HTMLParser):
    """A page that was read. It fails for elements that aren't closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.active: list[str] = []
        """What runs a program, or loads anything."""
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element with its attributes."""
        self.tags.append(tag)
        if tag not in _VOID:
            self._open.append(tag)
        if _ACTIVE.fullmatch(tag):
            self.active.append(tag)
        for name, value in attrs:
            self._note(tag, name, value or "")

    def _note(self, tag: str, name: str, value: str) -> None:
        if name == "id":
            self.ids.append(value)
        if name in _LINKS:
            self.links.append(value)
        if (name in _LINKS and not value.startswith("#")) or name.startswith("on") or name == "style":
            self.active.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        """Check that an element is the one that was opened last."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text, and look for addresses in styles."""
        if self._open[-1:] == ["style"]:
            self.active += _LOADING.findall(data)
        else:
            self.text += data


def checked(text: str) -> Page:
    """Return a page, after a check that it stands alone: all its links are to ids in it, which are unique."""
    page = Page(text)
    assert page.active == []
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert text.startswith("<!DOCTYPE html>\n<html lang=\"en\">")
    return page
