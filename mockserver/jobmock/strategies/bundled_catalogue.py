"""The catalogue of the bundled scenarios, which all services of this package share."""

from __future__ import annotations

from functools import cache

from ..catalogue import Catalogue


@cache
def bundled_catalogue() -> Catalogue:
    """Return the catalogue. It is kept, because finding its files takes longer than a short run."""
    return Catalogue()
