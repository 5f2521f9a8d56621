"""Checks the package of an API: its tables against its schemas, the answers that it makes, and its scenarios.

Each module has one kind of check. `checks` is the table of all kinds, and runs them.
"""

from .checks import check_api

__all__ = ["check_api"]
