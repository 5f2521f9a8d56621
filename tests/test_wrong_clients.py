"""Pairs of a wrong and a correct client, and mutants with their oracle. The campaigns try all, on every clock."""

from __future__ import annotations

import difflib
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
from tests.campaigns import client_mutants
from tests.campaigns.client_mutants import word_on
from tests.campaigns.clients import reference
from tests.campaigns.clients.clocks import TWO_CLOCKS, ClockKind
from tests.campaigns.clients.mutator import Mutation, drawn_mutations
from tests.campaigns.clients.planting import Pair, planted_source
from tests.campaigns.clients.shipped_bugs import BUDGET, SHIPPED_BUGS, ShippedBug
from tests.campaigns.clients.styles import STYLES
from tests.campaigns.clients.wrong import KNOWN_ON, PAIRS, is_silent, rules_found
from tests.support import part

from jobmock.etiquette import RULES

SOURCE = Path(reference.__file__).read_text(encoding="utf-8")
BY_NAME = {pair.name: pair for pair in PAIRS}


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_pair_is_one_line_apart(pair: Pair) -> None:
    """The sources of the two clients differ in one line, or their parameters in one value."""
    correct, wrong = pair.sources()
    changed = [line for line in difflib.ndiff(correct.splitlines(), wrong.splitlines()) if line[:2] in ("- ", "+ ")]
    assert Counter(line[0] for line in changed) == (Counter("-+") if pair.line else Counter())
    assert len(pair.parameter) == (0 if pair.line else 1)


@pytest.mark.parametrize("pair", part(PAIRS, 7), ids=str)
def test_the_wrong_one_is_found_by_its_rule_alone(pair: Pair) -> None:
    """In virtual time a wrong client breaks the rule that its bug is about, and no other."""
    found, _ = rules_found(pair)
    assert pair.rule in found <= {pair.rule, *pair.also}


@pytest.mark.parametrize(("rule", "kind"), part(product(RULES, TWO_CLOCKS), 7), ids=str)
def test_no_rule_is_silent_on_a_clock(rule: str, kind: ClockKind) -> None:
    """What a client does wrong in its own time is found on each clock, or its rule is named as not judged."""
    pairs = [pair for pair in PAIRS if pair.rule == rule]
    for pair in pairs if rule in KNOWN_ON else pairs[:1]:
        assert not is_silent(pair, kind, *rules_found(pair, kind)), pair


@pytest.mark.parametrize("pair", part(PAIRS, 7), ids=str)
def test_the_correct_one_is_found_right(pair: Pair) -> None:
    """The client without the bug breaks no rule in the same scenario."""
    found, _ = rules_found(pair, correct=True)
    assert found == set()


def test_each_rule_has_a_pair() -> None:
    """There are at least 60 pairs with different names, and every rule has one.

    That of results at an operation of their own is in the tests of other distributions.
    """
    assert len(BY_NAME) == len(PAIRS) >= 60
    assert {pair.rule for pair in PAIRS} == set(RULES) - {"result-unread"}


@pytest.mark.parametrize("bug", SHIPPED_BUGS, ids=lambda bug: bug.seen_in)
def test_bugs_that_public_clients_shipped(bug: ShippedBug) -> None:
    """Each bug that was seen in a public client is planted, and found by all rules that are named for it."""
    found = set[str]()
    for name in bug.pairs:
        pair = BY_NAME[name]
        rules, ran = rules_found(pair)
        assert pair.rule in rules & set(bug.rules)
        found |= rules | ({BUDGET} if ran.outcome is None else set())
    assert set(bug.rules) <= found


def test_a_line_that_is_there_twice_is_refused() -> None:
    """A bug can only be planted in a line that is there once."""
    with pytest.raises(ValueError, match="2 lines are 'x'"):
        planted_source("x\nx\n", "x", "y")


def test_there_are_enough_styles() -> None:
    """Correct clients have at least 30 styles with different names, in seven runtimes and of both APIs."""
    assert len({style.name for style in STYLES}) == len(STYLES) >= 30
    assert len({style.runtime for style in STYLES}) == 7
    assert {api for style in STYLES for api in style.apis} == {"clado", "orbit"}


def test_mutants_differ() -> None:
    """Drawn mutants are different sources of all five kinds, and the same for the same seed."""
    drawn = drawn_mutations(SOURCE, 10, seed=1)
    assert len({mutation.source for mutation in drawn}) == 10
    assert {mutation.kind for mutation in drawn} == {"drop", "swap", "constant", "sign", "off by one"}
    assert drawn == drawn_mutations(SOURCE, 10, seed=1)


@pytest.mark.parametrize("name", ["clado/usual", "clado/slow", "orbit/usual", "clado/flaky", "orbit/not-retryable"])
def test_the_oracle_calls_the_reference_client_right(name: str) -> None:
    """The client that mutants are made of does nothing wrong, by the oracle and by the rules."""
    word = word_on([name], Mutation(kind="none", before="", after="", source=SOURCE))
    assert (word.wrong, word.found) == ([], [])


@pytest.mark.parametrize(
    ("pair", "word"),
    [
        ("no-wait", "limits"), ("retry-after-in-milliseconds", "Retry-After"), ("lost-answer-at-once", "limits"),
        ("waits-for-another-end", "end"), ("not-found-not-heeded", "limits"), ("replays-the-start", "credits"),
        ("raises-at-a-503", "result"), ("begins-at-page-two", "result"), ("mistypes-its-base", "routes"),
    ],
)  # fmt: skip
def test_the_oracle_calls_wrong_clients_wrong(pair: str, word: str) -> None:
    """The oracle names the kind of the wrong that a planted client does, without the rules."""
    source = BY_NAME[pair].sources()[1]
    said = word_on([str(BY_NAME[pair].played)], Mutation(kind="planted", before="", after="", source=source)).wrong
    assert word in {each.partition(":")[0] for each in said}


def test_a_mutant_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that computes without end, or sends without end, is stopped, and called wrong."""
    monkeypatch.setattr(client_mutants, "PROCESSOR_SECONDS", 0.3)
    line = "polls = 0"
    for becomes in ("while True: polls = 0", "while True: await self.ask(self.job_path(job), '')"):
        source = planted_source(SOURCE, line, becomes)
        word = word_on(["clado/usual"], Mutation(kind="planted", before="", after="", source=source))
        assert "result: the call doesn't end (clado/usual)" in word.wrong
