"""The rules about pages."""

from __future__ import annotations

from .rule import Rule

PAGE_TABLE = (
    Rule(
        id="page-missed", severity="error",
        summary="It leaves pages out.",
        evidence=(
            "The client reads pages of a completed job, but never all of them: a page between two others is"
            " missing, or the page that the last one says follows. The order of the pages doesn't matter. If the"
            " client reads the list more than once, it is enough that it reads all pages once. Polls without"
            " `page` don't count."
        ),
        remedy="Read every page until one says that none follows; an empty page is no end.",
        source="TestSprite/testsprite-cli#48; PrefectHQ/fastmcp#5026; langwatch/langwatch#7364",
        example="It takes a page without people for the end.",
    ),
    Rule(
        id="page-repeated", severity="warning",
        summary="It reads a page twice.",
        evidence=(
            "The client reads a page again, with the same size. It may read the page that showed the end once"
            " more, because its list may begin there. Very many repeats are `polled-after-end`."
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
        evidence=(
            "Two pages that the client reads one after the other have different sizes. If it goes back to page 1,"
            " it may choose another size."
        ),
        remedy="Keep the page size, or begin again at page 1.",
        source="found by the generated clients of this project",
        example="It reads page 1 with its own size, and the others with the default.",
    ),
)  # fmt: skip
