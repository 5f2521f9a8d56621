"""`python -m tests.documents`: write what is made: scenarios, conformance cases, rules, scenarios of coverage."""

from __future__ import annotations

from tests.documents import catalogue, conformance, coverage_scenarios, rules

for part in (catalogue, conformance, rules):
    part.PAGE.write_text(part.written(part.PAGE.read_text("utf-8")), "utf-8")
for page, text in coverage_scenarios.pages().items():
    page.write_text(text, "utf-8")
