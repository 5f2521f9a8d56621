"""The names that Clado uses for pagination."""

from __future__ import annotations

from ...engine.pagination import Paging

PAGING = Paging(
    page="page", size="page_size", default_size=25, page_object="pagination", items="results",
    identity=("profile", "id"), document="status-page.json",
)  # fmt: skip
"""Source: schemas/clado/README.md#3.2,#4.5."""
