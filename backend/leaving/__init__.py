"""Leaving: everything that belongs to a person or a workspace, and how it goes for good."""
