"""The page about a scenario: its timeline, and the same as text."""

from __future__ import annotations

from ..catalogue.explain_scenario import explain
from ..engine.progression import Plan
from ..redaction import redact
from .client_page import text_details
from .elements import element
from .html_page import page
from .scenario_svg import scenario_picture


def scenario_page(plan: Plan) -> str:
    """Return a page about a scenario, alone in a file."""
    title = redact(plan.name)
    return page(
        title, element("main", element("h1", title), element("figure", scenario_picture(plan), class_="scenario"),
                       text_details("The same as text", explain(plan))),
        times="Times count from the moment the job is made.",
    )  # fmt: skip
