"""The names that Clado uses for pagination."""

from __future__ import annotations

from ...engine.pagination import Page, Paging

PAGING = Paging(
    page="page", size="page_size", default_size=25, largest_size=100,
    stated={name: ("pagination", name) for name in Page._fields[:6]},
    identity=("profile", "id"), is_optional=True, document="status-page.json",
)  # fmt: skip
"""Source: schemas/clado/README.md#3.2,#4.5."""
