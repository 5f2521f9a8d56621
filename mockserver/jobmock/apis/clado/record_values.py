"""Values that Clado's three kinds of record write in the same way: places, addresses and dates."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from ...people import Organisation, Person

Record = dict[str, Any]

LINKEDIN: Final = "https://www.linkedin.com"


def location(person: Person) -> str:
    """Return where a person lives: city, region and country."""
    place = person.place
    return f"{place.city}, {place.region}, {place.country}"


def company_page(organisation: Organisation) -> str:
    """Return the address of an organisation's public page."""
    return f"{LINKEDIN}/company/{organisation.slug}"


@cache
def first_day(month: int) -> str:
    """Return the first midnight of a month, as an ISO time without a zone."""
    return f"{month // 12:04}-{month % 12 + 1:02}-01T00:00:00"
