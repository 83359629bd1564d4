"""Digests: what a day or a week of somebody looks like, at an hour of their own."""
