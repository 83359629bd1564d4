"""Statistics: how many tasks a workspace has, of what kind, and whose."""
