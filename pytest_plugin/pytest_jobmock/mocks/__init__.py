"""The mocks that tests hold: in this process, on a running server, or the real API in a mock's place."""
