"""The rules of a check, each with its kind, and a violation of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..errors import printable

KINDS = ("breaking", "additive", "cosmetic")
"""The kinds of violations, worst first. Breaking: something documented has changed that clients rely on. Additive:
there is more than the documents list. Cosmetic: the same in another form, which every client reads in the same way."""
Identity = tuple[str, ...]
"""What all occurrences of a violation share: API, operation, HTTP status, rule, pointer and found value."""


class Rule(NamedTuple):
    """What a rule finds, and the kind of its violations."""

    kind: str
    title: str


RULES = {
    "member-missing": Rule("breaking", "A required member is missing"),
    "member-refused": Rule("breaking", "A member is where no document allows it"),
    "type-changed": Rule("breaking", "A value has another type"),
    "value-unknown": Rule("breaking", "A value is not in a closed list"),
    "value-refused": Rule("breaking", "A value is outside its documented bounds"),
    "status-unknown": Rule("breaking", "A job has a status that no document knows"),
    "code-undocumented": Rule("breaking", "An operation answers with an HTTP status that no document lists"),
    "body-not-json": Rule("breaking", "The body is not JSON"),
    "content-type-other": Rule("breaking", "The content type is not JSON"),
    "job-other": Rule("breaking", "The answer is about another job than the one asked for"),
    "transition-illegal": Rule("breaking", "A status follows one that it can't follow"),
    "counter-back": Rule("breaking", "A counter goes back"),
    "results-shrink": Rule("breaking", "Results that were there are gone"),
    "page-arithmetic": Rule("breaking", "What a page says of itself doesn't add up"),
    "page-length": Rule("breaking", "A page has another number of results than it should"),
    "page-total-changed": Rule("breaking", "The total changes from answer to answer of a job that has ended"),
    "page-changed": Rule("breaking", "A page of a job that has ended shows others than before"),
    "page-overlap": Rule("breaking", "One result is on two pages"),
    "member-new": Rule("additive", "A member is in no document"),
    "value-new": Rule("additive", "An open list has a new value"),
    "content-type-form": Rule("cosmetic", "The content type is JSON in another form"),
    "byte-order-mark": Rule("cosmetic", "The body begins with a byte order mark"),
    "number-form": Rule("cosmetic", "A whole number is written with a fraction of zero"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveViolation:
    """A place where an answer leaves the contract.

    `pointer` has `*` for every index of a list. `found` is the type or word that was found, a part of the identity.
    `message` names members, types, counts and words of lists only: answers are full of personal data. `document` is
    the document that the answer was judged by, `places` are the schemas in it (`clado/status.json#/required`), `at` is
    the pointer with its indexes, and `source` is the section that documents it, such as `schemas/clado/README.md#4.3`.
    """

    rule: str
    api: str
    operation: str
    status: int
    pointer: str = ""
    found: str = ""
    message: str
    source: str = ""
    document: str = ""
    places: tuple[str, ...] = ()
    at: str = ""

    @property
    def kind(self) -> str:
        """`breaking`, `additive` or `cosmetic`."""
        return RULES[self.rule].kind

    @property
    def identity(self) -> Identity:
        """What all occurrences of this violation share."""
        return self.api, self.operation, str(self.status), self.rule, self.pointer, self.found

    @property
    def where(self) -> str:
        """The operation, the HTTP status and the pointer, on one line."""
        return f"{self.api} {self.operation} {self.status} {printable(self.pointer) or '/'}"

    @property
    def words(self) -> str:
        """The message, and the section that documents the rule."""
        return f"{self.message} ({self.source})" if self.source else self.message

    def __str__(self) -> str:
        return f"{self.kind} {self.rule}: {self.where}: {self.words}"
