"""Checks that each member of an API, its operations and its pages has the form that it needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..dialect.api import Operation
from ..engine.pagination import Paging
from ..errors import Problem
from .checked_api import CheckedApi, in_text
from .forms import API_FORMS, OPERATION_FORMS, PAGING_FORMS, wrong_forms


def check_members(subject: CheckedApi) -> Iterator[Problem]:
    """Yield the members of another form than they need. Without that form nothing else can be checked."""
    api = subject.api
    for member, text in wrong_forms(api, API_FORMS):
        yield subject.at(member, message=text)
    operations: Any = api.operations if isinstance(api.operations, tuple | list) else ()
    for number, operation in enumerate(operations):
        if isinstance(operation, Operation):
            for member, text in wrong_forms(operation, OPERATION_FORMS):
                message = f"In the {in_text(operation)}, {text}"
                yield subject.at("operations", number, member, message=message, same=text)
    if isinstance(api.paging, Paging):
        for member, text in wrong_forms(api.paging, PAGING_FORMS):
            yield subject.at("paging", member, message=f"In `paging`, {text}")
