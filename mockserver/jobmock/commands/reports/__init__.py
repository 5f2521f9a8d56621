"""The reports of a command's runs, in each format."""

from __future__ import annotations

from collections.abc import Sequence

from ...reports.formats import Formats
from .run_report import RunReport

FORMATS: Formats[Sequence[RunReport]] = Formats(__name__, ("text", "json", "junit", "github", "markdown", "html"))
