"""The rules about pages."""

from __future__ import annotations

from .rule import Rule

PAGE_TABLE = (
    Rule(
        id="page-missed", severity="error",
        summary="It leaves pages out.",
        evidence=(
            "It reads pages of a completed job, in any order, and no walk has all of them: a page between two is"
            " missing, or the one that the last page says follows. A poll without `page` before that changes nothing."
        ),
        remedy="Read every page until one says that none follows; an empty page is no end.",
        source="TestSprite/testsprite-cli#48; PrefectHQ/fastmcp#5026; langwatch/langwatch#7364",
        example="It takes a page without people for the end.",
    ),
    Rule(
        id="page-repeated", severity="warning",
        summary="It reads a page twice.",
        evidence=(
            "A page of the same size is read again in one walk. The page that showed the end may be read again, to"
            " begin the walk. Very many repeats are `polled-after-end`."
        ),
        remedy="Count the pages up, and read each one once.",
        source="PrefectHQ/fastmcp#3167",
        example="It forgets to count up the page now and then.",
    ),
    Rule(
        id="page-past-end", severity="warning",
        summary="It reads a page that doesn't exist.",
        evidence="A page is read whose number is above that of a page that had said that none follows.",
        remedy="Stop at the page that says that none follows.",
        source="modelcontextprotocol/typescript-sdk#2735",
        example="It reads pages until one is empty.",
    ),
    Rule(
        id="page-size-changed", severity="error",
        summary="It changes the page size between two pages, so that it misses people or gets them twice.",
        evidence="Two pages in a row of one walk have different sizes. Going back to page 1 begins a new walk.",
        remedy="Keep the page size, or begin again at page 1.",
        source="found by the generated clients of this project",
        example="It reads page 1 with its own size, and the others with the default.",
    ),
)  # fmt: skip
