"""The pytest plugin of jobmock: fixtures, a marker, options, and the report of a failed test.

It is loaded in every pytest run of its environment. So it imports nothing of jobmock before a test uses a fixture.
"""
