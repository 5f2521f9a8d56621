"""The public names for checking live answers."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jobmock import live


def test_public_names() -> None:
    """Every name in `__all__` can be imported, and `__all__` is sorted."""
    assert [name for name in live.__all__ if not callable(getattr(live, name))] == []
    assert sorted(live.__all__) == live.__all__


def test_unknown_name() -> None:
    """Any other name is an AttributeError that names the module."""
    with pytest.raises(AttributeError, match=r"^module 'jobmock\.live' has no attribute 'Contracts'$"):
        getattr(live, "Contracts")  # noqa: B009


def test_import_is_lazy() -> None:
    """To import `jobmock.live` imports none of its modules and no client library, because the plugin does it."""
    code = "import sys, jobmock.live; print(*(name for name in sys.modules if name.startswith(('jobmock.c', 'httpx'))))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
