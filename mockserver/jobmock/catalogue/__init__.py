"""The catalogue: scenario files by name, compiled and held against their API; a server's own limits and switches."""
