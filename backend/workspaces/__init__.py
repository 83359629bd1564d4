"""Workspaces and their members: the one place where permission is decided."""
