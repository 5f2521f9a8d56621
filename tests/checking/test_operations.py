"""Operations are found by their names."""

from __future__ import annotations

import pytest

from jobmock import apis
from jobmock.checking.operations import operation_named
from jobmock.errors import UsageError


def test_unknown_operation() -> None:
    """An unknown operation is a usage error that names the nearest one."""
    with pytest.raises(UsageError, match=r"no operation 'stauts'. Allowed: start, status, .* Did you mean 'status'\?"):
        operation_named(apis.load("clado"), "stauts")
