"""The clients under test: a Python callable, or a command of any language."""
