"""The seam to an API: what its package gives, and what it is given with each request."""
