"""A violation of the contract in a body."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A violation of the contract in a body: `breaking`, or `additive` for a member that no document lists."""

    pointer: str
    message: str
    kind: str = "breaking"
    source: str = ""

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"
