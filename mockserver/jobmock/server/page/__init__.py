"""The page of a running server: its files, and the stream of events that keeps it up to date."""
