"""The credit balance of a key."""

from __future__ import annotations

OPENING_BALANCE = 10_000


class Ledger:
    """The balance of one namespace, in credits. It never goes below zero."""

    __slots__ = ("balance", "opening")

    def __init__(self, opening: int = OPENING_BALANCE) -> None:
        self.opening = self.balance = opening

    def charge(self, amount: int) -> int:
        """Take up to `amount` credits, and return how many were taken: no more than the balance."""
        taken = min(amount, self.balance)
        self.balance -= taken
        return taken

    def refund(self, amount: int) -> None:
        """Give credits back."""
        self.balance += amount

    def set(self, balance: int, *, opening: bool = False) -> None:
        """Set the balance; with `opening`, set the opening balance too."""
        self.balance = balance
        self.opening = balance if opening else self.opening

    def reset(self) -> None:
        """Go back to the opening balance."""
        self.balance = self.opening
