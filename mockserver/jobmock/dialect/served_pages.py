"""The page of a job's results that a request asks for: by its number, or by the cursor that the page before it had."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl

from ..engine.pagination import Page, Paging, cut, order
from ..models import PageInfo
from .answers import Refused
from .job_views import JobView

_LONGEST_NUMBER = 9


class ServedPage(NamedTuple):
    """One page of a job's results: their `numbers`, counted from 0, and what describes the page.

    `cursor` is that of the next page, None after the last one. `info` is for the `page` of an Answer.
    """

    numbers: Sequence[int]
    page: Page
    cursor: str | None
    info: PageInfo


def served_page(view: JobView, paging: Paging, error: str) -> ServedPage:
    """Return the page that a request for the results of a job asks for; without a parameter, the first one.

    Raises Refused with this error for a page or a size that isn't a number from 1 on, for a size above the largest one,
    and for a text that is no cursor.
    """
    query = dict(parse_qsl(view.query.decode("latin-1"), keep_blank_values=True))
    size = _number(query.get(paging.size, str(paging.default_size)), paging.size, paging.largest_size, error)
    if paging.has_cursors:
        number = _position(query[paging.page], paging.page, error) // size + 1 if paging.page in query else 1
    else:
        number = _number(query.get(paging.page, "1"), paging.page, None, error)
    pages = view.stage.step.pages
    page = cut(view.shown, number, size, pages)
    results = order(range(view.shown), pages)[page.start : page.stop]
    info = PageInfo(page.page, size, page.has_next, page.total_results)
    return ServedPage(results, page, _cursor(page.page * size) if page.has_next else None, info)


def _number(text: str, name: str, largest: int | None, error: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else 0
    if number < 1 or (largest is not None and number > largest):
        allowed = "A whole number from 1 on" if largest is None else f"A whole number from 1 to {largest}"
        raise Refused(error, f"The parameter {name} is wrong. {allowed} is allowed.")
    return number


def _cursor(position: int) -> str:
    """Return an opaque text for the position of a result."""
    return urlsafe_b64encode(b"from:%d" % position).decode().rstrip("=")


def _position(cursor: str, name: str, error: str) -> int:
    """Return the position that a cursor stands for."""
    try:
        known, _, digits = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).partition(b":")
    except (Error, ValueError):
        known, digits = b"", b""
    if known != b"from" or not digits.isdigit() or len(digits) > _LONGEST_NUMBER:
        raise Refused(error, f"The parameter {name} is no cursor that a page of this job had.")
    return int(digits)
