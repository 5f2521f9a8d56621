"""The kinds of statuses, which are shown in different colours and lines."""

from __future__ import annotations

from functools import lru_cache

from .. import apis

KINDS = ("early", "middle", "late", "success", "ended", "other")


@lru_cache(maxsize=1024)
def status_kind(api: str, status: str) -> str:
    """Return the kind of a status.

    One that goes on is `early`, `middle` or `late` in the order of the API; an end is a `success`, or just `ended`. All
    that the API doesn't document, such as `not_found`, is `other`.
    """
    known = apis.load(api)
    if known.is_success(status):
        return "success"
    if status in known.terminal:
        return "ended"
    going_on = [one for one in known.transitions if one not in known.terminal]
    return KINDS[min(going_on.index(status), 2)] if status in going_on else "other"
