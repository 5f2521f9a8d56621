"""The reports of coverage, in each format."""

from __future__ import annotations

from ...reports.formats import Formats
from ..coverage import Coverage

FORMATS: Formats[Coverage] = Formats(__name__, ("text", "json", "markdown"))
NOTHING = "No client has met anything of an API."
