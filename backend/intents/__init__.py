"""Intents: commands that an app wrote down while it was offline, carried out once."""
