"""`python -m tests.documents`: write the parts of documents that are made: the bundled scenarios, and the rules."""

from __future__ import annotations

from tests.documents import catalogue, rules

for part in (catalogue, rules):
    part.PAGE.write_text(part.written(part.PAGE.read_text("utf-8")), "utf-8")
