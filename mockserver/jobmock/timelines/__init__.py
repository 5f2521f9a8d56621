"""Timelines: what jobs did and what a client sent, over the mock's time, as SVG and HTML."""
