"""`python -m tests.documents`: write what is made: the bundled scenarios, the rules, and the scenarios for coverage."""

from __future__ import annotations

from tests.documents import catalogue, coverage_scenarios, rules

for part in (catalogue, rules, coverage_scenarios):
    part.PAGE.write_text(part.written(part.PAGE.read_text("utf-8")), "utf-8")
