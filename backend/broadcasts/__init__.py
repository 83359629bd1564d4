"""Broadcasts: staff tell many people something at once."""
