"""Tasks: the people's to-dos."""
