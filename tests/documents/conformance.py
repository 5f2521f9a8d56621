"""The tables of conformance cases in mockserver/CONFORMANCE.md, made from the data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from tests.api_facts import OWN

from jobmock.conformance.cases import Case
from jobmock.conformance.suite import load_suite

PAGE = Path(__file__).parents[2] / "mockserver" / "CONFORMANCE.md"
_BEGIN, _END = "<!-- cases -->\n", "<!-- end of the cases -->\n"


def written(text: str) -> str:
    """Return the page with the cases that there are."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    lines = (line for api in OWN for line in _chapter(api))
    made = "\n".join([*lines, ""])
    return f"{before}{_BEGIN}{made}{_END}{after}"


def _chapter(api: str) -> Iterator[str]:
    suite = load_suite(api)
    yield f"### {api.capitalize()}: {len(suite.cases)} cases"
    yield ""
    yield "| Group | Case | Severity | Action | What a correct client does |"
    yield "|---|---|---|---|---|"
    for name, cases in groupby(suite.cases, lambda case: case.id.partition("/")[0]):
        yield _row(name, list(cases))
    yield ""


def _row(name: str, cases: list[Case]) -> str:
    """Return the row of one case, or of all that `each` makes of it."""
    first = cases[0]
    variants = f" ({len(cases)} cases)" if len(cases) > 1 else ""
    entry = first.id.partition("/")[2]
    title = first.title.replace(f" {entry} ", " … ") if entry else first.title
    return f"| {first.group} | `{name}`{variants} | {first.severity} | {first.action} | {_cell(title)} |"


def _cell(text: str) -> str:
    return re.sub(r"([|<>])", r"\\\1", text)
