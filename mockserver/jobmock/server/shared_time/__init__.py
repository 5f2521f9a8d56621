"""Processes that share the clock of a key: it moves to the earliest reading for which one waits, once all of them wait.

`calls` answers their control calls. `group` decides when the clock moves.
"""
