"""A client that didn't reach the mock: in which way, and what its user should look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .. import apis

Variables = Sequence[tuple[str, str]]
"""Names and values of `--env`."""


class Unasked(NamedTuple):
    """How a client didn't reach the mock: in a few words, in a sentence without its subject, and what to look at."""

    kind: str
    sentence: str
    question: str


def no_request(names: Sequence[str], own: Variables, *, intercept: bool) -> Unasked:
    """Return in words that no API was asked. The client is meant for the APIs with these names.

    `own` are the variables that the user forms for it. With `intercept` it may call the real hosts.
    """
    question = f"is its base URL taken from {_variables(names, 'BASE_URL', 'url', own)}"
    if intercept:
        hosts = _alternatives(apis.load(name).host for name in names)
        question += f", or does it call {hosts} by the proxy that HTTPS_PROXY names"
    return Unasked("no API was asked", "asked no API", f"{question}?")


def no_key(names: Sequence[str], own: Variables) -> Unasked:
    """Return in words that no request had a key."""
    question = f"is its key taken from {_variables(names, 'API_KEY', 'key', own)}?"
    return Unasked("no request had a key", "sent no request with a key that an API accepts", question)


def _variables(names: Sequence[str], variable: str, member: str, own: Variables) -> str:
    """Return the variables that have a member of these APIs, as alternatives."""
    placeholders = [f"{{{name}.{member}}}" for name in names]
    formed = [name for name, text in own if any(placeholder in text for placeholder in placeholders)]
    return _alternatives([*formed, *(f"{name.upper()}_{variable}" for name in names)])


def _alternatives(words: Iterable[str]) -> str:
    *others, last = dict.fromkeys(words)
    return " or ".join(filter(None, (", ".join(others), last)))
