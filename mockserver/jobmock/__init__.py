"""jobmock: a stand-in for the Clado deep-research and Orbit Deep Search APIs, to test the clients that poll them."""

__version__ = "0.1.0"
