"""Runs a client's command against the mock, and reports what it did."""
