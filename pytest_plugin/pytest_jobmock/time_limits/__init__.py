"""How long a test's client may run, and how a client that runs for too long is stopped."""
