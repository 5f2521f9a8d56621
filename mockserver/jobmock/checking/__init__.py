"""Checking: live and recorded answers, judged against the contract and reported."""
