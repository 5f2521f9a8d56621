"""The pytest plugin of jobmock: fixtures, a marker, options, and the report of a failed test.

It is loaded in every pytest run of its environment. So before a test uses a fixture, it imports nothing of jobmock but
what finds the names of the APIs.
"""
