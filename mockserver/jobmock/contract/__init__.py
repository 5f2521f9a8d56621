"""The contract: the documents of `schemas/`, and what of a body breaks them."""
