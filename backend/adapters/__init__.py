"""The outside world: one port and its real implementation per file."""
