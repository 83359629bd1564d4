"""Trash: what was thrown away goes for good after 30 days, with everything that belongs to it."""
