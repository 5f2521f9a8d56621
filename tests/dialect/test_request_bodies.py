"""Bodies of requests that an API refuses by their schemas."""

from __future__ import annotations

from typing import Any

import pytest
from tests.dialect.test_defaults import FRYER, call

from jobmock.contract import documents
from jobmock.dialect import Operation, Refused, RequestContext, checked_body

NOTHING: Any = None
FRY = Operation(name="fry", method="POST", path="/fryers", answer=NOTHING, replies={})
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["oil"],
    "properties": {"oil": {"type": "string"}, "degrees": {"type": "integer", "maximum": 190}},
}  # fmt: skip


def asked(body: bytes) -> RequestContext:
    """Return a request with a body, for the operation `fry`."""
    made = call(FRYER)
    made.operation, made.request = FRY, made.request._replace(body=body)
    return made


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{bad", "The body isn't JSON."),
        (b"", "The body isn't JSON."),
        (b"[]", "The body is wrong at its root: [] is not of type 'object'"),
        (b'{"degrees": 1}', "The body is wrong at its root: 'oil' is a required property."),
        (b'{"oil": 3}', "The body is wrong at /oil: 3 is not of type 'string'"),
        (b'{"oil": "x", "degrees": 200}', "The body is wrong at /degrees: 200 is greater than the maximum of 190"),
    ],
)
def test_a_body_that_its_schema_refuses(body: bytes, text: str) -> None:
    """It is refused with the error that is named, and a sentence about its first fault."""
    with documents.replaced({"deep_fryer/fry-request.json": SCHEMA}), pytest.raises(Refused) as refused:
        checked_body(asked(body), "gone")
    assert refused.value.name == "gone" and (refused.value.text or "").startswith(text)


def test_a_body_that_is_allowed() -> None:
    """A body that the schema allows is returned, with members that it doesn't list; and any without a schema."""
    with documents.replaced({"deep_fryer/fry-request.json": SCHEMA}):
        assert checked_body(asked(b'{"oil": "x", "salt": 1}'), "gone") == {"oil": "x", "salt": 1}
    assert checked_body(asked(b"[7]"), "gone") == [7]
