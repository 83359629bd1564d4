"""People without an account: 24 hours of everything, then an account, a merge, or nothing left."""
