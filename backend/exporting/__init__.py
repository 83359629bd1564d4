"""Everything of a person as one archive, and from an archive back into a database."""
