"""HTTP that belongs to no noun."""
