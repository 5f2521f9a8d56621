"""The documents of the repository, and what is in them: blocks of code, chapters, tables, links and their targets."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FOLDERS = ("mockserver", "pytest_plugin", "scenarios", "schemas", "tests")
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *(path for folder in _FOLDERS for path in (ROOT / folder).rglob("*.md"))]
    if not {"node_modules", "template"} & {*path.parts}
)
"""Every document, by its path from the top. The README of a package that `new-api` writes is none of them."""
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([^"]+)"></a>')
_CODE = re.compile(r"`[^`\n]*`")


def text_of(name: str) -> str:
    """Return the text of a document."""
    return (ROOT / name).read_text("utf-8")


def blocks(name: str, language: str, title: str = "") -> list[str]:
    """Return the fenced blocks of a language, in order: of a document, or of one of its chapters."""
    text = chapter(name, title) if title else text_of(name)
    return [code for found, code in _BLOCK.findall(text) if found == language]


def languages(name: str) -> dict[str, int]:
    """Return how many fenced blocks a document has of each language."""
    found = [language for language, _ in _BLOCK.findall(text_of(name))]
    return {language: found.count(language) for language in found}


def chapter(name: str, title: str) -> str:
    """Return a chapter of a document, from its heading to the next one that is as high or higher."""
    text = text_of(name)
    begin = re.search(rf"^(#+) {re.escape(title)}\n", text, re.MULTILINE)
    assert begin, f"{name} has no chapter {title!r}."
    end = re.compile(rf"^#{{1,{len(begin[1])}}} ", re.MULTILINE).search(_without_code(text), begin.end())
    return text[begin.end() : end.start() if end else len(text)]


def tables(name: str, title: str = "") -> list[list[list[str]]]:
    """Return the tables of a document or a chapter: rows of cells, the heading first."""
    text = chapter(name, title) if title else text_of(name)
    found = re.findall(r"(?:^\|.*\|\n)+", _without_code(text), re.MULTILINE)
    return [[_cells(row) for row in table.splitlines() if not re.fullmatch(r"[|: -]+", row)] for table in found]


def first_words(name: str, title: str, number: int = 0) -> list[str]:
    """Return every `word` in the first column of one of a chapter's tables."""
    return [word for row in tables(name, title)[number][1:] for word in re.findall(r"`([^`]+)`", row[0])]


def links(name: str) -> list[str]:
    """Return the targets of a document's links and pictures."""
    return _LINK.findall(_CODE.sub("", _without_code(text_of(name))))


def anchors(name: str) -> set[str]:
    """Return the names that a link to a place in a document can have: of its headings, as on GitHub, and its own."""
    headings = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text) for text in _HEADING.findall(_without_code(text_of(name)))]
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made.union(_ANCHOR.findall(text_of(name)))


def _without_code(text: str) -> str:
    """Return the text with each fenced block blanked out, of the same length."""
    return _BLOCK.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), text)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip()[1:-1])]
