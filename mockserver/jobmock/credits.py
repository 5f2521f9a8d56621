"""A ledger of credits: what a key has, what it may spend."""

from __future__ import annotations

OPENING_BALANCE = 10_000


class Ledger:
    """The balance of one namespace, in credits; it never goes below zero by a `spend`."""

    __slots__ = ("balance", "opening")

    def __init__(self, opening: int = OPENING_BALANCE) -> None:
        self.opening = self.balance = opening

    def spend(self, amount: int) -> bool:
        """Take credits and return True, or leave the balance as it is and return False where it is short."""
        if amount > self.balance:
            return False
        self.balance -= amount
        return True

    def charge(self, amount: int) -> int:
        """Take what was earned already, as far as the balance goes; return how much that is."""
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
