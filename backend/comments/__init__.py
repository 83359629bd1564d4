"""Comments on tasks: what people say to each other about them."""
