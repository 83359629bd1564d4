"""Undo: what a command did to documents, and putting them back."""
