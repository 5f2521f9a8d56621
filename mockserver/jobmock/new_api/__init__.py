"""Writes a package with an API of the user's own, from a template or from an OpenAPI document."""
