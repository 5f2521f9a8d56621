"""The engine: pure rules of jobs, pages, faults, limits and credits, and the namespace of each key."""
