"""Tasks that move to another workspace, with everything that belongs to them."""
