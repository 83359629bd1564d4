"""Small things every slice may use: no domain, no I/O."""
