"""The reactor: from a document and what was last seen of it to everything that must follow."""
