"""The service: one request, from its head to its reply. No input or output."""
