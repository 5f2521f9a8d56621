"""`python -m tests.documents`: write the table of bundled scenarios into scenarios/README.md."""

from __future__ import annotations

from tests.documents.catalogue import PAGE, written

PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
