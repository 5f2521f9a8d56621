"""Reports on a client of the mock: its verdict, the story of its requests, and the files with its traffic."""
