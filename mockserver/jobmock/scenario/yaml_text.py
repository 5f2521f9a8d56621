"""`Scenario` → YAML text of the scenario language, without API keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml

from ..models import Scenario
from ..redaction import CUT, redact
from .writing import to_mapping

_AMBIGUOUS = re.compile(r"[yYnN]|0o[0-7]+|[-+]?(\.[0-9]+|[0-9]+\.?[0-9]*)([eE][-+]?[0-9]+)?")
"""Text that some YAML parsers read as another value, although PyYAML doesn't."""
_QUOTE_STYLES: tuple[tuple[str, Callable[[str], object]], ...] = (
    ('"', lambda text: not text.isprintable()),
    ("'", _AMBIGUOUS.fullmatch),
)


def to_text(scenario: Scenario) -> str:
    """Return a scenario as YAML text in block style, without API keys.

    Raises ScenarioError if the language can't express it.
    """
    written = _without_keys(to_mapping(scenario))
    return yaml.dump(written, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1 << 30)


def _without_keys(value: Any) -> Any:
    """Return a copy of a value in which each key is cut. ASCII marks the cut, because a header can't hold more."""
    if isinstance(value, dict):
        return {_without_keys(key): _without_keys(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_keys(inner) for inner in value]
    return redact(value).replace(CUT, "...") if isinstance(value, str) and redact(value) != value else value


class _Dumper(yaml.SafeDumper):
    """Writes lists indented, repeated values in full, and ambiguous text in quotes."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = next((quote for quote, needs in _QUOTE_STYLES if needs(text)), None)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _represent_text)
