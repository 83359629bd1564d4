"""Many commands on tasks in one request."""
