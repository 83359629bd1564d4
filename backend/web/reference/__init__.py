"""The reference in a browser, `/docs` and `/redoc`, from files of our own."""
