"""What can go wrong around the local stack, said so that a person knows what to do next."""

EXIT_CODE = 2


class Problem(Exception):
    """
    A failure a person can do something about.

    Its text is one or two clear sentences that name the cause and the remedy. Programs of the
    local stack print it and exit with `EXIT_CODE`; a stack trace would only hide it.
    """
