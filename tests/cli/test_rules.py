"""`jobmock rules`."""

from __future__ import annotations

import pytest
from tests.support import call

from jobmock import apis
from jobmock.etiquette import EXPLAINED
from jobmock.etiquette.rule_texts import described


def test_table_is_one_line_for_each_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """Id, severity and what the client does, in the order of the documents."""
    called = call(capsys, "rules")
    rows = [line.split(maxsplit=2) for line in called.out.splitlines()]
    assert rows == [[rule.id, rule.severity, rule.summary] for rule in EXPLAINED.values()]
    assert (called.code, called.err) == (0, "")


@pytest.mark.parametrize("rule", EXPLAINED.values(), ids=list(EXPLAINED))
def test_one_rule(rule: object, capsys: pytest.CaptureFixture[str]) -> None:
    """Every text about a rule is printed whole, broken into lines that fit into a terminal."""
    one = EXPLAINED[getattr(rule, "id", "")]
    called = call(capsys, "rules", one.id)
    printed = " ".join(called.out.split())
    assert called.out.startswith(f"{one.id} ({one.severity})\n")
    for heading, text in described(one, apis.all_apis()):
        assert f"{heading}: {text}" in printed
    assert max(map(len, called.out.splitlines())) <= 100


def test_unknown_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """A rule that there isn't is named with the nearest one."""
    called = call(capsys, "rules", "polled-to-fast")
    assert called.code == 2
    assert "There is no rule 'polled-to-fast'." in called.err and "Did you mean 'polled-too-fast'?" in called.err
