"""A ledger of credits: what a key has, and what it is charged."""

from __future__ import annotations

OPENING_BALANCE = 10_000


class Ledger:
    """The balance of one namespace, in credits; it never goes below zero."""

    __slots__ = ("balance", "opening")

    def __init__(self, opening: int = OPENING_BALANCE) -> None:
        self.opening = self.balance = opening

    def charge(self, amount: int) -> int:
        """Take credits, as far as the balance goes; return how many that is."""
        taken = min(amount, self.balance)
        self.balance -= taken
        return taken

    def refund(self, amount: int) -> None:
        """Give credits back."""
        self.balance += amount

    def set(self, balance: int, *, opening: bool = False) -> None:
        """Change the balance, and with `opening` also what a reset goes back to."""
        self.balance = balance
        self.opening = balance if opening else self.opening

    def reset(self) -> None:
        """Go back to the opening balance."""
        self.balance = self.opening
