"""What tasks are grouped by: projects, boards with their lists, and labels."""
