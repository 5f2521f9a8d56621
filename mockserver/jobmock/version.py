"""The version of jobmock."""

__version__ = "0.1.0"
