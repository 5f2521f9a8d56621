"""Runs commands that are clients of the mock, and reports what they did."""
