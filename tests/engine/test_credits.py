"""A ledger charges no more than its balance, which never falls below zero."""

from __future__ import annotations

import pytest

from jobmock.engine.credits import OPENING_BALANCE, Ledger


def test_a_ledger_opens_with_ten_thousand() -> None:
    """By default a key begins with 10,000 credits."""
    assert Ledger().balance == OPENING_BALANCE == 10_000


@pytest.mark.parametrize(
    ("opening", "amount", "taken"), [(10, 0, 0), (10, 4, 4), (10, 10, 10), (10, 11, 10), (0, 5, 0)]
)
def test_charge_goes_as_far_as_the_balance(opening: int, amount: int, taken: int) -> None:
    """A charge never takes more than the balance, and returns how much it took."""
    ledger = Ledger(opening)
    assert (ledger.charge(amount), ledger.balance) == (taken, opening - taken)


def test_refund_gives_back() -> None:
    """A refund adds to the balance, also beyond the opening one."""
    ledger = Ledger(5)
    ledger.charge(5)
    ledger.refund(8)
    assert ledger.balance == 8


def test_reset_goes_back_to_the_opening_balance() -> None:
    """A reset forgets every charge and refund, and keeps the opening balance."""
    ledger = Ledger(7)
    ledger.charge(3)
    ledger.refund(100)
    ledger.reset()
    assert (ledger.balance, ledger.opening) == (7, 7)
