"""Activity: what happened in a workspace, as its people may read it."""
