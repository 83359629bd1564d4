"""How webargs reads our requests."""

from webargs.flaskparser import FlaskParser


class StrictParser(FlaskParser):
    """Takes the body as the JSON gate has read it, and refuses unknown query parameters."""
