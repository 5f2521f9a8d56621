"""The pytest plugin of jobmock: fixtures, marker, options. Its first fixtures come with the next release."""
