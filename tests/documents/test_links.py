"""Every document can be found, and every link in it leads somewhere."""

from __future__ import annotations

import re

import pytest
from tests.documents.reading import DOCUMENTS, ROOT, anchors, languages, links, text_of

TESTED = {
    "README.md": {"python": 1, "sh": 4, "yaml": 1},
    "mockserver/CLIENT_COMMANDS.md": {"sh": 1, "js": 1, "py": 1, "python": 1},
    "mockserver/CONFORMANCE.md": {"python": 1, "sh": 1, "yaml": 2},
    "mockserver/README.md": {"sh": 14, "text": 2, "json": 2, "yaml": 3, "python": 1, "toml": 1, "py": 2},
    "pytest_plugin/README.md": {"python": 9, "text": 2, "sh": 1},
    "scenarios/README.md": {"yaml": 2, "console": 1, "python": 1},
    "schemas/clado/README.md": {"json": 8},
    "schemas/orbit/README.md": {"json": 9},
    "schemas/README.md": {"yaml": 2, "sh": 12, "json": 2, "text": 1},
}
"""How many blocks of each language are run, or compared with what they show, by tests here or in `checking/cluster`."""


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    """A link to a file or a heading of this repository leads to one that exists."""
    lost = []
    for link in links(name):
        target, _, anchor = link.partition("#")
        if target.startswith("https://"):
            continue
        path = (ROOT / name).parent / target if target else ROOT / name
        known = anchors(path.resolve().relative_to(ROOT).as_posix()) if path.suffix == ".md" and path.is_file() else ()
        if not path.exists() or (anchor and anchor not in known):
            lost.append(link)
    assert lost == []


def test_readme_lists_every_document() -> None:
    """The README's table has a row for each document, so that none has to be searched for."""
    assert {*DOCUMENTS} - {"README.md"} <= {link.partition("#")[0] for link in links("README.md")}


def test_a_page_that_begins_with_contents_lists_each_of_its_chapters() -> None:
    """Where a page has a list of contents, it is complete and in the order of the page."""
    for name in DOCUMENTS:
        listed = re.findall(r"^- \[([^]]+)\]\(#", text_of(name), re.MULTILINE)
        if listed:
            titles = re.findall(r"^## (?:<a [^>]*></a>)?(.+)$", text_of(name), re.MULTILINE)
            assert [title.replace("`", "") for title in titles] == listed


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_block_is_tested(name: str) -> None:
    """A block of code in a document is run or compared by a test; a new one needs a test first."""
    assert languages(name) == TESTED.get(name, {})


def test_readme_can_be_read_at_one_go() -> None:
    """The README has at most 250 lines."""
    assert len(text_of("README.md").splitlines()) <= 250


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_namespace_is_called_so(name: str) -> None:
    """The documents have one word for what belongs to a key: namespace, not world."""
    assert re.findall(r"\bworlds?\b", text_of(name)) == []
