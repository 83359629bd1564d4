"""Deliveries: what was decided about each notification by each channel, seen by staff."""
