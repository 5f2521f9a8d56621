"""The pytest plugin of jobmock: fixtures, a marker, options, the wording of failures.

It is loaded in every pytest run of its environment, so it imports nothing of jobmock before a fixture is asked for.
"""
