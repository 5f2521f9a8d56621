"""The server: the Starlette application, its control API, and what runs it on a port."""
