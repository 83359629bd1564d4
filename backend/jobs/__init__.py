"""Scheduled work: who runs it."""
