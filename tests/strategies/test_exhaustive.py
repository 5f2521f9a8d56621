"""Every script up to a length is played, and the certificate reports what was tried and what failed."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from jobmock import __version__
from jobmock.errors import UsageError
from jobmock.strategies import exhaust
from jobmock.strategies.exhaustive import certificate_lines, counterexamples
from jobmock.strategies.scripts import count_scripts, scripts

from .clado_clients import hasty, patient, third_time_unlucky

SYMBOLS = ("pending", "processing", "429", "503")


def test_a_correct_client_gets_a_clean_certificate() -> None:
    """It names scripts, client and version, and holds the hash of the played scripts, one a line."""
    found = exhaust(patient, api="clado", symbols=SYMBOLS, length=2)
    every = list(scripts("clado", SYMBOLS, 2))
    certificate = json.loads(found.to_json())
    assert certificate["findings"] == []
    assert (certificate["client"], certificate["version"]) == ("tests.strategies.clado_clients:patient", __version__)
    assert certificate["played"] == len(every) == 20
    assert certificate["left_out"] == count_scripts(SYMBOLS, 2) - 20 == 1
    assert certificate["scripts"] == sha256("".join(f"{' '.join(script)}\n" for script in every).encode()).hexdigest()
    assert found.to_json() == exhaust(patient, api="clado", symbols=SYMBOLS, length=2).to_json()


def test_a_bug_that_needs_depth_three_is_found_there() -> None:
    """The certificate names the shortest script that shows it; no script of length 2 does."""
    assert exhaust(third_time_unlucky, api="clado", symbols=SYMBOLS, length=2).findings == ()
    (failing,) = exhaust(third_time_unlucky, api="clado", symbols=SYMBOLS, length=3).findings
    assert (failing.rule, failing.script, failing.scripts) == ("gave-up-early", ("429", "429", "429"), 1)


def test_findings_are_counted_by_their_rule() -> None:
    """The first of the scripts that break a rule is named, in words and as a scenario."""
    found = exhaust(hasty, api="clado", symbols=SYMBOLS, length=2)
    by_rule = {failing.rule: failing for failing in found.findings}
    assert by_rule["retry-after-ignored"].script == ("429",)
    assert by_rule["retry-after-ignored"].scripts > 3
    lines = list(certificate_lines(found))
    assert "20 scripts of up to 2 of 4 symbols (pending, processing, 429, 503); 1 left out." in lines[0]
    assert "  the shortest: 429" in lines
    scenario, said = next(iter(counterexamples(found)))
    assert scenario.faults[0].respond and scenario.faults[0].respond.status == 429
    assert said.startswith("retry-after-ignored (error): ")


def test_one_symbol_is_one() -> None:
    """The summary has the singular for one script or symbol."""
    found = exhaust(patient, api="clado", symbols=["pending"], length=1, client="it")
    assert list(certificate_lines(found)) == ["it: 2 scripts of up to 1 of 1 symbol (pending); 0 left out."]


@pytest.mark.parametrize(("wrong", "text"), [
    ({"length": 0}, "'length' is a whole number from 1 to 12, not 0"),
    ({"symbols": ["pendign"]}, "Did you mean 'pending'"),
    ({"api": "clodo"}, "Did you mean 'clado'"),
])  # fmt: skip
def test_wrong_arguments(wrong: dict[str, object], text: str) -> None:
    """What can't be used is named, with what can."""
    with pytest.raises(UsageError, match=text):
        exhaust(patient, **{"api": "clado", **wrong})  # type: ignore[arg-type]
