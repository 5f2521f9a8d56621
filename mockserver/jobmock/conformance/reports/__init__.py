"""The reports of a scorecard, in each format."""

from __future__ import annotations

from ...reports.formats import Formats
from ..scorecard import Scorecard

FORMATS: Formats[Scorecard] = Formats(__name__, ("text", "json", "junit", "github", "markdown", "html"))
