"""The parts of pytest_plugin/RULES.md that are made from the tables of the rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jobmock import apis
from jobmock.etiquette.clock_table import CLOCKS, TIMES
from jobmock.etiquette.declared_rules import EXPLAINED
from jobmock.etiquette.rule_texts import described, sources
from jobmock.etiquette.thresholds import THRESHOLDS, value_text

PAGE = Path(__file__).parents[2] / "pytest_plugin" / "RULES.md"


def written(text: str) -> str:
    """Return the page with its made parts."""
    for name, lines in (("clocks", _clocks()), ("thresholds", _thresholds()), ("rules", _rules())):
        begin, end = f"<!-- {name} -->\n", f"<!-- end of the {name} -->\n"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = before + begin + "".join(line + "\n" for line in lines) + end + after
    return text


def _clocks() -> Iterator[str]:
    yield f"| Rule | {' | '.join(f'`{time}`' for time in TIMES)} |"
    yield "|---" * (len(TIMES) + 1) + "|"
    for rule, judged in CLOCKS.items():
        yield f"| `{rule}` | {' | '.join(judged)} |"
    yield f"| all others | {' | '.join(['yes'] * len(TIMES))} |"


def _thresholds() -> Iterator[str]:
    yield "| Threshold | Value | Unit | Why | Source | Broken by |"
    yield "|---|---|---|---|---|---|"
    for name, (value, unit, reason, source, example) in THRESHOLDS.items():
        texts = reason, sources(name, source, apis.all_apis()), example
        yield f"| `{name}` | {value_text(value)} | {unit} | {' | '.join(texts)} |"


def _rules() -> Iterator[str]:
    for rule in EXPLAINED.values():
        yield f"### `{rule.id}` ({rule.severity})"
        yield ""
        yield from (f"- **{heading}:** {_escaped(text)}" for heading, text in described(rule, apis.all_apis()))
        yield ""


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<")
